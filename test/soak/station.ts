import type { ServerEngine } from "../../src/engine/server-engine.ts";
import { createEngine } from "../../src/engine/openai.ts";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { createRunner, type Runner } from "../../src/run/runner.ts";
import { startFakeServer, type FakeAnswer, type FakeServer, type FakeServerOptions } from "../../src/testing/index.ts";
import { chanceOf } from "./chance.ts";
import { fastClock } from "./fast-clock.ts";
import { faultOf, type Strike } from "./faults.ts";
import { seedIn, type Book, type BookedRequest, type Ledger } from "./ledger.ts";
import { Line, type LineRequest, type Suffering } from "./line.ts";
import type { Flavour } from "./scenario.ts";
import { continuationOf } from "./story.ts";

export const settings: Record<Flavour, Omit<FakeServerOptions, "model"> & { slots?: number }> = {
  vllm: { kind: "vllm" },
  sglang: { kind: "sglang" },
  spelled: { kind: "vllm", controls: [] },
  deaf: { kind: "sglang", version: "0.5.16", onDisconnect: "run-on" },
  narrow: { kind: "vllm", tokensPerChunk: 3 },
  vast: { kind: "vllm", contextTokens: 3_000_000, tokensPerChunk: 65_536 },
};

/** Requests at once of the runner on a flavour. */
const slotsOf: Record<Flavour, number> = { vllm: 48, sglang: 48, spelled: 48, deaf: 48, narrow: 8, vast: 8 };

const markers = [...threadweaver.markers, "<think>", "</think>"];

/**
 * Silences are waited out in real time. Long enough for a busy machine: servers and clients share one process, and a call
 * that was given up too early is one more call.
 */
const timeouts = { connectMs: 10_000, firstTokenMs: 15_000, idleMs: 2500 };

/** Where the model of the spelled flavour goes on after a marker that does not stop its server. */
const further = " and on".repeat(8);

/** A server, the line to it, and a runner on an engine there: many runs share them. */
export class Station implements AsyncDisposable {
  readonly flavour: Flavour;
  readonly slots: number;
  readonly runner: Runner;
  readonly engine: ServerEngine;
  readonly server: FakeServer;
  readonly #line: Line;
  readonly #names: { next: string };

  private constructor(
    flavour: Flavour,
    own: { server: FakeServer; line: Line; engine: ServerEngine; runner: Runner; names: { next: string } },
  ) {
    this.flavour = flavour;
    this.slots = slotsOf[flavour];
    this.server = own.server;
    this.#line = own.line;
    this.engine = own.engine;
    this.runner = own.runner;
    this.#names = own.names;
  }

  /** @param wrap what runs see of the engine: to plant a mistake that the checks have to find. */
  static async open(flavour: Flavour, ledger: Ledger, wrap: (engine: Engine) => Engine): Promise<Station> {
    const server = await startStoryServer(ledger, settings[flavour]);
    const line = await new Line(server.baseURL, (request) => faultFor(request, ledger, server)).start();
    const engine = await createEngine({ baseURL: line.url, controls: flavour === "spelled" ? [] : markers, timeouts });
    const names = { next: "" };
    const runner = createRunner({
      engine: wrap(engine),
      dialect: threadweaver,
      concurrency: slotsOf[flavour],
      clock: fastClock,
      createId: () => names.next,
    });
    return new Station(flavour, { server, line, engine, runner, names });
  }

  /** The name of the run that begins next. */
  name(id: string): void {
    this.#names.next = id;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.runner.close();
    await this.engine.close();
    await this.#line[Symbol.asyncDispose]();
    await this.server.close();
  }
}

/** A server whose model tells each run its story, with the faults that were booked for the request. */
export async function startStoryServer(ledger: Ledger, options: Omit<FakeServerOptions, "model">): Promise<FakeServer> {
  const server: FakeServer = await startFakeServer({
    // A cache of thousands of calls is looked through for each one.
    cacheBlock: 0,
    ...options,
    async model(_, call): Promise<FakeAnswer> {
      const { prompt, headers, body } = server.calls[call] ?? { prompt: [], headers: undefined, body: {} };
      const book = ledger.of(String(headers?.["x-session-id"]));
      if (book === undefined) {
        await ledger.barrier;
        return { text: "of no run" };
      }
      const { rest = [...Buffer.from("lost its way")] } = continuation(book, server, prompt);
      const entry = book.requests.findLast(({ seed }) => seed === seedIn(body));
      const strike = entry === undefined ? undefined : strikeOf(book, entry, server);
      const plain: FakeAnswer = { text: "", ids: options.controls?.length === 0 ? runOn(rest) : rest };
      const answer = strike !== undefined && "answer" in strike ? { ...plain, ...strike.answer } : plain;
      if (entry !== undefined) {
        entry.said = answer.refusal === undefined ? answer.ids : [];
        if (strike !== undefined && "answer" in strike) entry.hasStruck = true;
      }
      return answer;
    },
  });
  return server;
}

/** Where markers are spelled out, no server stops at them. */
function runOn(rest: readonly number[]): readonly number[] {
  const endsInMarker = String.fromCharCode(...rest.slice(-1)) === ">";
  return endsInMarker ? [...rest, ...Buffer.from(further)] : rest;
}

function continuation({ story, promptTokens, scenario }: Book, server: FakeServer, ids: readonly number[]) {
  return continuationOf(story, server.tokenizer, { ids, promptTokens, sequential: scenario.sequential });
}

/** Books a request of a run, and says what befalls it on the line. */
export function faultFor(request: LineRequest, ledger: Ledger, server: FakeServer): Suffering | undefined {
  const book = ledger.of(request.headers.get("x-session-id"));
  if (book === undefined) return undefined;
  const entry = bookRequest(book, server, request);
  const strike = strikeOf(book, entry, server);
  if (strike === undefined || !("line" in strike)) return undefined;
  return { fault: strike.line, strikes: () => void (entry.hasStruck = true) };
}

function bookRequest(book: Book, server: FakeServer, { path, body }: LineRequest): BookedRequest {
  const asked = JSON.parse(body) as { prompt?: number[]; input_ids?: number[] };
  const prompt = asked.prompt ?? asked.input_ids ?? [];
  const { place } = continuation(book, server, prompt);
  const nth = book.counts.get(place) ?? 0;
  book.counts.set(place, nth + 1);
  const planned = book.scenario.faults.find((one) => one.place === place);
  const fault = planned?.names[nth] ?? (planned?.forever === true ? planned.names.at(-1) : undefined);
  const entry = { place, prompt, seed: seedIn(asked), path, fault, hasStruck: false, said: undefined, read: [] };
  book.requests.push(entry);
  return entry;
}

/** Drawn again wherever it is needed: it follows from the run and the request. */
function strikeOf(book: Book, entry: BookedRequest, server: FakeServer): Strike | undefined {
  if (entry.fault === undefined) return undefined;
  const { rest = [] } = continuation(book, server, entry.prompt);
  const chance = chanceOf(book.scenario.seed + book.scenario.index, entry.prompt.length);
  return faultOf(entry.fault).strike({ rest, tokenizer: server.tokenizer, chance });
}
