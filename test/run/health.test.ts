import { getEventListeners } from "node:events";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ThreadweaverError } from "../../src/errors.ts";
import { EngineHealth, type BatchPause, type Turn } from "../../src/run/calls/health.ts";
import { Retries } from "../../src/run/calls/retries.ts";
import { handClock } from "./hand-clock.ts";

const gone = (n = 0) => new ThreadweaverError("engine_unavailable", `nobody there (${n})`, { retryable: true });

/** What some calls know of their engine, and what each of them has been told. */
function calls(stopAfter = 100) {
  const time = handClock();
  const pauses: BatchPause[] = [];
  const turns: string[] = [];
  let answers = 0;
  const { clock } = time;
  const health = new EngineHealth({
    clock,
    stopAfter,
    onPause: (pause) => void pauses.push(pause),
    onAnswer: () => void (answers += 1),
  });
  const controllers = new Map<string, AbortController>();
  const signalOf = (name: string): AbortSignal => {
    const controller = controllers.get(name) ?? new AbortController();
    controllers.set(name, controller);
    return controller.signal;
  };
  return {
    time,
    health,
    pauses,
    answers: () => answers,
    signalOf,
    abort: (name: string) => controllers.get(name)?.abort(),
    wait(name: string, error = gone()): void {
      void health.wait(error, signalOf(name)).then((turn: Turn) => turns.push(`${name} ${turn}`));
    },
    /** What they were told since the last time. */
    async told(): Promise<string[]> {
      await new Promise((resolve) => void setImmediate(resolve));
      return turns.splice(0);
    },
  };
}

describe("calls of an engine that does not answer", () => {
  it("wait, and one of them is tried after a while, those that waited first before the others", async () => {
    const { wait, told, time, health } = calls();
    wait("a");
    wait("b");
    wait("c");
    expect([await told(), time.left(), health.isPaused]).toEqual([[], [1000], true]);
    time.next();
    expect([await told(), time.left()]).toEqual([["a probe"], []]);
    wait("a");
    time.next();
    expect(await told()).toEqual(["b probe"]);
    wait("b");
    time.next();
    time.next();
    expect(await told()).toEqual(["c probe"]);
  });

  it("wait twice as long after each probe in vain, a minute at most, and each pause is told with its error", async () => {
    const { wait, time, pauses, health } = calls();
    expect(health.waitMs).toBe(1000);
    for (let n = 1; n <= 9; n += 1) {
      wait("a", gone(n));
      expect(health.waitMs).toBe(pauses.at(-1)?.waitMs);
      expect(time.left()).toEqual([health.waitMs]);
      time.next();
    }
    const expected = [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000];
    expect(pauses).toEqual(
      expected.map((waitMs, n) => ({
        waitMs,
        failures: n + 1,
        error: expect.objectContaining({ message: `nobody there (${n + 1})` }) as Error,
      })),
    );
  });

  it("all go on when it answers one of them, and the next failure is the first again", async () => {
    const { wait, told, time, health, pauses, answers } = calls();
    wait("a");
    wait("b");
    wait("c");
    time.next();
    await told();
    wait("a");
    health.answered();
    expect(await told()).toEqual(["b answers", "c answers", "a answers"]);
    expect([answers(), health.isPaused, time.left(), health.answers]).toEqual([1, false, [], 1]);
    wait("a");
    expect(pauses.map(({ failures, waitMs }) => [failures, waitMs])).toEqual([
      [1, 1000],
      [2, 2000],
      [1, 1000],
    ]);
    // The others do not wait any more: none of them is the probe.
    time.next();
    expect(await told()).toEqual(["a probe"]);
  });

  it("are told nothing new by an answer, as long as nothing is amiss", () => {
    const { health, answers } = calls();
    health.answered();
    health.answered();
    expect([answers(), health.answers]).toEqual([0, 2]);
  });

  it("that fail while a probe is under way say nothing new", async () => {
    const { wait, time, pauses } = calls();
    wait("a");
    time.next();
    wait("b");
    wait("c");
    expect(pauses).toHaveLength(1);
    expect(time.left()).toEqual([]);
    wait("a");
    expect(pauses).toHaveLength(2);
  });

  it("are lost after some failures in a row, which is told to none of them as a pause", async () => {
    const { wait, told, time, health, pauses, answers } = calls(3);
    wait("a", gone(1));
    wait("b");
    for (const n of [2, 3]) {
      time.next();
      wait(n === 2 ? "a" : "b", gone(n));
    }
    expect(await told()).toEqual(["a probe", "b probe", "a lost", "b lost"]);
    expect(pauses).toHaveLength(2);
    expect(health.lost?.message).toBe("nobody there (3)");
    expect(time.left()).toEqual([]);
    // It is given up for good.
    wait("c");
    health.answered();
    expect(await told()).toEqual(["c lost"]);
    expect([answers(), health.isPaused]).toEqual([0, true]);
  });

  it("are lost at the first failure where that is enough", async () => {
    const { wait, told, time, pauses } = calls(1);
    wait("a");
    expect([await told(), pauses, time.left()]).toEqual([["a lost"], [], []]);
  });

  it("that are aborted wait no longer, nor at all, and leave no listener", async () => {
    const { wait, told, time, abort, signalOf, pauses } = calls();
    wait("a");
    wait("b");
    abort("a");
    expect(await told()).toEqual(["a lost"]);
    wait("a");
    expect(await told()).toEqual(["a lost"]);
    expect(pauses).toHaveLength(1);
    time.next();
    expect(await told()).toEqual(["b probe"]);
    for (const name of ["a", "b"]) expect(getEventListeners(signalOf(name), "abort")).toEqual([]);
  });

  it("are tried in the place of a probe that ended without an answer, after as long a wait", async () => {
    const { wait, told, time, health, signalOf, pauses } = calls();
    wait("a");
    wait("b");
    time.next();
    health.leave(signalOf("a"));
    expect([await told(), time.left(), pauses.length]).toEqual([["a probe"], [1000], 1]);
    time.next();
    expect(await told()).toEqual(["b probe"]);
    // One that is no probe changes nothing.
    health.leave(signalOf("c"));
    expect(time.left()).toEqual([]);
  });

  it("find out anew where none of them is left to ask with", async () => {
    const { wait, told, time, health, abort, answers, pauses } = calls();
    wait("a");
    abort("a");
    expect(time.left()).toEqual([1000]);
    time.next();
    expect([await told(), health.isPaused, answers(), time.left()]).toEqual([["a lost"], false, 1, []]);
    wait("b");
    expect(pauses.map(({ failures }) => failures)).toEqual([1, 1]);
  });

  it("are let go where the batch ends, and no timer is left", async () => {
    const { wait, told, time, health, answers } = calls();
    wait("a");
    wait("b");
    health.close();
    expect([await told(), time.left(), answers()]).toEqual([["a lost", "b lost"], [], 0]);
  });

  it("are each told exactly once, whatever happens in which order", async () => {
    const names = ["a", "b", "c"];
    const event = fc.oneof(
      fc.record({ what: fc.constant("wait"), who: fc.constantFrom(...names) }),
      fc.record({ what: fc.constantFrom("answered", "next"), who: fc.constant("") }),
      fc.record({ what: fc.constant("leave"), who: fc.constantFrom(...names) }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { maxLength: 40 }),
        fc.integer({ min: 1, max: 5 }),
        async (events, stopAfter) => {
          const { wait, told, time, health, signalOf } = calls(stopAfter);
          const waiting = new Set<string>();
          for (const { what, who } of events) {
            if (what === "wait" && !waiting.has(who)) {
              waiting.add(who);
              wait(who);
            }
            if (what === "answered") health.answered();
            if (what === "next") time.next();
            if (what === "leave") health.leave(signalOf(who));
            for (const turn of await told()) expect(waiting.delete(turn.split(" ")[0] ?? "")).toBe(true);
            // Whoever waits is waited for: by a timer, or by the probe that is under way.
            expect(time.left().length).toBeLessThanOrEqual(1);
            if (!health.isPaused) expect(waiting.size).toBe(0);
          }
          health.close();
          for (const turn of await told()) expect(waiting.delete(turn.split(" ")[0] ?? "")).toBe(true);
          expect([waiting.size, time.left()]).toEqual([0, []]);
        },
      ),
    );
  });
});

