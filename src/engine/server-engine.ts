import { ThreadweaverError } from "../errors.ts";
import { CallGate, openGate } from "./call-gate.ts";
import type { CompletionEvent, CompletionRequest, Engine, EngineWarning, Tokenizer } from "./engine.ts";
import type { Inspection } from "./detect/inspection.ts";
import type { ServerReport } from "./detect/report.ts";
import { ServerCalls } from "./server-call.ts";
import type { ServerClient } from "./http/server-client.ts";
import type { Tier } from "./tier.ts";

/** An engine behind HTTP. Everything that differs between servers is asked of the profile. */
export class ServerEngine implements Engine {
  readonly name: string;
  readonly model: string;
  readonly contextTokens: number;
  readonly maxPromptTokens: number;
  readonly parallelCalls: number | undefined;
  readonly tier: Tier;
  readonly warnings: readonly EngineWarning[];
  readonly tokenizer: Tokenizer;
  /** What was found out about the server. */
  readonly report: ServerReport;
  readonly #client: ServerClient;
  readonly #found: Inspection;
  readonly #calls: ServerCalls;
  readonly #gate: Pick<CallGate, "enter">;

  constructor(client: ServerClient, found: Inspection, report: ServerReport) {
    this.name = client.address;
    this.model = report.model;
    this.contextTokens = report.contextTokens;
    this.maxPromptTokens = report.maxPromptTokens;
    this.parallelCalls = found.identity.slots;
    this.tier = found.tier;
    this.warnings = report.warnings;
    this.tokenizer = found.tokenizer;
    this.report = report;
    this.#client = client;
    this.#found = found;
    this.#gate = found.profile.fork === "after-parent" ? new CallGate() : openGate;
    this.#calls = new ServerCalls(client, found);
  }

  async *complete(request: CompletionRequest): AsyncGenerator<CompletionEvent, void, undefined> {
    const room = this.#room(request);
    this.#found.range.check(request.prompt, "the prompt");
    this.#found.range.check(request.stop.ids, "the stop ids");
    const turn = await this.#gate.enter(request);
    try {
      yield* this.#calls.make(request, room, turn);
    } finally {
      turn.over();
    }
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  #room({ prompt, maxTokens }: CompletionRequest): number {
    if (prompt.length === 0) throw new ThreadweaverError("invalid_prompt", "The prompt has no tokens.");
    if (!(maxTokens >= 1))
      throw new ThreadweaverError("invalid_option", `maxTokens is ${maxTokens}; it is at least 1.`);
    const room = this.contextTokens - prompt.length;
    if (room >= 1 && prompt.length <= this.maxPromptTokens) return room;
    throw new ThreadweaverError(
      "context_exceeded",
      `The prompt has ${prompt.length} tokens, which leaves no room for one more in the context of ${this.contextTokens}.`,
    );
  }
}
