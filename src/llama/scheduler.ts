import { ThreadweaverError } from "../errors.ts";
import type { Call } from "./call.ts";
import { placePrompt } from "./prefix-cache.ts";
import type { SequenceState } from "./prefix-cache.ts";
import type { Slot } from "./slot.ts";

/** A sequence and the call that runs on it. */
interface Lane {
  readonly slot: Slot;
  call: Call | undefined;
  lastUsed: number;
}

/**
 * Runs calls in lock step: each turn evaluates the next tokens of every running call, as one batch of llama.cpp. A call
 * has its own sequence while it runs; calls beyond the sequences wait, first come first served. What a sequence holds
 * stays there for later prompts that begin with it.
 */
export class Scheduler {
  readonly #lanes: readonly Lane[];
  readonly #batchTokens: number;
  #waiting: Call[] = [];
  #running: Promise<void> | undefined;
  #clock = 0;

  /** @param batchTokens most tokens evaluated in one turn, all calls together. */
  constructor(slots: readonly Slot[], batchTokens: number) {
    this.#lanes = slots.map((slot) => ({ slot, call: undefined, lastUsed: 0 }));
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
    for (const { call } of this.#lanes) call?.fail(error);
    this.#freeLanes();
  }

  async #run(): Promise<void> {
    try {
      while (this.#hasWork()) {
        await this.#admit();
        await this.#turn(this.#lanes.filter(({ call }) => call !== undefined));
      }
    } catch (cause) {
      this.#failAll(brokeOff(cause));
    } finally {
      // Not a moment later: a call that comes in between would wait for ever.
      this.#running = undefined;
    }
  }

  #hasWork(): boolean {
    this.#freeLanes();
    return this.#waiting.length > 0 || this.#lanes.some(({ call }) => call !== undefined);
  }

  #freeLanes(): void {
    this.#waiting = this.#waiting.filter(({ done }) => !done);
    for (const lane of this.#lanes) if (lane.call?.done === true) lane.call = undefined;
  }

  async #admit(): Promise<void> {
    for (const call of this.#waiting) {
      if (this.#lanes.every((lane) => lane.call !== undefined)) break;
      await this.#place(call);
    }
    this.#waiting = this.#waiting.filter((call) => !this.#lanes.some((lane) => lane.call === call));
  }

  /** Gives the call a sequence, unless it does better to wait for a running one with the same prefix. */
  async #place(call: Call): Promise<void> {
    const placement = placePrompt(call.tokens, this.#lanes.map(stateOf));
    if (placement.type === "wait") return;
    const { target, source, keep } = placement;
    const lane = this.#lane(target);
    lane.call = call;
    lane.lastUsed = ++this.#clock;
    try {
      if (source === undefined) await lane.slot.truncate(keep);
      else await lane.slot.copyFrom(this.#lane(source).slot, keep);
      call.cachedTokens = lane.slot.tokens.length;
    } catch (cause) {
      await this.#fail(lane, call, cause);
    }
  }

  async #turn(lanes: readonly Lane[]): Promise<void> {
    const pending = lanes.map(({ slot, call }) => (call?.tokens.length ?? 0) - slot.tokens.length);
    const shares = shareBatch(pending, this.#batchTokens);
    // In the order of the sequences: llama.cpp takes only neighbours in rising order into one pass over the weights.
    await Promise.all(lanes.map((lane, index) => this.#step(lane, shares[index] ?? 0)));
  }

  async #step(lane: Lane, count: number): Promise<void> {
    const { slot, call } = lane;
    if (call === undefined || count === 0) return;
    const from = slot.tokens.length;
    const ids = call.tokens.slice(from, from + count);
    const complete = from + count === call.tokens.length;
    lane.lastUsed = ++this.#clock;
    try {
      const next = await slot.evaluate(ids, complete ? call.nextSampling() : undefined);
      if (next !== undefined) call.accept(next);
    } catch (cause) {
      await this.#fail(lane, call, cause);
    }
  }

  async #fail({ slot }: Lane, call: Call, cause: unknown): Promise<void> {
    call.fail(brokeOff(cause));
    await slot.reset();
  }

  #lane(index: number): Lane {
    const lane = this.#lanes[index];
    if (lane === undefined) throw new ThreadweaverError("internal", `There is no sequence ${index}.`);
    return lane;
  }
}

function brokeOff(cause: unknown): ThreadweaverError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ThreadweaverError("engine_failed", `llama.cpp broke off: ${reason}`, { cause });
}

function stateOf({ slot, call, lastUsed }: Lane): SequenceState {
  const prefilling = call !== undefined && slot.tokens.length < call.promptLength;
  return {
    tokens: slot.tokens,
    busy: call !== undefined,
    lastUsed,
    upcoming: prefilling ? call.tokens : undefined,
  };
}

/**
 * How many tokens each call may evaluate in a turn: one each, so that a long prompt never stops the others, and what
 * is left goes to the first that can use it. Assumes `budget >= pending.length`.
 */
export function shareBatch(pending: readonly number[], budget: number): number[] {
  let left = budget - pending.length;
  return pending.map((tokens) => {
    const extra = Math.min(tokens - 1, left);
    left -= extra;
    return 1 + extra;
  });
}
