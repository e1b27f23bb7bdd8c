import type { ObservedEvent } from "../run/observe.ts";

/** Milliseconds of one call, as its events tell them. */
export interface CallTime {
  /** From when its sequence could go on until its latest request went out: for a slot, and for what had to be encoded. */
  readonly waitMs: number;
  /** From its first request to its first token; undefined until that has come. */
  readonly firstTokenMs?: number | undefined;
  /** From its first request until now. */
  readonly ms: number;
}

/** When the calls of one run waited, and for how long. */
export class CallTimes {
  /** When each sequence could go on. */
  readonly #ready = new Map<string, number>();
  readonly #calls = new Map<number, { began: number; waitMs: number; firstTokenMs?: number }>();
  #now = 0;

  take(event: ObservedEvent): void {
    this.#now = event.at;
    switch (event.type) {
      case "run-start":
        this.#ready.set("0", event.at);
        break;
      case "thread-start":
      case "join":
      case "call-end":
        this.#ready.set(event.threadId, event.at);
        break;
      case "call-retry":
        this.#ready.set(event.threadId, event.at + event.waitMs);
        break;
      case "call-start": {
        const { call, threadId, at } = event;
        const waitMs = Math.max(0, at - (this.#ready.get(threadId) ?? at));
        this.#calls.set(call, { began: at, ...this.#calls.get(call), waitMs });
        break;
      }
      case "call-first-token": {
        const known = this.#calls.get(event.call);
        if (known !== undefined) known.firstTokenMs = event.at - known.began;
        break;
      }
      default:
    }
  }

  /** Undefined for a call that no request was made for. */
  of(call: number): CallTime | undefined {
    const known = this.#calls.get(call);
    if (known === undefined) return undefined;
    const { began, waitMs, firstTokenMs } = known;
    return { waitMs, firstTokenMs, ms: this.#now - began };
  }
}
