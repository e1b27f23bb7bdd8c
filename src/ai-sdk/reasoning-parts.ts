import type { LanguageModelV4StreamPart } from "@ai-sdk/provider";
import { markersOf } from "../core/dialects/markers.ts";
import type { Dialect } from "../core/dialects/schema.ts";
import type { RunEvent } from "../run/events.ts";
import { underOurName, type PartMetadata } from "./metadata.ts";
import { OwnText } from "./own-text.ts";

type Event<T extends RunEvent["type"]> = Extract<RunEvent, { type: T }>;

/** A reasoning part that is not over. */
interface Open {
  own: OwnText;
  metadata: PartMetadata;
  hasStarted: boolean;
}

const main = "0";

/**
 * The events of a run as reasoning parts: one for main's thinking, whose id is `0`, and one for each thread. A part holds
 * what that sequence generated itself, so each token is shown once.
 */
export class ReasoningParts {
  readonly #emit: (part: LanguageModelV4StreamPart) => void;
  readonly #markers: readonly string[];
  readonly #thinkingEnd: string | undefined;
  readonly #open = new Map<string, Open>();

  /** @param stop strings at which main ends. */
  constructor(dialect: Dialect, stop: readonly string[], emit: (part: LanguageModelV4StreamPart) => void) {
    this.#emit = emit;
    this.#thinkingEnd = dialect.thinkingEnd;
    this.#markers = [...markersOf(dialect), ...stop];
    this.#begin({ threadId: main });
  }

  take(event: RunEvent): void {
    if (event.type === "thread-start") this.#threadStart(event);
    if (event.type === "text") this.#text(event);
    if (event.type === "reasoning") this.#show(event.threadId, event.text);
    if (event.type === "thread-end") {
      const { threadId, ending, tokens, criticalPath, ms } = event;
      this.#end(threadId, { ending: ending.kind, tokens, criticalPath, ms });
    }
  }

  /** Nothing follows: what is open is ended. */
  end(): void {
    for (const threadId of [...this.#open.keys()].toReversed()) this.#end(threadId);
  }

  #begin(metadata: PartMetadata): Open {
    const open = { own: new OwnText(this.#markers), metadata, hasStarted: false };
    this.#open.set(metadata.threadId, open);
    return open;
  }

  #threadStart({ type: _type, at: _at, header: _header, splice: _splice, ...metadata }: Event<"thread-start">): void {
    this.#start(this.#begin(metadata));
  }

  #start(open: Open): void {
    open.hasStarted = true;
    const { metadata } = open;
    this.#emit({ type: "reasoning-start", id: metadata.threadId, providerMetadata: underOurName(metadata) });
  }

  #text(event: Event<"text">): void {
    const { threadId, by, inserted } = event;
    const own = this.#open.get(threadId)?.own;
    const marker = threadId === main ? this.#thinkingEnd : "";
    // Where the format has no end of thinking, main's text is the answer.
    if (own === undefined || marker === undefined) return;
    own.apply(event);
    const thought = marker === "" ? undefined : own.before(marker);
    this.#show(threadId, thought ?? own.ready());
    const isOver = thought !== undefined || (marker !== "" && by !== "model" && inserted.includes(marker));
    if (isOver) this.#end(threadId);
  }

  /** A part begins with its first text, or with its thread. */
  #show(threadId: string, delta: string): void {
    const open = this.#open.get(threadId);
    if (open === undefined || delta === "") return;
    if (!open.hasStarted) this.#start(open);
    this.#emit({ type: "reasoning-delta", id: threadId, delta });
  }

  #end(threadId: string, known: Partial<PartMetadata> = {}): void {
    const open = this.#open.get(threadId);
    if (open === undefined) return;
    // What waits after the end of main's thinking is no thinking any more.
    const isThought =
      threadId !== main || this.#thinkingEnd === undefined || open.own.before(this.#thinkingEnd) === undefined;
    if (isThought) this.#show(threadId, open.own.rest());
    this.#open.delete(threadId);
    if (!open.hasStarted) return;
    this.#emit({ type: "reasoning-end", id: threadId, providerMetadata: underOurName({ ...open.metadata, ...known }) });
  }
}
