import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { createClock, RunClock, type Clock } from "../../src/run/clock.ts";
import { createRunner } from "../../src/run/runner.ts";
import { turns } from "./model-engine.ts";
import { scriptedEngine } from "./scripted-engine.ts";

describe("a clock of timers", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("wakes once, when the time has come, and looks no more often than it must", () => {
    let looks = 0;
    let woken = 0;
    const clock = createClock(() => {
      looks += 1;
      return performance.now();
    });
    clock.schedule(performance.now() + 1000, () => (woken += 1));
    vi.advanceTimersByTime(999);
    expect([woken, looks]).toEqual([0, 1]);
    vi.advanceTimersByTime(1);
    expect([woken, looks]).toEqual([1, 2]);
    vi.advanceTimersByTime(10_000);
    expect(woken).toBe(1);
  });

  it("waits for the rest where a timer fires before the time has come, and wakes when it has to the millisecond", () => {
    let now = 0;
    let woken = 0;
    createClock(() => now).schedule(10, () => (woken += 1));
    now = 9.7;
    vi.advanceTimersByTime(10);
    expect(woken).toBe(0);
    now = 10;
    vi.advanceTimersByTime(1);
    expect(woken).toBe(1);
  });

  it("waits longer than one timer can", () => {
    let woken = 0;
    createClock().schedule(performance.now() + 2 ** 31 + 1000, () => (woken += 1));
    vi.advanceTimersByTime(2 ** 31 + 999);
    expect(woken).toBe(0);
    vi.advanceTimersByTime(1);
    expect(woken).toBe(1);
  });

  it("wakes soon for a time that has passed, but not at once", () => {
    let woken = 0;
    createClock().schedule(performance.now() - 5, () => (woken += 1));
    expect(woken).toBe(0);
    vi.advanceTimersByTime(1);
    expect(woken).toBe(1);
  });

  it("leaves no timer where it is taken back, also after one that fired too early", () => {
    let now = 0;
    const clock = createClock(() => now);
    const wake = (): never => expect.fail("it was taken back");
    const cancels = [clock.schedule(10, wake), clock.schedule(5, wake)];
    now = 4;
    vi.advanceTimersByTime(5);
    for (const cancel of cancels) cancel();
    expect(vi.getTimerCount()).toBe(0);
    now = 20;
    vi.advanceTimersByTime(20);
  });
});

describe("the time of a run", () => {
  it("has come when its timer fires, also where the clock is a little late: the run ends, and took that long", async () => {
    const alarms: { at: number; wake: () => void }[] = [];
    const clock: Clock = { now: () => 100, schedule: (at, wake) => (alarms.push({ at, wake }), () => {}) };
    const engine = scriptedEngine(() => ({ text: "so far", after: "hang" }));
    const run = createRunner({ engine, dialect: threadweaver, clock }).run({ prompt: "Q" }, { timeoutMs: 50 });
    await turns(20);
    expect(alarms.map(({ at }) => at)).toEqual([150]);
    alarms[0]?.wake();
    const { ending, wallMs } = await run.result;
    expect({ ending, wallMs }).toEqual({ ending: { kind: "length", limit: "ms" }, wallMs: 50 });
  });

  it("never goes back, also where timers fire in another order than that of their times", () => {
    const wakes: (() => void)[] = [];
    const clock = new RunClock({ now: () => 0, schedule: (_, wake) => (wakes.push(wake), () => {}) });
    for (const at of [20, 10]) clock.schedule(at, () => {});
    expect(clock.now()).toBe(0);
    const times = wakes.map((wake) => {
      wake();
      return clock.now();
    });
    expect(times).toEqual([20, 20]);
  });

  it("has timers that are taken back only where they have not fired, as a clock of one's own may expect", async () => {
    const alarms: { at: number; wake: () => void }[] = [];
    let now = 0;
    let takenBack = 0;
    const clock: Clock = {
      now: () => now,
      schedule(at, wake) {
        let hasFired = false;
        alarms.push({
          at,
          wake: () => {
            hasFired = true;
            now = at;
            wake();
          },
        });
        return () => {
          if (hasFired) throw new Error("this timer has fired");
          takenBack += 1;
        };
      },
    };
    const engine: Engine = {
      ...scriptedEngine(() => ({ text: "" })),
      async *complete() {
        yield { type: "pieces", pieces: [{ ids: [65], text: "A" }] };
        await new Promise(() => {}); // it heeds no signal, so its stream never closes
      },
    };
    const runner = createRunner({ engine, dialect: threadweaver, clock });
    const run = runner.run({ prompt: "Q" }, { callTimeoutMs: 10, timeoutMs: 5000 });
    for (const times of [[5000, 10], [1010]]) {
      await turns(20);
      expect(alarms.map(({ at }) => at)).toEqual(times);
      alarms.splice(0).at(-1)?.wake();
    }
    const { ending, wallMs } = await run.result;
    expect({ ending, wallMs, takenBack }).toEqual({
      ending: { kind: "length", limit: "callMs" },
      wallMs: 1010,
      takenBack: 1,
    });
  });
});
