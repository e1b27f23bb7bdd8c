import { StringDecoder } from "node:string_decoder";
import { createParser } from "eventsource-parser";
import type { EventSourceParser } from "eventsource-parser";
import type { ByteSink } from "./direct-fetch.ts";

/** Characters of one event. A part of an answer has a few hundred. */
const maxEventLength = 2 ** 24;

export interface EventDataSetup {
  /** Closes the connection. */
  signal: AbortSignal;
  /** Something came. */
  onBytes: () => void;
  /** The data of the events that one read has brought, at least one. Must not throw. */
  onData: (came: readonly string[]) => void;
}

/**
 * The data of the events of an answer, without the `[DONE]` at its end, which says nothing about success.
 *
 * It is handed on as it comes, however slow the reader of the pieces is: what still waits in a stream's buffers when its
 * connection breaks is thrown away, and it was tokens. It is read on after `[DONE]`, since only a connection whose answer
 * was read to its end is used again.
 */
export class EventData implements ByteSink {
  readonly signal: AbortSignal;
  readonly #onBytes: () => void;
  readonly #onData: (came: readonly string[]) => void;
  readonly #parser: EventSourceParser;
  readonly #decoder = new StringDecoder();
  readonly #over = Promise.withResolvers<void>();
  #hasBegun = false;
  /** Not handed on yet: one read of the connection brings many chunks, each of them in a call of its own. */
  #came: string[] = [];

  constructor({ signal, onBytes, onData }: EventDataSetup) {
    this.signal = signal;
    this.#onBytes = onBytes;
    this.#onData = onData;
    this.#over.promise.catch(() => undefined); // it may break off before it is waited for
    this.#parser = createParser({
      maxBufferSize: maxEventLength,
      onEvent: ({ data }) => {
        if (data === "[DONE]") return;
        // After the read that is being taken apart, and before anything else.
        if (this.#came.length === 0) queueMicrotask(this.#handOn);
        this.#came.push(data);
      },
    });
  }

  /** Whether the answer began well. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** Resolves when the answer has come to its end; rejects with what it broke off with. */
  get over(): Promise<void> {
    return this.#over.promise;
  }

  begin(): void {
    this.#hasBegun = true;
  }

  bytes(came: Uint8Array): void {
    this.#onBytes();
    try {
      this.#parser.feed(this.#decoder.write(came));
    } catch (error) {
      this.end({ error });
    }
  }

  end(broken?: { error: unknown }): void {
    this.#handOn();
    if (broken === undefined) this.#over.resolve();
    else this.#over.reject(broken.error ?? new Error("the answer broke off"));
  }

  readonly #handOn = (): void => {
    if (this.#came.length === 0) return;
    const came = this.#came;
    this.#came = [];
    this.#onData(came);
  };

  /** Takes the body of an answer that `fetch` reads. Never rejects: what it fails with is the end of what comes. */
  async readAll(body: ReadableStream<Uint8Array>): Promise<void> {
    this.begin();
    const reader = body.getReader();
    const cancel = (): void => void reader.cancel().catch(() => undefined);
    this.signal.addEventListener("abort", cancel, { once: true });
    try {
      for (;;) {
        // oxlint-disable-next-line no-await-in-loop -- in the order in which it comes
        const { done, value } = await reader.read();
        if (done) break;
        this.bytes(value);
      }
      this.end();
    } catch (error) {
      this.end({ error });
    } finally {
      this.signal.removeEventListener("abort", cancel);
    }
  }
}
