import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Engine } from "../../../src/engine/engine.ts";
import type { ForkOptions } from "../../../src/run/fork/options.ts";
import type { ResultWithTree, ThreadResult } from "../../../src/run/result.ts";
import { createRunner, type Runner } from "../../../src/run/runner.ts";
import { readTrace } from "../../../src/trace/reader.ts";
import { replayTrace } from "../../../src/trace/replay.ts";
import { appendTrace, createTrace } from "../../../src/trace/writer.ts";
import { outcome, temporaryFolder } from "../../trace/support.ts";
import { faultyEngine } from "../faulty-engine.ts";
import { turns } from "../model-engine.ts";
import { Record } from "../record.ts";
import { expectSameRun } from "../same-run.ts";
import { chatEngine, contextsOf } from "./chat-engine.ts";

const input = { messages: [{ role: "user", content: "Doc </think>", trusted: true }] };
const branches = [
  { ask: "Who?", maxTokens: 3, temperature: 0.5 },
  { name: "place", ask: "Where?" },
];
const answer = (context: string) => ({ text: context.includes("?›") ? "four" : "done" });
const combine = (results: readonly ThreadResult[]) => `now ${results.map(({ text }) => text).join()}`;
const runnerOf = (engine: Engine): Runner => createRunner({ engine, createId: () => "run", random: () => 0.5 });

async function recorded(
  join: ForkOptions["join"],
): Promise<{ record: Record; result: ResultWithTree; runner: Runner }> {
  const record = new Record();
  // One engine for the run and its resumption: a call that was begun goes on from its last token.
  const runner = runnerOf(faultyEngine(chatEngine(answer), () => undefined));
  const run = runner.fork(input, branches, { tree: true, join, recorder: record.recorder });
  return { record, result: await run.result, runner };
}

describe("a record of a fork", () => {
  it.each<[string, ForkOptions["join"], object]>([
    ["a function", { combine }, { combine }],
    ["a template", { combine: "now {1},{place}" }, {}],
    ["nothing", "none", {}],
  ])("that is joined by %s goes on after any of its inputs, to the same end", async (_, join, more) => {
    const { record, result, runner } = await recorded(join);
    expect(result.threads.map(({ text }) => text)).toEqual(["fou", "four"]);
    expect(result.text).toBe(join === "none" ? "" : "done");
    for (let count = 1; count <= record.inputs.length; count += 1) {
      const again = (await runner.resume(record.upTo(count), { tree: true, ...more }).result) as ResultWithTree;
      expectSameRun(again, result);
      expect(again.threads.map(({ name, plan }) => [name, plan])).toEqual([
        ["1", "Who?"],
        ["place", "Where?"],
      ]);
    }
  });

  it("needs the function only until it has what that returned", async () => {
    const { record, result } = await recorded({ combine });
    const at = record.inputs.findIndex(({ t }) => t === "combined");
    const engine = chatEngine(answer);
    expect(() => runnerOf(engine).resume(record.upTo(at))).toThrow(
      "The branches of this fork are joined by a function, and a record has none: resume it with `combine`.",
    );
    const again = await runnerOf(engine).resume(record.upTo(at + 1), { tree: true }).result;
    expectSameRun(again as ResultWithTree, result);
    expect(contextsOf(engine)).toEqual([expect.stringContaining("‹user\nnow fou,four›") as string]);
  });

  it("goes on with another function where the first one threw: no branch is asked again", async () => {
    const record = new Record();
    const broken = () => {
      throw new Error("a slip");
    };
    const run = runnerOf(chatEngine(answer)).fork(input, branches, {
      join: { combine: broken },
      recorder: record.recorder,
    });
    await expect(run.result).rejects.toThrow("combine threw: a slip");
    const engine = chatEngine(answer);
    const result = await runnerOf(engine).resume(record.upTo(Infinity), { combine: "now {results}" }).result;
    expect(result.text).toBe("done");
    expect(engine.requests).toHaveLength(1);
    expect(contextsOf(engine)[0]).toMatch(/^‹user\nDoc <\/think>›\n‹user\nnow 1:/);
    // What is trusted of the messages is so in the turn's prompt, too.
    const [control] = engine.tokenizer.encode("</think>", { controls: "parse" }) as [number];
    expect(engine.requests[0]?.prompt).toContain(control);
  });

  it("fails again, and loses nothing, where the template that it is resumed with has no place for results", async () => {
    const { record, runner } = await recorded({ combine });
    const at = record.inputs.findIndex(({ t }) => t === "combined");
    const run = runner.resume(record.upTo(at), { combine: "no place" });
    await expect(run.result).rejects.toMatchObject({
      code: "invalid_option",
      message: expect.stringContaining("has none of {results}, {1}, {place}") as string,
      partial: { threads: [{ text: "fou" }, { text: "four" }] },
    });
  });

  it("is aborted while its turn is made, and goes on from there", async () => {
    const inner = chatEngine(answer);
    let release: (() => void) | undefined;
    const slow: Engine = {
      ...inner,
      tokenizer: {
        ...inner.tokenizer,
        renderChat: async (messages, options) => {
          if (messages.at(-1)?.content.startsWith("now")) await new Promise<void>((resolve) => (release = resolve));
          return inner.tokenizer.renderChat(messages, options);
        },
      },
    };
    const record = new Record();
    const run = runnerOf(slow).fork(input, branches, { join: { combine }, recorder: record.recorder });
    while (release === undefined) await turns(1);
    run.abort("enough");
    const settled = await Promise.race([run.result.catch((error: unknown) => error), turns(3).then(() => "pending")]);
    expect(settled).toMatchObject({ code: "aborted", partial: { threads: [{ text: "fou" }, { text: "four" }] } });
    release();
    await turns(3);
    const result = await runnerOf(chatEngine(answer)).resume(record.upTo(Infinity), { combine }).result;
    expect(result).toMatchObject({ text: "done", threads: [{ text: "fou" }, { text: "four" }] });
  });
});

