import { createParser } from "eventsource-parser";
import type { EventSourceParser } from "eventsource-parser";

/** Characters of one event. A part of an answer has a few hundred. */
const maxEventLength = 2 ** 24;

/**
 * The data of the events of an answer, without the `[DONE]` at its end, which says nothing about success.
 *
 * The body is read as fast as it comes, however slow the reader of the events is: what still waits in a stream's buffers
 * when its connection breaks is thrown away, and it was tokens. It is read on after `[DONE]`, since only a connection whose
 * answer was read to its end is used again.
 */
export class EventData {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #parser: EventSourceParser;
  readonly #onBytes: () => void;
  #waiting: string[] = [];
  /** Set when nothing more will come. */
  #end: { error?: unknown } | undefined;
  #wake: (() => void) | undefined;

  /** @param onBytes called whenever something came. */
  constructor(body: ReadableStream<Uint8Array>, onBytes: () => void) {
    this.#reader = body.getReader();
    this.#onBytes = onBytes;
    this.#parser = createParser({
      maxBufferSize: maxEventLength,
      onEvent: ({ data }) => {
        if (data !== "[DONE]") this.#waiting.push(data);
      },
    });
    void this.#readAll();
  }

  /** What has come since the last time, at least one; undefined at the end. Rejects with what the answer broke off with. */
  async next(): Promise<readonly string[] | undefined> {
    while (this.#waiting.length === 0) {
      if (this.#end?.error !== undefined) throw this.#end.error;
      if (this.#end !== undefined) return undefined;
      // oxlint-disable-next-line no-await-in-loop -- what came may be no whole event
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const came = this.#waiting;
    this.#waiting = [];
    return came;
  }

  /** Ends the answer, if it has not ended. */
  async cancel(): Promise<void> {
    await this.#reader.cancel().catch(() => undefined);
  }

  /** Never rejects: what it fails with is the end of what comes. */
  async #readAll(): Promise<void> {
    const decoder = new TextDecoder();
    try {
      for (;;) {
        // oxlint-disable-next-line no-await-in-loop -- in the order in which it comes
        const { done, value } = await this.#reader.read();
        if (done) break;
        this.#onBytes();
        this.#parser.feed(decoder.decode(value, { stream: true }));
        if (this.#waiting.length > 0) this.#wake?.();
      }
      this.#end = {};
    } catch (error) {
      this.#end = { error: error ?? new Error("the answer broke off") };
    }
    this.#wake?.();
  }
}
