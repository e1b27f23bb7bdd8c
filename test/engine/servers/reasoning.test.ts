import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { asyncthink } from "../../../src/core/dialects/bundled/index.ts";
import type { RunEvent } from "../../../src/run/events.ts";
import type { RunResult } from "../../../src/run/result.ts";
import { createRunner } from "../../../src/run/runner.ts";
import { readTrace } from "../../../src/trace/reader.ts";
import { replayTrace } from "../../../src/trace/replay.ts";
import { createTrace } from "../../../src/trace/writer.ts";
import { chats, delta, engineOn, events } from "./plain-server.ts";
import type { PlainRequest } from "./plain-server.ts";

const messages = [{ role: "user", content: "Q" }];

async function runOn(stream: (request: PlainRequest) => string): Promise<{ result: RunResult; seen: RunEvent[] }> {
  const { engine } = await engineOn(chats((request) => ({ body: stream(request) })));
  const seen: RunEvent[] = [];
  const run = createRunner({ engine, dialect: { ...asyncthink, instructions: undefined } }).run(
    { messages },
    { onEvent: (event) => seen.push(event) },
  );
  return { result: await run.result, seen };
}

const thought = (fields: object): object => ({
  choices: [{ delta: { content: null, ...fields }, finish_reason: null }],
});

describe("thinking that a server keeps apart from the text", () => {
  it.each<[string, object]>([
    ["reasoning_content", thought({ reasoning_content: "Hm. " })],
    ["reasoning", thought({ reasoning: "Hm. " })],
    ["both names of the same", thought({ reasoning: "Hm. ", reasoning_content: "Hm. " })],
    ["a thinking part (Mistral)", delta([{ type: "thinking", thinking: [{ type: "text", text: "Hm. " }] }])],
    ["a thinking part (Anthropic)", delta([{ type: "thinking", thinking: "Hm. ", signature: "" }])],
  ])("is in the result and in events of its own: %s", async (_, part) => {
    const { result, seen } = await runOn(() => events(part, part, delta("<ANSWER>4</ANSWER>"), delta("", "stop")));
    expect(result).toMatchObject({ text: "<ANSWER>4</ANSWER>", reasoning: "Hm. Hm. ", complete: true });
    const texts = seen.flatMap((event) => (event.type === "reasoning" ? [event.threadId, event.text] : []));
    expect(texts.join("")).toMatch(/^0Hm\. (?:0Hm\. |Hm\. )$/);
    expect(result.warnings.map(({ code }) => code)).toEqual(["text-mode"]);
  });

  it("is that of the thread whose call it came from", async () => {
    const { result } = await runOn(({ body }) => {
      const { length } = body["messages"] as unknown[];
      const text = JSON.stringify(body["messages"]);
      if (text.includes("2 + 2!") && length === 1)
        return events(thought({ reasoning: "small" }), delta("<RETURN>4</RETURN>", "stop"));
      if (length === 1)
        return events(thought({ reasoning: "big. " }), delta("<FORK-1>2 + 2!</FORK-1><JOIN-1>", "stop"));
      return events(thought({ reasoning: "done." }), delta("<ANSWER>4</ANSWER>", "stop"));
    });
    expect(result.reasoning).toBe("big. done.");
    expect(result.threads).toMatchObject([{ reasoning: "small" }]);
  });

  it("an answer that is all thinking and ran out says so", async () => {
    const { result } = await runOn(() => events(thought({ reasoning: "Hm. Hm. Hm." }), delta(null, "length")));
    expect(result).toMatchObject({ text: "", reasoning: "Hm. Hm. Hm.", finishReason: "length", complete: false });
    expect(result.warnings.at(-1)).toMatchObject({
      code: "only-reasoning",
      message: expect.stringMatching(
        /all that the model wrote is thinking .* ran out of .*: allow it more tokens/,
      ) as string,
    });
  });

  it("is in traces, which give it again, and in none that is without text", async () => {
    const folder = mkdtempSync(join(tmpdir(), "threadweaver-reasoning-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const body = events(thought({ reasoning: "Hm. " }), delta("<ANSWER>4</ANSWER>", "stop"));
    const { engine } = await engineOn(chats(() => ({ body })));
    const runner = createRunner({ engine, dialect: { ...asyncthink, instructions: undefined } });
    const traced = async (
      name: string,
      text: boolean,
    ): Promise<{ path: string; seen: string[]; result: RunResult }> => {
      const path = join(folder, name);
      const recorder = createTrace(path, { text });
      const seen: string[] = [];
      const onEvent = (event: RunEvent): void => void seen.push(JSON.stringify(event));
      const result = await runner.run({ messages }, { recorder, onEvent }).result;
      await recorder.close();
      return { path, seen, result };
    };
    const { path, seen, result } = await traced("all.jsonl", true);
    const again: string[] = [];
    const replayed = replayTrace(await readTrace(path), { onEvent: (event) => again.push(JSON.stringify(event)) });
    expect(again).toEqual(seen);
    expect(replayed.result?.reasoning).toBe(result.reasoning);
    const without = await traced("none.jsonl", false);
    expect(readFileSync(without.path, "utf8")).not.toContain("Hm");
  });

  it("counts as generated, by the server's count", async () => {
    const usage = { choices: [], usage: { prompt_tokens: 3, completion_tokens: 50 } };
    const { result } = await runOn(() =>
      events(thought({ reasoning: "Hm." }), delta("<ANSWER>4</ANSWER>", "stop"), usage),
    );
    expect(result.tokens.generated).toBe(50);
  });
});
