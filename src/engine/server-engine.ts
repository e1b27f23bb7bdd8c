import { CallEvents } from "./call-events.ts";
import type { Inspection } from "./detect/inspection.ts";
import type { ServerReport } from "./detect/server-report.ts";
import type { CompletionEvent, CompletionRequest, Engine, EngineWarning, Tokenizer } from "./engine.ts";
import type { ServerClient } from "./http/server-client.ts";
import { checkRequest } from "./request-check.ts";
import { roomFor } from "./room.ts";
import { ServerCalls } from "./server-call.ts";
import type { Tier } from "./tier.ts";

/** An engine behind HTTP: what `createEngine` returns. */
export interface ServerEngine extends Engine, AsyncDisposable {
  readonly tier: Tier;
  readonly warnings: readonly EngineWarning[];
  /** What was found out about the server; of several, about the one that answered first. */
  readonly report: ServerReport;
  complete(request: CompletionRequest): AsyncIterableIterator<CompletionEvent>;
}

/** The engine at one address. Everything in which servers differ is in the profile. */
export class OneServerEngine implements ServerEngine {
  readonly name: string;
  readonly model: string;
  readonly contextTokens: number;
  readonly parallelCalls: number | undefined;
  readonly tier: Tier;
  readonly warnings: readonly EngineWarning[];
  readonly tokenizer: Tokenizer;
  readonly report: ServerReport;
  readonly #client: ServerClient;
  readonly #found: Inspection;
  readonly #calls: ServerCalls;

  constructor(client: ServerClient, found: Inspection, report: ServerReport) {
    this.name = client.address;
    this.model = report.model;
    this.contextTokens = found.contextTokens;
    this.parallelCalls = found.identity.slots;
    this.tier = found.tier;
    this.warnings = report.warnings;
    this.tokenizer = found.tokenizer;
    this.report = report;
    this.#client = client;
    this.#found = found;
    this.#calls = new ServerCalls(client, found);
  }

  complete(request: CompletionRequest): AsyncIterableIterator<CompletionEvent> {
    const roomOf = (given: CompletionRequest): number => this.#check(given);
    return new CallEvents((output) => this.#calls.make(request, roomOf, output), request.signal);
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  /** For `await using engine = await createEngine(…)`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Checks a request. Returns the room after its prompt, in tokens. */
  #check(request: CompletionRequest): number {
    checkRequest(request);
    const room = roomFor(this, request.prompt.length);
    this.#found.range.check(request.prompt, "the prompt");
    this.#found.range.check(request.stop.ids, "the stop ids");
    this.#found.range.checkTop(request.logprobs ?? false);
    return room;
  }
}
