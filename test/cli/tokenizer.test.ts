import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { openEngine } from "../../src/cli/engine.ts";
import type { EngineChoice } from "../../src/cli/engine.ts";
import { startFakeServer } from "../../src/testing/index.ts";
import { cli, temporaryFolder } from "./support.ts";

const folder = fileURLToPath(new URL("../../models/hf", import.meta.url));

describe("--tokenizer", () => {
  it("has run encode and decode here", async () => {
    await using server = await startFakeServer({ model: () => "\\boxed{4}" });
    const args = ["run", "Q: 2+2\n", "--engine", server.baseURL, "--tokenizer", folder, "--json"];
    const { opened } = await cli(args, { engine: () => Promise.reject(new Error("only what is asked for matters")) });
    expect(opened).toMatchObject([{ kind: "server", baseURL: server.baseURL, tokenizer: folder }]);
    const [choice] = opened as [EngineChoice];
    const engine = await openEngine(choice);
    const ran = await cli(args, { engine });
    expect(JSON.parse(ran.stdout)).toMatchObject({ content: "\\boxed{4}" });
    expect(server.requests.filter((line) => line.includes("tokenize"))).toEqual(["POST /tokenize"]);
  });

  it("has probe do so", async () => {
    await using server = await startFakeServer({ model: () => "yes" });
    const { code, stdout } = await cli(["probe", server.baseURL, "--tokenizer", folder, "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ tier: "ids", bos: 256, eos: [257], vocabularySize: 269 });
    expect(server.requests.filter((line) => line.includes("tokenize"))).toEqual(["POST /tokenize"]);
  });

  it("says what a folder lacks", async () => {
    await using server = await startFakeServer({ model: () => "yes" });
    const path = temporaryFolder();
    mkdirSync(path("model"));
    writeFileSync(path("model/config.json"), "{}");
    for (const name of ["model", "nowhere"]) {
      const { code, stdout, stderr } = await cli(["probe", server.baseURL, "--tokenizer", path(name)]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toMatch(name === "model" ? /model has no tokenizer\.json/ : /nowhere: ENOENT/);
    }
  });

  it("is a mistake with a model in this process", async () => {
    const { code, stderr } = await cli(["run", "x", "--tokenizer", folder]);
    expect(code).toBe(2);
    expect(stderr).toContain("--tokenizer is for servers: the model file of --engine llama holds its own.");
  });
});
