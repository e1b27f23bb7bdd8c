import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { ThreadweaverError } from "../../src/errors.ts";
import type { RunResult } from "../../src/run/result.ts";
import { createRunner } from "../../src/run/runner.ts";
import { readTrace } from "../../src/trace/reader.ts";
import { replayTrace } from "../../src/trace/replay.ts";
import { appendTrace, createTrace } from "../../src/trace/writer.ts";
import { scriptedEngine, type Script } from "../run/scripted-engine.ts";
import { continuingModel } from "./continuing.ts";
import { failure, tear, temporaryFolder } from "./support.ts";

const model = continuingModel("Q", [" odd: €7.\n", " even: 5.\n"]);
const answer = (context: string): Script => ({ text: model(context) });
const runnerOn = (engine: Engine) => createRunner({ engine, dialect: threadweaver, random: () => 0.5 });

/** The trace of a whole run, as bytes. */
async function whole(path: string): Promise<{ bytes: Buffer; result: RunResult }> {
  const recorder = createTrace(path);
  const result = await runnerOn(scriptedEngine(answer)).run({ prompt: "Q" }, { recorder, tree: true }).result;
  await recorder.close();
  return { bytes: readFileSync(path), result };
}

async function resume(path: string, engine: Engine = scriptedEngine(answer)): Promise<RunResult> {
  const trace = await readTrace(path);
  const recorder = await appendTrace(trace);
  const { result } = runnerOn(engine).resume(trace, { recorder, tree: true, retry: false });
  try {
    return await result;
  } finally {
    await recorder.close();
  }
}

const idsOf = ({ tree }: RunResult) => tree?.segments.map(({ ids, texts }) => ({ ids, texts }));

describe("a run whose trace ends anywhere", () => {
  it("goes on from its last token, and its trace is whole again", async () => {
    const path = temporaryFolder()("trace.jsonl");
    const { bytes, result } = await whole(path);
    const header = bytes.indexOf("\n") + 1;
    const first = bytes.indexOf("\n", header) + 1;
    const last = bytes.lastIndexOf("\n{") + 1; // of all but the end
    const { generated, inserted, wasted, criticalPath } = result.tokens;
    for (let end = first; end <= last; end += 53) {
      writeFileSync(path, bytes.subarray(0, end));
      const torn = bytes[end - 1] !== 10;
      expect((await readTrace(path)).torn).toBe(torn);
      const resumed = await resume(path);
      expect(resumed.text).toBe(result.text);
      expect(idsOf(resumed)).toEqual(idsOf(result));
      expect(resumed.tokens).toMatchObject({ generated, inserted, wasted, criticalPath });
      const trace = await readTrace(path);
      expect(trace.torn).toBe(false);
      expect(replayTrace(trace)).toMatchObject({ proof: "equal", differences: [] });
    }
  });

  it("loses what the interruption left behind, and goes on as often as it is interrupted", async () => {
    const path = temporaryFolder()("trace.jsonl");
    const { result } = await whole(temporaryFolder()("other.jsonl"));
    const recorder = createTrace(path);
    const first = scriptedEngine((context) => ({
      ...answer(context),
      ...(context.endsWith("2:") && { after: "hang" }),
    }));
    const run = runnerOn(first).run(
      { prompt: "Q" },
      { recorder, onEvent: (event) => event.type === "thread-end" && run.abort("enough") },
    );
    expect((await failure(run.result)).code).toBe("aborted");
    await recorder.close();
    expect(readFileSync(path, "utf8")).toContain('"t":"stop"');
    const failing = scriptedEngine((context) => ({
      text: model(context).replace(/^(?:<[^]*|(.{3})[^]*)$/, "$1"),
      after: "break",
    }));
    await expect(resume(path, failing)).rejects.toThrow("the connection was closed");
    expect(readFileSync(path, "utf8")).not.toContain('"t":"stop"');
    expect((await readTrace(path)).end?.error?.code).toBe("engine_failed");
    const resumed = await resume(path);
    expect(resumed.text).toBe(result.text);
    expect(replayTrace(await readTrace(path))).toMatchObject({ proof: "equal", error: undefined });
  });

  it("is left as it was by an attempt to resume that fails", async () => {
    const path = temporaryFolder()("trace.jsonl");
    const { bytes } = await whole(path);
    const cut = bytes.subarray(0, bytes.lastIndexOf('"texts"') - 500);
    writeFileSync(path, cut);
    const other = scriptedEngine(answer);
    const tokenizer = { ...other.tokenizer, vocabularySize: 5 };
    await expect(resume(path, { ...other, tokenizer })).rejects.toThrow("cannot go on with");
    expect(readFileSync(path)).toEqual(cut);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("goes on without its trace where something else has written to that since", async () => {
    const path = temporaryFolder()("trace.jsonl");
    const { bytes, result } = await whole(path);
    tear(path, 20);
    const trace = await readTrace(path);
    const recorder = await appendTrace(trace);
    writeFileSync(path, bytes);
    const resumed = await runnerOn(scriptedEngine(answer)).resume(trace, { recorder }).result;
    expect(resumed.text).toBe(result.text);
    await recorder.close().catch((error: unknown) => expect(ThreadweaverError.isInstance(error)).toBe(true));
    expect(readFileSync(path)).toEqual(bytes);
  });

  it("is left as it was where the run came to its end, which gives its result again", async () => {
    const path = temporaryFolder()("trace.jsonl");
    const { bytes, result } = await whole(path);
    const engine = scriptedEngine(answer);
    const again = await resume(path, engine);
    expect(again.text).toBe(result.text);
    expect(engine.requests).toEqual([]);
    expect(readFileSync(path)).toEqual(bytes);
  });

  it("must be there to be added to, and hold everything", async () => {
    const path = temporaryFolder()("trace.jsonl");
    await whole(path);
    const trace = await readTrace(path);
    const gone = { ...trace, path: `${path}.none` };
    expect(await failure(appendTrace(gone))).toMatchObject({ code: "file" });
    expect(existsSync(gone.path)).toBe(false);
    expect((await failure(appendTrace({ ...trace, content: "none" }))).message).toContain(
      "cannot be resumed, because it was written without text",
    );
  });
});