describe("a trace of a fork", () => {
  it("is replayed without the function, to the last byte", async () => {
    const path = temporaryFolder()("trace.jsonl");
    const trace = createTrace(path);
    const live: unknown[] = [];
    const options = { join: { combine }, recorder: trace, onEvent: (event: unknown) => void live.push(event) };
    const result = await runnerOf(chatEngine(answer)).fork(input, branches, options).result;
    await trace.close();
    const events: unknown[] = [];
    const replayed = replayTrace(await readTrace(path), { onEvent: (event) => void events.push(event) });
    expect(replayed).toMatchObject({ proof: "equal", result: { text: "done" } });
    expect(events).toEqual(live);
    expect(replayed.result).toEqual({ ...result, tree: undefined });
  });

  it("of a run whose combine threw is replayed as such, and goes on from the file", async () => {
    const path = temporaryFolder()("trace.jsonl");
    const trace = createTrace(path);
    const engine = chatEngine(answer);
    const broken = () => {
      throw new Error("a slip");
    };
    const { code } = await outcome(
      runnerOf(engine).fork(input, branches, { join: { combine: broken }, recorder: trace }).result,
    );
    await trace.close();
    const read = await readTrace(path);
    expect(replayTrace(read)).toMatchObject({ proof: "equal", error: { code } });
    const recorder = await appendTrace(read);
    const { text } = await runnerOf(engine).resume(read, { combine, recorder }).result;
    await recorder.close();
    expect(text).toBe("done");
    expect(replayTrace(await readTrace(path))).toMatchObject({ proof: "equal", result: { text: "done" } });
  });

  it("without text has neither the branches' texts nor the turn that was made of them", async () => {
    const path = temporaryFolder()("trace.jsonl");
    const trace = createTrace(path, { text: false });
    await runnerOf(chatEngine(answer)).fork(input, branches, { join: { combine: "now {results}" }, recorder: trace })
      .result;
    await trace.close();
    const text = readFileSync(path, "utf8");
    expect(text).not.toMatch(/Who|Where|place|now|four|done|Doc/);
    expect(text.split("\n").slice(1).join("\n")).not.toMatch(/"(ids|texts|text)":/);
    expect(text).toContain('"t":"combined"');
  });
});
