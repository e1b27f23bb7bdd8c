import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Scenario } from "./scenario.ts";
import type { Place, Story } from "./story.ts";
import type { FaultName } from "./faults.ts";

/** One request of a run, as it came to the line before its server. */
export interface BookedRequest {
  place: Place;
  /** The ids that it goes on from. */
  prompt: readonly number[];
  seed: number;
  path: string;
  fault: FaultName | undefined;
  /** Whether the fault has struck: an answer may end before. */
  hasStruck: boolean;
  /** What the model says to it. Undefined: it was not asked. */
  said: readonly number[] | undefined;
  /** The bytes of its answer that the client has read. */
  read: Uint8Array[];
}

/** What is known of one run on the side of its server and on its connections. */
export interface Book {
  scenario: Pick<Scenario, "sequential" | "faults" | "seed" | "index">;
  story: Story;
  promptTokens: number;
  requests: BookedRequest[];
  /** Requests so far at each place. */
  counts: Map<Place, number>;
}

interface ChunkRead {
  request: { headers: unknown; body: unknown; path: unknown };
  chunk: Uint8Array;
}

/**
 * The books of all runs that are being played, by the name of the run. What clients read is taken down where undici
 * takes it from its connections: a byte that was sent and never read is not among it.
 */
export class Ledger implements Disposable {
  /** What calls of no run wait for before they are answered. */
  barrier: Promise<void> | undefined;
  readonly #books = new Map<string, Book>();
  /** The entry of each request of undici's. */
  readonly #entries = new WeakMap<object, BookedRequest>();

  constructor() {
    subscribe("undici:request:bodyChunkReceived", this.#onChunk);
  }

  [Symbol.dispose](): void {
    unsubscribe("undici:request:bodyChunkReceived", this.#onChunk);
  }

  open(id: string, book: Book): void {
    this.#books.set(id, book);
  }

  close(id: string): void {
    this.#books.delete(id);
  }

  of(id: string | undefined): Book | undefined {
    return id === undefined ? undefined : this.#books.get(id);
  }

  readonly #onChunk = (message: unknown): void => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what undici publishes
    const { request, chunk } = message as ChunkRead;
    const entry = this.#entries.get(request) ?? this.#entryOf(request);
    if (entry === undefined) return;
    this.#entries.set(request, entry);
    entry.read.push(Uint8Array.from(chunk));
  };

  #entryOf({ headers, body }: ChunkRead["request"]): BookedRequest | undefined {
    const book = this.of(headerIn(headers, "x-session-id"));
    if (book === undefined || body === null || body === undefined) return undefined;
    const seed = seedIn(JSON.parse((body as Buffer).toString()));
    // A request that got no answer may have been sent once more.
    return book.requests.findLast((entry) => entry.seed === seed);
  }
}

function headerIn(headers: unknown, name: string): string | undefined {
  if (!Array.isArray(headers)) return undefined;
  const at = headers.findIndex((one, n) => n % 2 === 0 && String(one).toLowerCase() === name);
  return at < 0 ? undefined : String(headers[at + 1]);
}

/** The seed of a request's body: each attempt of a run has one of its own. */
export function seedIn(body: unknown): number {
  const { seed, sampling_params: native } = body as { seed?: number; sampling_params?: { sampling_seed?: number } };
  return seed ?? native?.sampling_seed ?? -1;
}
