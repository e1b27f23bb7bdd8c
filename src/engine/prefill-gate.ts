import { hash } from "node:crypto";
import type { CompletionRequest } from "./engine.ts";

/** What a call reports to the gate after the gate let it through. */
export interface Lease {
  /** The answer has begun, so the server has computed the prompt. */
  prefilled(): void;
  /** The last token has come. */
  finishing(): void;
  /** The stream has closed. */
  release(): void;
}

type Call = Pick<CompletionRequest, "id" | "extends" | "prompt" | "shared" | "signal">;

/**
 * Calls wait for each other where their prompts agree in so many tokens, or in as many as they are said to share. For
 * less, computing takes no longer than waiting.
 */
const leastShared = 256;
/** How many computed prefixes are remembered. If the server has evicted one, that costs time and nothing else. */
const knownPrefixes = 1024;

/**
 * Delays calls so that they find what they share in the server's cache. It is for servers that have a prompt in the
 * cache only after it was computed, and an answer only after its stream has closed. A fork waits for the end of the
 * call that it extends. Of several calls that begin alike and come at once, one goes first.
 */
export class PrefillGate {
  readonly #running = new Map<string, { finishing: boolean; released: Promise<void> }>();
  /** Calls whose prompts are being computed, by the beginning of the prompt. */
  readonly #leading = new Map<string, Promise<void>>();
  readonly #known = new Set<string>();

  /** Resolves when the call may be made, or at once when its caller has aborted. */
  async enter(call: Call): Promise<Lease> {
    const isFresh = call.extends === undefined || this.#running.has(call.extends);
    await this.#parentClosed(call);
    const leader = isFresh ? await this.#prefixComputed(call) : undefined;
    const own = this.#begin(call);
    return {
      prefilled: () => leader?.prefilled(),
      finishing: own.finishing,
      release() {
        leader?.release();
        own.release();
      },
    };
  }

  /**
   * Waits for the call that this one extends, if it is about to end. A call that goes on generating (it forked inside
   * its text) is not waited for: its context reaches the cache only when it ends, and it may wait for this very fork.
   */
  async #parentClosed({ extends: parent, signal }: Call): Promise<void> {
    const call = parent === undefined ? undefined : this.#running.get(parent);
    if (call?.finishing === true) await settledOrAborted(call.released, signal);
  }

  /**
   * Waits for a call that is computing the same beginning. If there is none, this call goes first and others wait for
   * it.
   */
  async #prefixComputed({ prompt, shared, signal }: Call): Promise<Pick<Lease, "prefilled" | "release"> | undefined> {
    if (prompt.length < leastShared) return undefined;
    const prefix = digestOf(prompt.slice(0, Math.max(leastShared, shared ?? 0)));
    // The server may have evicted it. Where a whole fork would compute it again, one call asks first.
    if (shared === undefined && this.#known.has(prefix)) return undefined;
    const leading = this.#leading.get(prefix);
    if (leading !== undefined) {
      await settledOrAborted(leading, signal);
      return undefined;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#leading.set(prefix, promise);
    const release = (): void => {
      if (this.#leading.get(prefix) === promise) this.#leading.delete(prefix);
      resolve();
    };
    return {
      release,
      prefilled: () => {
        this.#remember(prefix);
        release();
      },
    };
  }

  #remember(prefix: string): void {
    this.#known.add(prefix);
    const [oldest] = this.#known;
    if (this.#known.size > knownPrefixes && oldest !== undefined) this.#known.delete(oldest);
  }

  #begin({ id, signal }: Call): Pick<Lease, "finishing" | "release"> {
    if (id === undefined) return { finishing() {}, release() {} };
    const { promise, resolve } = Promise.withResolvers<void>();
    const call = { finishing: signal.aborted, released: promise };
    const finishing = (): void => void (call.finishing = true);
    signal.addEventListener("abort", finishing, { once: true });
    this.#running.set(id, call);
    return {
      finishing,
      release: () => {
        signal.removeEventListener("abort", finishing);
        if (this.#running.get(id) === call) this.#running.delete(id);
        resolve();
      },
    };
  }
}

/** Thousands of prefixes are remembered, and each may be long. */
function digestOf(ids: readonly number[]): string {
  return hash("sha256", Int32Array.from(ids));
}

/** For servers on which a fork never has to wait. */
export const openGate: Pick<PrefillGate, "enter"> = {
  async enter() {
    return { prefilled() {}, finishing() {}, release() {} };
  },
};

async function settledOrAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise: aborted, resolve } = Promise.withResolvers<void>();
  const abort = (): void => resolve();
  signal.addEventListener("abort", abort, { once: true });
  await Promise.race([promise, aborted]);
  signal.removeEventListener("abort", abort);
}
