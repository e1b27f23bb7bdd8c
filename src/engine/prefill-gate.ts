import type { CompletionRequest } from "./engine.ts";

/** What a call that was let pass tells the gate while it runs. */
export interface Lease {
  /** Something of the answer came, so the server has computed the prompt. */
  prefilled(): void;
  /** The last token has come. */
  finishing(): void;
  /** The stream has closed. */
  release(): void;
}

type Call = Pick<CompletionRequest, "id" | "extends" | "prompt" | "signal">;

/** Prompts that agree in so many tokens are worth computing once: less takes about as long as waiting does. */
const sharedTokens = 256;
/** Prefixes to remember as computed. What the server has forgotten by then costs time, and nothing else. */
const knownPrefixes = 1024;

/**
 * Lets calls pass so that they find in the server's cache what they share, where a server has a prompt in its cache only
 * once it has been computed, and an answer only once its stream has closed. A fork waits for the end of what it extends;
 * of several calls at once that begin alike, and are the first to, one goes ahead.
 */
export class PrefillGate {
  readonly #running = new Map<string, { finishing: boolean; released: Promise<void> }>();
  /** Calls whose prompts are being computed, by how these begin. */
  readonly #leading = new Map<string, Promise<void>>();
  readonly #known = new Set<string>();

  /** Returns when the call may be made; at once when its caller has given up. */
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
   * Waits for the call that this one extends, if it is about to be over. One that goes on generating (it forked inside its
   * text) is not waited for: what it has so far reaches the cache only when it ends, and it may wait for this very fork.
   */
  async #parentClosed({ extends: parent, signal }: Call): Promise<void> {
    const call = parent === undefined ? undefined : this.#running.get(parent);
    if (call?.finishing === true) await settledOrAborted(call.released, signal);
  }

  /** Waits for a call that computes the same beginning now; without one, this one goes ahead until it is answered. */
  async #prefixComputed({ prompt, signal }: Call): Promise<Pick<Lease, "prefilled" | "release"> | undefined> {
    if (prompt.length < sharedTokens) return undefined;
    const prefix = prompt.slice(0, sharedTokens).join();
    if (this.#known.has(prefix)) return undefined;
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

/** For servers that cost nothing to fork at any time. */
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
