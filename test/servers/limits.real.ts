import { describe, expect, it } from "vitest";
import type { CompletionEvent, CompletionRequest } from "../../src/engine/engine.ts";
import { connect, encode, first, kind, recording, referenceCalls, runnerOn } from "./support.ts";

const request = (prompt: readonly number[], options: Partial<CompletionRequest> = {}): CompletionRequest => ({
  prompt,
  stop: { ids: [] },
  maxTokens: 4000,
  sampling: { temperature: 0, topP: 1 },
  signal: new AbortController().signal,
  ...options,
});

async function eventsOf(events: AsyncIterable<CompletionEvent>): Promise<CompletionEvent[]> {
  const all: CompletionEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

describe("the end of the server's context", () => {
  it("lies where the server says, or a little before", async () => {
    const engine = await connect();
    expect(engine.contextTokens).toBe(kind === "sglang" ? 2042 : 2048);
  });

  it("ends a call that reaches it, at the last token there is room for", async () => {
    const engine = await connect();
    const prompt = [256, ...Array.from({ length: engine.contextTokens - 2 }, () => 65)];
    const events = await eventsOf(engine.complete(request(prompt, { stop: { ids: [] } })));
    expect(events.at(-1)).toMatchObject({ type: "end", reason: "context" });
    const tokens = events
      .flatMap((event) => (event.type === "pieces" ? event.pieces : []))
      .flatMap(({ ids }) => ids ?? []);
    expect(tokens).toHaveLength(engine.contextTokens - prompt.length);
  });

  it("refuses a prompt that does not fit before sending it", async () => {
    const seen = recording();
    const engine = await connect({ fetch: seen.fetch });
    const tooLong = Array.from({ length: engine.contextTokens }, () => 65);
    await expect(eventsOf(engine.complete(request(tooLong)))).rejects.toMatchObject({ code: "context_exceeded" });
    const run = runnerOn(engine).run({ promptIds: tooLong });
    await expect(run.result).rejects.toMatchObject({ code: "context_exceeded" });
    expect(seen.bodies).toEqual([]);
  });

  it("ends a run in a thread, with what was made", async () => {
    const { calls } = referenceCalls(first);
    const threadStart = calls[1]?.context.length ?? 0;
    const engine = await connect({ contextTokens: threadStart + 20 });
    const result = await runnerOn(engine).run({ prompt: first.prompt }).result;
    expect(result.ending).toMatchObject({ kind: "length", limit: "context" });
    expect(result.threads.map(({ ending }) => ending)).toEqual(
      first.threads.map(() => ({ kind: "length", limit: "context" })),
    );
    expect(result.threads.map(({ tokens }) => tokens)).toEqual(first.threads.map(() => 20));
    const ids = first.threads.map((_, index) => `0/1.${index + 1}`);
    expect(result.complete).toBe(false);
    expect(result.incomplete.map(({ threadId }) => threadId)).toEqual(["0", ...ids]);
    const warned = result.warnings.filter(({ code }) => code === "thread-out-of-tokens");
    expect(warned.map(({ threadId }) => threadId).toSorted()).toEqual(ids);
    expect(result.text).toContain(first.pre);
  });

  it("ends a run at the join, without asking for what does not fit", async () => {
    const { calls } = referenceCalls(first);
    const seen = recording();
    const engine = await connect({
      fetch: seen.fetch,
      contextTokens: calls.at(-1)?.context.length,
    });
    const result = await runnerOn(engine).run({ prompt: first.prompt }).result;
    expect(result.ending).toMatchObject({ limit: "context" });
    expect(result.incomplete).toEqual([{ threadId: "0", ending: result.ending }]);
    expect(result.threads.map(({ ending }) => ending.kind)).toEqual(first.threads.map(() => "marker"));
    expect(seen.bodies).toHaveLength(1 + first.threads.length);
  });
});

describe("ids that the server does not have", () => {
  it.each([[[256, 269]], [[256, 5000]], [[256, -5]], [[256, 1.5]]])(
    "are refused before they are sent: %j",
    async (ids) => {
      const seen = recording();
      const engine = await connect({ fetch: seen.fetch });
      expect(engine.tokenizer.vocabularySize).toBe(269);
      await expect(eventsOf(engine.complete(request(ids)))).rejects.toMatchObject({ code: "invalid_prompt" });
      const stopped = engine.complete(request([256, ...encode("Q")], { stop: { ids } }));
      await expect(eventsOf(stopped)).rejects.toMatchObject({ code: "invalid_prompt" });
      await expect(runnerOn(engine).run({ promptIds: ids }).result).rejects.toMatchObject({ code: "invalid_prompt" });
      expect(seen.bodies).toEqual([]);
      // And the server lives.
      await expect(eventsOf(engine.complete(request([256, ...encode("Q")], { maxTokens: 1 })))).resolves.not.toEqual(
        [],
      );
    },
  );
});
