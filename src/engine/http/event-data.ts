import { StringDecoder } from "node:string_decoder";
import { createParser } from "eventsource-parser";
import type { EventSourceParser } from "eventsource-parser";
import type { ByteSink } from "./direct-fetch.ts";

/** Most characters of one event. A part of an answer has a few hundred. */
const maxEventLength = 2 ** 24;

export interface EventDataSetup {
  /** Closes the connection. */
  signal: AbortSignal;
  /** Called when bytes arrive, before their events. */
  onBytes: () => void;
  /** Called with the data of the events that one read brought, at least one. Must not throw. */
  onData: (came: readonly string[]) => void;
}

/**
 * Reads the data of an answer's events. The `[DONE]` at the end is left out, since it says nothing about success.
 *
 * Data is handed on as it arrives, however slowly the pieces are read: what still waits in a stream's buffers is lost
 * when its connection breaks. Reading continues after `[DONE]`, since a connection is reused only after its answer was
 * read to the end.
 */
export class EventData implements ByteSink {
  readonly signal: AbortSignal;
  readonly #onBytes: () => void;
  readonly #onData: (came: readonly string[]) => void;
  readonly #parser: EventSourceParser;
  readonly #decoder = new StringDecoder();
  readonly #over = Promise.withResolvers<void>();
  #hasBegun = false;
  /** Data that was not handed on yet. One read of the connection brings many events, each in a callback of its own. */
  #came: string[] = [];

  constructor({ signal, onBytes, onData }: EventDataSetup) {
    this.signal = signal;
    this.#onBytes = onBytes;
    this.#onData = onData;
    this.#over.promise.catch(() => undefined); // it may reject before anything awaits it
    this.#parser = createParser({
      maxBufferSize: maxEventLength,
      onEvent: ({ data }) => {
        if (data === "[DONE]") return;
        // Runs after the current read was parsed, and before anything else.
        if (this.#came.length === 0) queueMicrotask(this.#handOn);
        this.#came.push(data);
      },
    });
  }

  /** Whether the answer has begun, with a 2xx status. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** Resolves at the end of the answer. Rejects with the error of an answer that broke off. */
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

  /** Reads the body of an answer from `fetch`. Never rejects: an error ends the data instead. */
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
