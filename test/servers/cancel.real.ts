import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../src/run/events.ts";
import { textsOf } from "../run/texts.ts";
import { callsAtServer, connect, first, kind, metric, runnerOn, transcripts } from "./support.ts";

const idle = async (): Promise<void> => expect.poll(callsAtServer, { timeout: 20_000, interval: 50 }).toBe(0);
const aborted = async (): Promise<number> => (kind === "sglang" ? metric("sglang:num_aborted_requests_total") : 0);

/** Whether an event is a text that the model wrote, in main or in a thread. */
const writes = (event: RunEvent, where: "main" | "thread"): boolean =>
  event.type === "text" && event.by === "model" && (event.threadId === "0") === (where === "main");

/** The states of a run in which one may lose patience, by the last event and whether threads were joined before it. */
const states: [name: string, isReached: (event: RunEvent, isJoined: boolean) => boolean, calls: number][] = [
  ["in the trunk", (event) => writes(event, "main"), 1],
  ["when the threads start", ({ type }) => type === "thread-start", 0],
  [
    "in the threads",
    (event) => event.type === "text" && writes(event, "thread") && event.tokens > 10,
    first.threads.length,
  ],
  ["after the join", (event, isJoined) => writes(event, "main") && isJoined, 1],
];

describe("cancelling on the server", () => {
  it.each(states)("%s: ends every call there, and hands over what was made", async (_, isReached, calls) => {
    const runner = runnerOn(await connect());
    await idle();
    const before = await aborted();
    const controller = new AbortController();
    const run = runner.run({ prompt: first.prompt }, { signal: controller.signal });
    const events: RunEvent[] = [];
    let isJoined = false;
    const listening = (async () => {
      for await (const event of run) {
        events.push(event);
        if (event.type === "join") isJoined = true;
        if (!controller.signal.aborted && isReached(event, isJoined)) controller.abort("enough");
      }
    })();
    await expect(listening).rejects.toMatchObject({ code: "aborted" });
    const shown = textsOf(events).get("0") ?? "";
    expect(shown).toContain("<think>");
    await expect(run.result).rejects.toMatchObject({
      code: "aborted",
      cause: "enough",
      partial: {
        text: shown,
        ending: { kind: "cut", by: "user" },
        complete: false,
        incomplete: expect.arrayContaining([{ threadId: "0", ending: { kind: "cut", by: "user" } }]) as unknown[],
      },
    });
    await idle();
    if (kind === "sglang" && calls > 0) {
      await expect.poll(aborted, { timeout: 20_000 }).toBeGreaterThanOrEqual(before + 1);
    }
  });

  it("with calls that wait in the server's queue: ends those too", async () => {
    const runner = runnerOn(await connect());
    await idle();
    const controller = new AbortController();
    // More than the 32 that vLLM and SGLang run at once, and the 8 of llama.cpp, which tells no more than those.
    const many = Array.from({ length: 64 }, (_, index) => transcripts[index] ?? first);
    const runs = many.map(
      ({ prompt }) => runner.run({ prompt }, { mode: "sequential", signal: controller.signal }).result,
    );
    const settled = Promise.allSettled(runs);
    await expect.poll(callsAtServer, { timeout: 20_000, interval: 50 }).toBeGreaterThan(kind === "llamacpp" ? 7 : 32);
    controller.abort();
    // The first may be through by now; those that still waited cannot be.
    const lost = (await settled).filter(({ status }) => status === "rejected");
    expect(lost.length).toBeGreaterThanOrEqual(32);
    for (const result of lost) expect(result).toMatchObject({ reason: { code: "aborted" } });
    await idle();
  });
});