describe("a call of a batch that breaks off", () => {
  /** A call whose attempts fail so often, the waits that it has told of, and what came of it. */
  function failing(times: number, { perCall = 2, told = true } = {}) {
    const own = calls();
    const { health, time } = own;
    const retries = new Retries({ options: { perCall }, clock: time.clock, random: () => 0, health });
    const waits: number[] = [];
    const { signal } = new AbortController();
    const onRetry = told ? ({ waitMs }: { waitMs: number }) => void waits.push(waitMs) : undefined;
    const made = retries.run(
      async (attempt) => {
        if (attempt <= times) throw gone(attempt);
        return attempt;
      },
      { signal, onRetry },
    );
    return { ...own, waits, made };
  }

  it("tries by itself first, and waits for the engine when its tries are used up", async () => {
    const { waits, told, time, pauses, made } = failing(4);
    for (let n = 0; n < 4; n += 1) {
      await told();
      expect(time.left()).toHaveLength(1);
      time.next();
    }
    expect(await made).toBe(5);
    expect(waits.slice(0, 3)).toEqual([250, 500, 1000]);
    expect(pauses.map(({ failures, waitMs }) => [failures, waitMs])).toEqual([
      [1, 1000],
      [2, 2000],
    ]);
  });

  it("waits with the others at once, where it is known that the engine does not answer", async () => {
    const { waits, told, time, wait, health, made } = failing(1);
    health.answered();
    wait("a");
    await told();
    expect([waits, time.left()]).toEqual([[1000], [1000]]);
    health.answered();
    expect([await made, time.left()]).toEqual([2, []]);
  });

  it("has all its tries again after the engine has answered another call", async () => {
    const { waits, told, time, health, made } = failing(5);
    for (const next of [time.next, time.next, () => health.answered(), time.next, time.next]) {
      await told();
      next();
    }
    expect(await made).toBe(6);
    expect(waits).toEqual([250, 500, 1000, 250, 500]);
  });

  it("that is the probe and is over without a token leaves that to another one", async () => {
    const { told, time, wait, made } = failing(3);
    for (let n = 0; n < 2; n += 1) {
      await told();
      time.next();
    }
    await told();
    wait("a");
    time.next();
    expect(await made).toBe(4);
    expect([await told(), time.left()]).toEqual([[], [1000]]);
    time.next();
    expect(await told()).toEqual(["a probe"]);
  });

  it("need not tell anybody of it", async () => {
    const { told, time, made } = failing(2, { perCall: 1, told: false });
    await told();
    time.next();
    await told();
    time.next();
    expect(await made).toBe(3);
  });

  it("fails where the engine answers others all the while", async () => {
    const { told, time, health, made } = failing(9);
    const failed = expect(made).rejects.toMatchObject({ code: "engine_unavailable", attempts: 3 });
    for (let n = 0; n < 2; n += 1) {
      await told();
      health.answered();
      time.next();
    }
    await failed;
  });
});
