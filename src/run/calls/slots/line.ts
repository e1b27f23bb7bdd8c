import { isLonger, type Claim } from "./claim.ts";
import { Heap } from "./heap.ts";

/** A run, as far as a line knows it. */
export interface Applicant {
  /** Runs that came earlier have lower numbers. */
  readonly number: number;
  /** Calls for which it has asked for slots so far. */
  asked: number;
}

export interface Waiting {
  readonly run: Applicant;
  readonly claim: Claim;
  /** Calls that came earlier have lower numbers. */
  readonly number: number;
}

/** The calls of one run that wait. */
interface Place<W extends Waiting> {
  readonly run: Applicant;
  readonly calls: Heap<W>;
  level: number;
}

/** Of so many calls, one is of the oldest run. */
const turnOfOldest = 8;

/**
 * Calls that wait. First come those of the runs on the lowest level, that is, with the fewest calls so far, made or asked
 * for: it is all that is known of how long a run is. On one level those of the oldest run come first; of one run those with
 * the longest path left. Every eighth call is one of the oldest run, whatever its level: so no run waits for ever while new
 * ones come.
 *
 * Each level takes four times as many calls as the one before it. So a short run overtakes long ones. But runs that are
 * about as long are served one after the other, which ends most of them sooner than if all had the same share.
 */
export class Line<W extends Waiting> {
  readonly #places = new Map<Applicant, Place<W>>();
  readonly #byLevel = new Heap<Place<W>>((a, b) => (a.level === b.level ? isOlder(a, b) : a.level < b.level));
  readonly #byAge = new Heap<Place<W>>(isOlder);
  #served = 0;

  get isEmpty(): boolean {
    return this.#places.size === 0;
  }

  add(call: W): void {
    const place = this.#places.get(call.run) ?? this.#open(call.run);
    place.calls.add(call);
  }

  /** Does nothing where the call does not wait here. */
  remove(call: W): void {
    const place = this.#places.get(call.run);
    place?.calls.remove(call);
    if (place?.calls.size === 0) this.#close(place);
  }

  /** Takes out the call whose turn it is. */
  next(): W | undefined {
    const places = (this.#served + 1) % turnOfOldest === 0 ? this.#byAge : this.#byLevel;
    const call = places.first?.calls.first;
    if (call === undefined) return undefined;
    this.#served += 1;
    this.remove(call);
    return call;
  }

  /** A run has asked for one more call. */
  update(run: Applicant): void {
    const place = this.#places.get(run);
    if (place === undefined || place.level === levelOf(run)) return;
    this.#byLevel.remove(place);
    place.level = levelOf(run);
    this.#byLevel.add(place);
  }

  #open(run: Applicant): Place<W> {
    const place = { run, calls: new Heap<W>(comesBefore), level: levelOf(run) };
    this.#places.set(run, place);
    this.#byLevel.add(place);
    this.#byAge.add(place);
    return place;
  }

  #close(place: Place<W>): void {
    this.#places.delete(place.run);
    this.#byLevel.remove(place);
    this.#byAge.remove(place);
  }
}

/** 0: one call; 1: up to 4 calls; 2: up to 16; 3: up to 64; and so on. */
function levelOf({ asked }: Applicant): number {
  return Math.ceil(Math.log2(asked) / 2);
}

function isOlder(a: { run: Applicant }, b: { run: Applicant }): boolean {
  return a.run.number < b.run.number;
}

function comesBefore(a: Waiting, b: Waiting): boolean {
  return isLonger(a.claim, b.claim) ?? a.number < b.number;
}
