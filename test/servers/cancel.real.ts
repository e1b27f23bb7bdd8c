import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../src/run/events.ts";
import { callsAtServer, connect, first, kind, metric, runnerOn, transcripts } from "./support.ts";

const idle = async (): Promise<void> => expect.poll(callsAtServer, { timeout: 20_000, interval: 50 }).toBe(0);
const aborted = async (): Promise<number> => (kind === "sglang" ? metric("sglang:num_aborted_requests_total") : 0);

/** The states of a run in which somebody may lose patience, by what was just told. */
const states: [name: string, isReached: (event: RunEvent, count: number) => boolean, calls: number][] = [
  ["in the trunk", ({ type }) => type === "delta", 1],
  ["when the threads start", ({ type }) => type === "thread-start", 0],
  [
    "in the threads",
    (event, deltas) => event.type === "delta" && event.id !== "0" && deltas > 80,
    first.threads.length,
  ],
  ["behind the join", (event, deltas) => event.type === "delta" && event.id === "0" && deltas > 180, 1],
];

describe("cancelling on the server", () => {
  it.each(states)("%s: ends every call there, and hands over what was made", async (_, isReached, calls) => {
    const runner = runnerOn(await connect());
    await idle();
    const before = await aborted();
    const controller = new AbortController();
    const run = runner.run({ prompt: first.prompt }, { signal: controller.signal });
    let deltas = 0;
    const listening = (async () => {
      for await (const event of run) {
        if (event.type === "delta") deltas += 1;
        if (!controller.signal.aborted && isReached(event, deltas)) controller.abort("enough");
      }
    })();
    await expect(listening).rejects.toMatchObject({ code: "aborted" });
    await expect(run.result).rejects.toMatchObject({
      code: "aborted",
      cause: "enough",
      partial: { text: expect.stringContaining("<think>") as string },
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
    // More than the 32 that either server runs at once.
    const many = Array.from({ length: 64 }, (_, index) => transcripts[index] ?? first);
    const runs = many.map(
      ({ prompt }) => runner.run({ prompt }, { mode: "sequential", signal: controller.signal }).result,
    );
    const settled = Promise.allSettled(runs);
    await expect.poll(callsAtServer, { timeout: 20_000, interval: 50 }).toBeGreaterThan(32);
    controller.abort();
    // The first may be through by now; those that still waited cannot be.
    const lost = (await settled).filter(({ status }) => status === "rejected");
    expect(lost.length).toBeGreaterThanOrEqual(32);
    for (const result of lost) expect(result).toMatchObject({ reason: { code: "aborted" } });
    await idle();
  });
});
