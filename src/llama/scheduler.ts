import { ThreadweaverError } from "../errors.ts";
import type { Call } from "./call.ts";
import type { KvSequence } from "./kv-sequence.ts";
import { placePrompt } from "./prefix-cache.ts";
import type { SequenceState } from "./prefix-cache.ts";

/** A place for one running call. */
interface Slot {
  readonly sequence: KvSequence;
  call: Call | undefined;
  lastUsed: number;
  /**
   * Why the sequence cannot be used: it failed and could not be reset. The reset is tried again before the next call.
   */
  broken: unknown;
}

/**
 * Runs calls in lock-step: each turn evaluates the next tokens of every running call, as one batch of llama.cpp. A
 * running call has a sequence of its own. If there are more calls than sequences, they wait in the order in which they
 * came. A sequence keeps what it holds for later prompts that begin with it.
 */
export class Scheduler {
  readonly #slots: readonly Slot[];
  readonly #batchTokens: number;
  #waiting: Call[] = [];
  #running: Promise<void> | undefined;
  #clock = 0;

  /** @param batchTokens most tokens evaluated in one turn, all calls together. */
  constructor(sequences: readonly KvSequence[], batchTokens: number) {
    this.#slots = sequences.map((sequence) => ({ sequence, call: undefined, lastUsed: 0, broken: undefined }));
    this.#batchTokens = batchTokens;
  }

  submit(call: Call): void {
    this.#waiting.push(call);
    this.#running ??= this.#run();
  }

  /** Fails every call, and resolves when nothing is being evaluated any more. */
  async stop(error: ThreadweaverError): Promise<void> {
    this.#failAll(error);
    await this.#running;
  }

  #failAll(error: ThreadweaverError): void {
    for (const call of this.#waiting) call.fail(error);
    for (const { call } of this.#slots) call?.fail(error);
    this.#freeSlots();
  }

  async #run(): Promise<void> {
    try {
      while (this.#hasWork()) {
        await this.#admit();
        await this.#turn(this.#slots.filter(({ call }) => call !== undefined));
      }
    } catch (cause) {
      this.#failAll(brokeOff(cause));
    } finally {
      // This happens in the same turn of the event loop as the last check for work. A call that was submitted in
      // between would otherwise rely on a loop that has ended.
      this.#running = undefined;
    }
  }

  #hasWork(): boolean {
    this.#freeSlots();
    return this.#waiting.length > 0 || this.#slots.some(({ call }) => call !== undefined);
  }

  #freeSlots(): void {
    this.#waiting = this.#waiting.filter(({ done }) => !done);
    for (const slot of this.#slots) if (slot.call?.done === true) slot.call = undefined;
  }

  async #admit(): Promise<void> {
    if (this.#waiting.length > 0) await this.#repair();
    for (const call of this.#waiting) {
      if (!this.#slots.some(isFree)) break;
      await this.#place(call);
    }
    this.#waiting = this.#waiting.filter((call) => !this.#slots.some((slot) => slot.call === call));
  }

  /**
   * Resets what could not be reset before. If no sequence can be used, the waiting calls fail instead of waiting for
   * ever.
   */
  async #repair(): Promise<void> {
    await Promise.all(this.#slots.filter(({ broken }) => broken !== undefined).map((slot) => this.#reset(slot)));
    const causes = this.#slots.map(({ broken }) => broken);
    if (causes.includes(undefined)) return;
    for (const call of this.#waiting) call.fail(brokeOff(causes[0]));
    this.#freeSlots();
  }

  /** Gives the call a sequence, unless it is better to wait for a running call with the same prefix. */
  async #place(call: Call): Promise<void> {
    const placement = placePrompt(call.tokens, this.#slots.map(stateOf));
    if (placement.type === "wait") return;
    const { target, source, keep } = placement;
    const slot = this.#slot(target);
    slot.call = call;
    slot.lastUsed = ++this.#clock;
    try {
      if (source === undefined) await slot.sequence.truncate(keep);
      else await slot.sequence.copyFrom(this.#slot(source).sequence, keep);
      call.cachedTokens = slot.sequence.tokens.length;
    } catch (cause) {
      await this.#fail(slot, call, cause);
    }
  }

  async #turn(slots: readonly Slot[]): Promise<void> {
    const pending = slots.map(({ sequence, call }) => (call?.tokens.length ?? 0) - sequence.tokens.length);
    const shares = shareBatch(pending, this.#batchTokens);
    // In the order of the sequences: llama.cpp puts only neighbours in rising order into one pass over the weights.
    const steps = await Promise.allSettled(slots.map((slot, index) => this.#step(slot, shares[index] ?? 0)));
    // Throws only after all have ended, since the next loop must find every sequence at rest.
    for (const step of steps) if (step.status === "rejected") throw step.reason;
  }

  async #step(slot: Slot, count: number): Promise<void> {
    const { sequence, call } = slot;
    if (call === undefined || count === 0) return;
    const from = sequence.tokens.length;
    const ids = call.tokens.slice(from, from + count);
    const complete = from + count === call.tokens.length;
    slot.lastUsed = ++this.#clock;
    try {
      const next = await sequence.evaluate(ids, complete ? call.nextSample() : undefined);
      if (next !== undefined) call.accept(next);
    } catch (cause) {
      await this.#fail(slot, call, cause);
    }
  }

  /** A failed evaluation fails only its own call. */
  async #fail(slot: Slot, call: Call, cause: unknown): Promise<void> {
    call.fail(brokeOff(cause));
    await this.#reset(slot);
  }

  async #reset(slot: Slot): Promise<void> {
    try {
      await slot.sequence.reset();
      slot.broken = undefined;
    } catch (cause) {
      slot.broken = cause ?? new Error("it could not be reset");
    }
  }

  #slot(index: number): Slot {
    const slot = this.#slots[index];
    if (slot === undefined) throw new ThreadweaverError("internal", `There is no sequence ${index}.`);
    return slot;
  }
}

function isFree({ call, broken }: Slot): boolean {
  return call === undefined && broken === undefined;
}

function brokeOff(cause: unknown): ThreadweaverError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ThreadweaverError("engine_failed", `llama.cpp broke off: ${reason}`, { cause });
}

function stateOf({ sequence, call, lastUsed, broken }: Slot): SequenceState {
  const prefilling = call !== undefined && sequence.tokens.length < call.promptLength;
  return {
    tokens: broken === undefined ? sequence.tokens : [],
    busy: call !== undefined || broken !== undefined,
    lastUsed,
    upcoming: prefilling ? call.tokens : undefined,
  };
}

/**
 * How many tokens each call may evaluate in a turn. Each gets one, so that a long prompt never stops the others. The
 * rest goes to the first calls that can use it. Assumes `budget >= pending.length`.
 */
export function shareBatch(pending: readonly number[], budget: number): number[] {
  let left = budget - pending.length;
  return pending.map((tokens) => {
    const extra = Math.min(tokens - 1, left);
    left -= extra;
    return 1 + extra;
  });
}
