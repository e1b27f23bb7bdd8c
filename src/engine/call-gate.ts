/** Calls of one engine that are under way, so that a fork can wait until what it extends has reached the cache. */
export class CallGate {
  readonly #calls = new Map<string, { closing: boolean; over: Promise<void> }>();

  /** A call begins. `closing()` says that its last token has come, `over()` that its stream has closed. */
  begin(id: string | undefined, signal: AbortSignal): { closing(): void; over(): void } {
    if (id === undefined) return { closing() {}, over() {} };
    const { promise, resolve } = Promise.withResolvers<void>();
    const call = { closing: signal.aborted, over: promise };
    const close = (): void => void (call.closing = true);
    signal.addEventListener("abort", close, { once: true });
    this.#calls.set(id, call);
    return {
      closing: close,
      over: () => {
        signal.removeEventListener("abort", close);
        if (this.#calls.get(id) === call) this.#calls.delete(id);
        resolve();
      },
    };
  }

  /**
   * Waits for the call of that name to be over, if it is about to be. One that goes on generating (it forked inside its
   * text) is not waited for: what it has so far reaches the cache only when it ends, and it may wait for this very fork.
   */
  async afterClosing(id: string | undefined, signal: AbortSignal): Promise<void> {
    const call = id === undefined ? undefined : this.#calls.get(id);
    if (call?.closing !== true || signal.aborted) return;
    const { promise: aborted, resolve } = Promise.withResolvers<void>();
    const abort = (): void => resolve();
    signal.addEventListener("abort", abort, { once: true });
    await Promise.race([call.over, aborted]);
    signal.removeEventListener("abort", abort);
  }
}
