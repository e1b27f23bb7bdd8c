import { StringDecoder } from "node:string_decoder";
import { createParser } from "eventsource-parser";
import type { EventSourceParser } from "eventsource-parser";
import type { ByteSink } from "./direct-fetch.ts";
import { WholeBody } from "./whole-body.ts";

/** Most characters of one event. A part of an answer has a few hundred. */
const maxEventLength = 2 ** 24;

export interface EventDataSetup {
  /** Closes the connection. */
  signal: AbortSignal;
  /** Called when bytes arrive, before their events. */
  onBytes: () => void;
  /** Called with the data of the events that one read brought, at least one. Must not throw. */
  onData: (came: readonly string[]) => void;
  /** Called when the server says that nothing follows. */
  onDone?: (() => void) | undefined;
}

/** How data looks that is not part of an event stream: JSON, or a page. */
const beginsWhole = /^\uFEFF?\s*[{[<]/;

/**
 * Reads the data of an answer's events. What keeps a connection alive is left out: comments, events without data. So is
 * the `[DONE]` at the end, since it says nothing about success. An answer that is no event stream although one was
 * requested is data too: one JSON value, or one a line.
 *
 * Data is handed on as it arrives, however slowly the pieces are read: what still waits in a stream's buffers is lost
 * when its connection breaks. Reading continues after `[DONE]`, since a connection is reused only after its answer was
 * read to the end.
 */
export class EventData implements ByteSink {
  readonly signal: AbortSignal;
  readonly #onBytes: () => void;
  readonly #onData: (came: readonly string[]) => void;
  readonly #onDone: () => void;
  readonly #parser: EventSourceParser;
  readonly #decoder = new StringDecoder();
  readonly #over = Promise.withResolvers<void>();
  #hasBegun = false;
  /** Nothing more comes. */
  #isOver = false;
  /** The beginning of the answer, while it is not clear what it is; then undefined. */
  #beginning: string | undefined = "";
  /** The answer, where it is no event stream. */
  #whole: WholeBody | undefined;
  /** Data that was not handed on yet. One read of the connection brings many events, each in a callback of its own. */
  #came: string[] = [];

  constructor({ signal, onBytes, onData, onDone = () => {} }: EventDataSetup) {
    this.signal = signal;
    this.#onBytes = onBytes;
    this.#onData = onData;
    this.#onDone = onDone;
    this.#over.promise.catch(() => undefined); // it may reject before anything awaits it
    this.#parser = createParser({
      maxBufferSize: maxEventLength,
      onEvent: ({ event, data }) => this.#take(event === "error" ? asError(data) : data),
      // Some servers write an error where the name of a field stands, or a line of text.
      onError: ({ field, value, line }) => {
        if (field === "error") this.#take(asError(value ?? ""));
        else if (line !== undefined && line.trim() !== "") this.#take(line);
      },
    });
  }

  #take(data: string): void {
    if (data.startsWith("{")) {
      this.#hand(data);
      return;
    }
    const text = data.trim();
    if (text === "") return;
    if (/^"?\[DONE\]"?$/i.test(text)) this.#onDone();
    else if (text.startsWith("{")) this.#take(text);
    // Words among the events are not the answer. What looks like JSON must be JSON: else a part of it is lost.
    else if (/^[[<]/.test(text)) this.#hand(text);
    else this.#take(JSON.stringify({ said: text }));
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

  #hand(data: string): void {
    if (this.#isOver && !isJson(data)) return; // cut off
    // Runs after the current read was parsed, and before anything else.
    if (this.#came.length === 0) queueMicrotask(this.#handOn);
    this.#came.push(data);
  }

  bytes(came: Uint8Array): void {
    this.#onBytes();
    try {
      this.#feed(this.#decoder.write(came));
    } catch (error) {
      this.end({ error });
    }
  }

  #feed(text: string): void {
    if (this.#beginning !== undefined) {
      const beginning = this.#beginning + text;
      if (beginning.trim() === "" && beginning.length < 100) {
        this.#beginning = beginning;
        return;
      }
      this.#beginning = undefined;
      if (beginsWhole.test(beginning)) this.#whole = new WholeBody(maxEventLength, (data) => this.#take(data));
      this.#feed(beginning);
    } else if (this.#whole === undefined) this.#parser.feed(text);
    else this.#whole.feed(text);
  }

  end(broken?: { error: unknown }): void {
    this.#finish();
    this.#handOn();
    if (broken === undefined) this.#over.resolve();
    else this.#over.reject(broken.error ?? new Error("the answer broke off"));
  }

  /** Takes what came after the last line end: an answer may be cut short after its last event. */
  #finish(): void {
    this.#isOver = true;
    try {
      if (this.#whole === undefined) this.#parser.feed("\n\n");
      else this.#whole.end();
    } catch {
      // The parser has refused an event that is too large, and said so.
    }
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

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The data of an event that is an error by its name, whatever is in it. */
function asError(data: string): string {
  try {
    const value: unknown = JSON.parse(data);
    const hasError = typeof value === "object" && value !== null && "error" in value;
    return JSON.stringify(hasError ? value : { error: value });
  } catch {
    return JSON.stringify({ error: data.trim() !== "" ? data : "an error without a message" });
  }
}
