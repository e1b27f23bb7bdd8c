import { readFileSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { openEngine } from "../../src/cli/engine.ts";
import type { EngineChoice } from "../../src/cli/engine.ts";
import { startFakeServer } from "../../src/testing/index.ts";
import { cli, jsonLines, temporaryFolder } from "./support.ts";

const question = "Answer in <ANSWER></ANSWER>. Helpers answer in <RETURN></RETURN>.";

it("a chat-only server runs a file of messages, whose words on the format are text", async () => {
  await using server = await startFakeServer({
    kind: "chat",
    model(prompt) {
      if (!prompt.includes(question)) return "<RETURN>4</RETURN>";
      return prompt.includes("</JOIN-1>") ? "<ANSWER>8</ANSWER>" : "<FORK-1>2 + 2</FORK-1><JOIN-1>";
    },
  });
  const path = temporaryFolder();
  const messages = [{ role: "user", content: question }];
  writeFileSync(path("in.jsonl"), `${JSON.stringify({ id: "a", messages })}\n`);
  const args = ["run", "--engine", server.baseURL, "--dialect", "asyncthink", "--context-tokens", "4000"];
  args.push("--input", path("in.jsonl"), "--output", path("out.jsonl"));
  const asked = await cli(args, { engine: () => Promise.reject(new Error("only what is asked for matters")) });
  const engine = await openEngine((asked.opened as [EngineChoice])[0]);
  const { code, stderr } = await cli([...args, "--overwrite"], { engine });
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(jsonLines(readFileSync(path("out.jsonl"), "utf8"))).toMatchObject([
    { id: "a", text: "<FORK-1>2 + 2</FORK-1><JOIN-1>4</JOIN-1><ANSWER>8</ANSWER>" },
  ]);
});
