import { expect, it } from "vitest";
import type { RunEvent } from "../../src/run/events.ts";
import { textsOf } from "../run/texts.ts";
import { kind, connect, first, referenceCalls, runnerOn } from "./support.ts";

type Kind = RunEvent["type"];

/** The events of a run, checked to give the texts of its result. */
async function eventsOf(): Promise<RunEvent[]> {
  const run = runnerOn(await connect()).run({ prompt: first.prompt });
  const events: RunEvent[] = [];
  for await (const event of run) events.push(event);
  const { text, threads } = await run.result;
  const texts = textsOf(events);
  expect(texts.get("0")).toBe(text);
  for (const thread of threads) expect(texts.get(thread.threadId)).toBe(thread.text);
  return events;
}

const only = <T extends Kind>(events: readonly RunEvent[], ...types: T[]): Extract<RunEvent, { type: T }>[] =>
  events.filter((event): event is Extract<RunEvent, { type: T }> => (types as Kind[]).includes(event.type));

it("come in the order in which things happen: the trunk, the fork, its threads side by side, the join, the rest", async () => {
  const events = await eventsOf();
  const kinds = events.map(({ type }) => type).filter((type) => type !== "text" && !type.startsWith("call-"));
  expect(kinds).toEqual([
    "run-start",
    "fork",
    ...first.threads.map(() => "thread-start"),
    ...first.threads.map(() => "thread-end"),
    "join",
    "run-end",
  ]);
  const texts = textsOf(events);
  for (const [index, thread] of first.threads.entries()) {
    expect(texts.get(`0/1.${index + 1}`)).toContain(thread.trim());
  }
  const [trunk, joined] = [
    events.findIndex(({ type }) => type === "fork"),
    events.findIndex(({ type }) => type === "join"),
  ];
  expect(textsOf(events.slice(0, trunk))).toEqual(new Map([["0", first.pre]]));
  // What threads wrote comes into main's text as copies, and nothing but that and the runtime's own before the next call.
  const between = events.slice(
    joined,
    events.findLastIndex(({ type }) => type === "call-start"),
  );
  const writers = only(between, "text").map(({ by }) => by);
  expect(writers.filter((by) => by === "copy")).toHaveLength(first.threads.length);
  expect(writers).not.toContain("model");
  expect(events.map(({ at }) => at)).toEqual(events.map(({ at }) => at).toSorted((a, b) => a - b));
});

it("say of every call when it went out, when its first token came and how it ended", async () => {
  const events = await eventsOf();
  const calls = only(events, "call-start", "call-first-token", "call-end");
  const contexts = referenceCalls(first).calls.map(({ context }) => context.length);
  for (const [call, promptTokens] of contexts.entries()) {
    expect(calls.filter((event) => event.call === call)).toMatchObject([
      { type: "call-start", attempt: 1, role: "body", promptTokens },
      { type: "call-first-token" },
      { type: "call-end", ...(kind !== "llamacpp" && { wasted: 0 }) },
    ]);
  }
  const ends = only(events, "call-end");
  expect(ends).toHaveLength(contexts.length);
  const [{ result } = expect.fail("the run has no end")] = only(events, "run-end");
  expect(ends.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(result.tokens.generated);
});

// llama.cpp tells it with the last part, which does not come where a marker ended the call.
it.skipIf(kind === "llamacpp")("say what a run costs: cached prompt tokens of every call, and of the run", async () => {
  await eventsOf();
  const events = await eventsOf();
  const [{ result } = expect.fail("the run has no end")] = only(events, "run-end");
  expect(result.tokens.cached).toBeGreaterThan(result.tokens.prompt);
  expect(only(events, "call-end").reduce((sum, { cachedTokens = NaN }) => sum + cachedTokens, 0)).toBe(
    result.tokens.cached,
  );
});
