import { describe, expect, it, onTestFinished } from "vitest";
import { threadweaver } from "../../../src/core/dialects/bundled/index.ts";
import { createEngine, probeServer } from "../../../src/engine/openai.ts";
import type { ServerReport } from "../../../src/engine/detect/server-report.ts";
import { createRunner } from "../../../src/run/runner.ts";
import { startFakeServer } from "../../../src/testing/index.ts";
import type { FakeKind } from "../../../src/testing/index.ts";
import { chats, engineOn, plainServer } from "./plain-server.ts";

/** As `probe --json` writes it and `--report` reads it. */
const throughJson = (report: ServerReport): ServerReport => JSON.parse(JSON.stringify(report)) as ServerReport;

describe("an engine with a report", () => {
  it.each<FakeKind>(["vllm", "sglang", "sglang-native", "llamacpp", "text", "chat"])(
    "is the same as one without, after one request: %s",
    async (kind) => {
      await using server = await startFakeServer({ kind, model: () => "yes" });
      const controls = ["<Custom>"];
      await using first = await createEngine({ baseURL: server.baseURL, controls });
      const before = server.requests.length;
      const report = throughJson(first.report);
      await using second = await createEngine({ baseURL: server.baseURL, controls, report });
      expect(server.requests.slice(before)).toEqual(["GET /v1/models"]);
      expect(second.report).toEqual(first.report);
      expect(second).toMatchObject({ tier: first.tier, model: first.model, contextTokens: first.contextTokens });
      expect(second.tokenizer).toMatchObject({ bos: first.tokenizer.bos, eos: [...first.tokenizer.eos] });
      expect(second.tokenizer.controls).toEqual(first.tokenizer.controls);
      const input = kind === "chat" ? { messages: [{ role: "user", content: "Q" }] } : { prompt: "Q" };
      const [one, two] = await Promise.all(
        [first, second].map(
          (engine) => createRunner({ engine, dialect: threadweaver }).run(input, { mode: "sequential" }).result,
        ),
      );
      expect(two?.text).toBe("yes");
      expect(two?.warnings).toEqual(one?.warnings);
    },
  );

  it("takes the report of the probe too, and keeps what was measured", async () => {
    await using server = await startFakeServer({ model: () => "a", cacheBlock: 32 });
    const report = throughJson(await probeServer({ baseURL: server.baseURL }));
    await using engine = await createEngine({ baseURL: server.baseURL, report });
    expect(engine.report.forkCost).toBe("aligned(32)");
  });

  it("looks up only the control strings that the report does not know", async () => {
    await using server = await startFakeServer({ model: () => "a", controls: ["<Mine>", "</Mine>"] });
    await using first = await createEngine({ baseURL: server.baseURL });
    const before = server.requests.length;
    const { report } = first;
    await using engine = await createEngine({ baseURL: server.baseURL, report, controls: ["<Mine>", "</Mine>"] });
    expect(engine.tokenizer.controls).toEqual(expect.arrayContaining(["<Mine>", "</Mine>"]));
    expect(server.requests.length - before).toBe(3);
  });

  it("is refused where the server has another model by now", async () => {
    await using old = await startFakeServer({ model: () => "a", modelName: "old" });
    await using first = await createEngine({ baseURL: old.baseURL });
    await using other = await startFakeServer({ model: () => "a", modelName: "new" });
    await expect(createEngine({ baseURL: other.baseURL, report: first.report })).rejects.toMatchObject({
      code: "engine_refused",
      message: `${other.baseURL} no longer has the model old of the report. It has: new Probe it again.`,
    });
    await expect(createEngine({ baseURL: old.baseURL, report: first.report, model: "x" })).rejects.toMatchObject({
      code: "invalid_option",
      message: expect.stringContaining("The report is of the model old, not of x") as string,
    });
  });

  it("needs no list of models, like one without", async () => {
    const { engine, server } = await engineOn(
      (request) => (request.path === "/v1/models" ? undefined : chats(() => ({ body: "" }))(request)),
      { model: "m" },
    );
    const before = server.requests.length;
    const again = await createEngine({ baseURL: server.address, report: throughJson(engine.report) });
    onTestFinished(() => again.close());
    expect(again.model).toBe("m");
    expect(server.requests.length - before).toBe(1);
  });

  it.each([{}, { kind: "vllm" }, "report.json"])("is refused with what is none: %j", async (report) => {
    await expect(createEngine({ baseURL: "http://127.0.0.1:9", report: report as never })).rejects.toMatchObject({
      code: "invalid_option",
      message: expect.stringContaining("what engine.report is, or what threadweaver probe --json prints") as string,
    });
  });
});

describe("connecting", () => {
  it.each([createEngine, probeServer] as const)("can be given up at any time", async (connect) => {
    const server = await plainServer(() => ({ body: [": wait\n\n"] }));
    const silent = await startFakeServer({
      model: () => new Promise(() => {}),
      probed: () => new Promise(() => {}),
    });
    onTestFinished(() => silent.close());
    const controller = new AbortController();
    const connecting = connect({ baseURL: silent.baseURL, signal: controller.signal });
    const asked = async (): Promise<void> => {
      while (silent.requests.length < 4) await new Promise((resolve) => setImmediate(resolve));
    };
    await asked();
    controller.abort(new Error("enough"));
    await expect(connecting).rejects.toMatchObject({ code: "aborted", name: "AbortError" });
    await expect(connect({ baseURL: server.address, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "aborted",
    });
  });
});
