import type { ServerResponse } from "node:http";
import { beginStream } from "./http.ts";
import { compactJson } from "./json.ts";
import type { FakeAnswer } from "./options.ts";
import type { Settings } from "./settings.ts";

/** Writes one stream of events. */
export class EventWriter {
  /** Changes the data of each event. Undefined leaves one out. */
  rewrite: FakeAnswer["rewrite"];
  readonly #response: ServerResponse;
  readonly #settings: Settings;
  #events = 0;

  constructor(response: ServerResponse, settings: Settings) {
    this.#response = response;
    this.#settings = settings;
  }

  /** Sends the headers, unless they were sent before. */
  begin(): void {
    if (!this.#response.headersSent) beginStream(this.#response, this.#settings);
  }

  event(data: unknown): void {
    this.data(compactJson(data));
  }

  /** Writes an event whose data is already a text. */
  data(written: string): void {
    const { lineEnd, comments } = this.#settings;
    const data = this.rewrite === undefined ? written : this.rewrite(written, this.#events++);
    if (data === undefined) return;
    this.#write(`data: ${data}${lineEnd}${lineEnd}`);
    if (comments && data !== "[DONE]") this.#write(`: ping${lineEnd}${lineEnd}`);
  }

  end(done: boolean): void {
    if (done && this.#settings.done) this.data("[DONE]");
    if (!this.#response.destroyed) this.#response.end();
  }

  /** Cuts the connection. What was written still arrives. */
  cut(): void {
    this.#response.socket?.destroySoon();
  }

  #write(text: string): void {
    this.begin();
    if (this.#response.destroyed) return;
    const bytes = Buffer.from(text);
    const size = Math.min(this.#settings.bytesPerWrite, bytes.length);
    for (let at = 0; at < bytes.length; at += size) this.#response.write(bytes.subarray(at, at + size));
  }
}
