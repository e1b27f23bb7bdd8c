import type { Claim } from "./claim.ts";
import { Line, type Applicant, type Waiting } from "./line.ts";

/** What a call waits for, and then holds. */
export interface Slot {
  /** Gives it back. A call that still waits leaves its line, and is never begun. The second time does nothing. */
  release(): void;
}

/** The slots, as one run sees them. */
export interface SlotsOfRun {
  /** Calls `begin` once, and never at once, when it is the turn of this call. `begin` must not throw. */
  ask(claim: Claim, begin: () => void): Slot;
}

interface Asking extends Waiting {
  readonly begin: () => void;
  state: "waits" | "holds" | "over";
}

/** So many calls in a row may go on while others wait to begin, or as many as there are slots, if that is more. */
const leastInRow = 8;

/**
 * Slots for requests, shared by all runs of a runner. Calls that go on are served before calls that begin a run or a
 * thread: a run ends no sooner than its joins, and what it has generated so far fills the engine's memory. But after some
 * of them in a row one that begins is let in, since no call may wait for ever.
 *
 * Only a call takes a slot: a parent that waits for its threads holds none, so nesting cannot deadlock. A call that waits
 * to be tried again keeps its own, which keeps others away from a server that is busy.
 */
export class Slots {
  readonly #count: number;
  readonly #goingOn = new Line<Asking>();
  readonly #beginning = new Line<Asking>();
  #held = 0;
  /** How many in a row went on while others waited to begin. */
  #inRow = 0;
  #runs = 0;
  #calls = 0;
  #willServe = false;

  /** @param count at least 1. */
  constructor(count: number) {
    this.#count = count;
  }

  /** One more run, which is younger than those before it. */
  enter(): SlotsOfRun {
    this.#runs += 1;
    const run: Applicant = { number: this.#runs, asked: 0 };
    return { ask: (claim, begin) => this.#ask(run, claim, begin) };
  }

  #ask(run: Applicant, claim: Claim, begin: () => void): Slot {
    this.#calls += 1;
    const call: Asking = { run, claim, number: this.#calls, begin, state: "waits" };
    run.asked += 1;
    this.#goingOn.update(run);
    this.#beginning.update(run);
    this.#lineOf(call).add(call);
    this.#serveSoon();
    return { release: () => this.#release(call) };
  }

  #release(call: Asking): void {
    if (call.state === "waits") this.#lineOf(call).remove(call);
    if (call.state === "holds") {
      this.#held -= 1;
      this.#serveSoon();
    }
    call.state = "over";
  }

  /** After the step that asks for a slot, or gives one back: it may ask for more, and the order is among them all. */
  #serveSoon(): void {
    if (this.#willServe) return;
    this.#willServe = true;
    queueMicrotask(() => {
      this.#willServe = false;
      this.#serve();
    });
  }

  #serve(): void {
    while (this.#held < this.#count) {
      const call = this.#next();
      if (call === undefined) return;
      this.#held += 1;
      call.state = "holds";
      call.begin();
    }
  }

  #next(): Asking | undefined {
    const areWaiting = !this.#beginning.isEmpty;
    const isLetIn = areWaiting && this.#inRow >= Math.max(this.#count, leastInRow);
    const call = (isLetIn ? undefined : this.#goingOn.next()) ?? this.#beginning.next();
    this.#inRow = areWaiting && call?.claim.goesOn === true ? this.#inRow + 1 : 0;
    return call;
  }

  #lineOf({ claim }: Waiting): Line<Asking> {
    return claim.goesOn ? this.#goingOn : this.#beginning;
  }
}
