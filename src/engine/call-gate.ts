import type { CompletionRequest } from "./engine.ts";

/** What a call tells the gate while it runs. */
export interface Turn {
  /** Something of the answer came, so the server has computed the prompt. */
  answered(): void;
  /** The last token has come. */
  closing(): void;
  /** The stream has closed. */
  over(): void;
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
export class CallGate {
  readonly #running = new Map<string, { closing: boolean; over: Promise<void> }>();
  /** Calls whose prompts are being computed, by how these begin. */
  readonly #ahead = new Map<string, Promise<void>>();
  readonly #known = new Set<string>();

  /** Returns when the call may be made; at once when its caller has given up. */
  async enter(call: Call): Promise<Turn> {
    const isFresh = call.extends === undefined || this.#running.has(call.extends);
    await this.#parentClosed(call);
    const ahead = isFresh ? await this.#prefixComputed(call) : undefined;
    const turn = this.#begin(call);
    return {
      answered: () => ahead?.answered(),
      closing: turn.closing,
      over() {
        ahead?.over();
        turn.over();
      },
    };
  }

  /**
   * Waits for the call that this one extends, if it is about to be over. One that goes on generating (it forked inside its
   * text) is not waited for: what it has so far reaches the cache only when it ends, and it may wait for this very fork.
   */
  async #parentClosed({ extends: parent, signal }: Call): Promise<void> {
    const call = parent === undefined ? undefined : this.#running.get(parent);
    if (call?.closing === true) await unlessAborted(call.over, signal);
  }

  /** Waits for a call that computes the same beginning now; without one, this one goes ahead until it is answered. */
  async #prefixComputed({ prompt, signal }: Call): Promise<Pick<Turn, "answered" | "over"> | undefined> {
    if (prompt.length < sharedTokens) return undefined;
    const prefix = prompt.slice(0, sharedTokens).join();
    if (this.#known.has(prefix)) return undefined;
    const ahead = this.#ahead.get(prefix);
    if (ahead !== undefined) {
      await unlessAborted(ahead, signal);
      return undefined;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#ahead.set(prefix, promise);
    const over = (): void => {
      if (this.#ahead.get(prefix) === promise) this.#ahead.delete(prefix);
      resolve();
    };
    return {
      over,
      answered: () => {
        this.#remember(prefix);
        over();
      },
    };
  }

  #remember(prefix: string): void {
    this.#known.add(prefix);
    const [oldest] = this.#known;
    if (this.#known.size > knownPrefixes && oldest !== undefined) this.#known.delete(oldest);
  }

  #begin({ id, signal }: Call): { closing: () => void; over: () => void } {
    if (id === undefined) return { closing() {}, over() {} };
    const { promise, resolve } = Promise.withResolvers<void>();
    const call = { closing: signal.aborted, over: promise };
    const closing = (): void => void (call.closing = true);
    signal.addEventListener("abort", closing, { once: true });
    this.#running.set(id, call);
    return {
      closing,
      over: () => {
        signal.removeEventListener("abort", closing);
        if (this.#running.get(id) === call) this.#running.delete(id);
        resolve();
      },
    };
  }
}

/** For servers that cost nothing to fork at any time. */
export const openGate: Pick<CallGate, "enter"> = {
  async enter() {
    return { answered() {}, closing() {}, over() {} };
  },
};

async function unlessAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise: aborted, resolve } = Promise.withResolvers<void>();
  const abort = (): void => resolve();
  signal.addEventListener("abort", abort, { once: true });
  await Promise.race([promise, aborted]);
  signal.removeEventListener("abort", abort);
}
