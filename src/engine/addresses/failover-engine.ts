import { ThreadweaverError } from "../../errors.ts";
import { untilAborted } from "../abort.ts";
import type { ServerReport } from "../detect/server-report.ts";
import type { CompletionEvent, CompletionRequest, EngineWarning } from "../engine.ts";
import type { ServerEngine } from "../server-engine.ts";
import type { Tier } from "../tier.ts";
import type { Address } from "./address.ts";
import type { Addresses } from "./addresses.ts";
import { FailoverTokenizer } from "./failover-tokenizer.ts";

/**
 * An engine at several addresses of one model. It does not repeat calls: a call whose address is lost fails, and its
 * next attempt goes to another address.
 */
export class FailoverEngine implements ServerEngine {
  readonly name: string;
  readonly model: string;
  readonly parallelCalls: number | undefined;
  readonly tier: Tier;
  readonly warnings: readonly EngineWarning[];
  readonly tokenizer: FailoverTokenizer;
  /** Of the address that answered first. */
  readonly report: ServerReport;
  readonly #addresses: Addresses;
  #isClosed = false;

  constructor(addresses: Addresses, first: ServerEngine, warnings: readonly EngineWarning[]) {
    this.name = addresses.names;
    this.model = first.model;
    this.parallelCalls = first.parallelCalls;
    this.tier = first.tier;
    this.warnings = [...first.warnings, ...warnings];
    this.report = first.report;
    this.#addresses = addresses;
    this.tokenizer = new FailoverTokenizer(first.tokenizer, addresses, (address) => this.#connected(address));
  }

  /** The shortest one of the addresses that are connected. */
  get contextTokens(): number {
    return Math.min(...this.#engines().map(({ contextTokens }) => contextTokens));
  }

  async *complete(request: CompletionRequest): AsyncGenerator<CompletionEvent, void, undefined> {
    const { session, signal } = request;
    const address = this.#addresses.of(session);
    try {
      const engine = await untilAborted(this.#connected(address), signal);
      for (const warning of this.#addresses.takeWarnings(session)) yield { type: "warning", warning };
      for await (const event of engine.complete(request)) {
        if (event.type === "pieces" || event.type === "end") this.#addresses.worked(address);
        yield event;
      }
    } catch (error) {
      throw this.#addresses.failed(address, session, error);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#addresses.list.map((address) => address.close()));
  }

  /** For `await using engine = await createEngine(…)`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #engines(): ServerEngine[] {
    return this.#addresses.list.flatMap(({ engine }) => engine ?? []);
  }

  async #connected(address: Address): Promise<ServerEngine> {
    if (this.#isClosed)
      throw new ThreadweaverError("closed", `The engine on ${this.name} was closed. Create a new one.`);
    return address.engine ?? address.connected();
  }
}
