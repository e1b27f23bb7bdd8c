import { expect, it } from "vitest";
import type { RunEvent } from "../../src/run/events.ts";
import { connect, first, runnerOn } from "./support.ts";

it("tells what happens in order: the trunk, the fork, its threads side by side, the join, the rest", async () => {
  const run = runnerOn(await connect()).run({ prompt: first.prompt });
  const events: RunEvent[] = [];
  for await (const event of run) events.push(event);

  const kinds = events.filter(({ type }) => type !== "delta").map(({ type }) => type);
  expect(kinds).toEqual([
    "run-start",
    "fork",
    ...first.threads.map(() => "thread-start"),
    ...first.threads.map(() => "thread-end"),
    "join",
    "run-end",
  ]);
  const text = (id: string): string =>
    events.map((event) => (event.type === "delta" && event.id === id ? event.text : "")).join("");
  for (const [index, thread] of first.threads.entries()) expect(text(`0/1.${index + 1}`)).toContain(thread.trim());
  const fork = kinds.length > 0 ? events.findIndex(({ type }) => type === "fork") : -1;
  const trunk = events.slice(0, fork).map((event) => (event.type === "delta" ? event.text : ""));
  expect(trunk.join("")).toBe(first.pre);
  expect(events.map(({ at }) => at)).toEqual(events.map(({ at }) => at).toSorted((a, b) => a - b));
});

it("tells of what a run costs: cached prompt tokens of every call, and of the run", async () => {
  const engine = await connect();
  const runner = runnerOn(engine);
  await runner.run({ prompt: first.prompt }).result;
  const { tokens } = await runner.run({ prompt: first.prompt }).result;
  expect(tokens.cached).toBeGreaterThan(tokens.prompt);
});
