import type { EngineEnding, UntimedInput, Usage } from "../../core/machine/protocol.ts";
import { callOf, type Call, type State } from "../../core/machine/state.ts";
import type { Piece } from "../../core/trie/piece.ts";
import { segmentOf, type Segment } from "../../core/trie/trie.ts";
import type { CompletionEvent, CompletionRequest } from "../../engine/engine.ts";
import { roomFor } from "../../engine/room.ts";
import { factsOf, ThreadweaverError } from "../../errors.ts";
import { messageOf, sentence } from "../failure.ts";
import { explained, kept } from "../policies/logprobs.ts";
import type { ObservedRequest } from "../observe.ts";
import type { RunWarning } from "../result.ts";
import { checkPieces, contractError, strayStop } from "./contract.ts";
import { releasedPieces } from "./held.ts";
import { contextIds, generatedIds, type Context } from "./encode.ts";
import { endingOf, requestOf, usageOf, type Complete, type RequestSetup } from "./request.ts";
import type { Retries } from "./retries.ts";
import type { Slot } from "./slots/slots.ts";

type Broken = Extract<CompletionEvent, { type: "broken" }>;

export interface CallSetup extends RequestSetup {
  state: State;
  retries: Retries;
  feed: (input: UntimedInput) => void;
  warn: (warning: RunWarning) => void;
  /** What those who watch the run add to a request that the machine was told of. */
  observedHeaders: (request: ObservedRequest) => Readonly<Record<string, string>> | undefined;
  /** A call of this thread failed for good. */
  failed: (threadId: string, error: unknown) => void;
  /** A mistake that no single call explains. */
  die: (error: unknown) => void;
}

/**
 * One call of the machine, from its effect to the end of its stream, in as many requests as that takes. A request that
 * breaks off is followed by another one, which goes on after the last token. So the pieces of a call come once and in
 * order, and the call ends once.
 */
export class LiveCall {
  readonly effect: Complete;
  readonly slot: Slot;
  readonly #setup: CallSetup;
  readonly #controller = new AbortController();
  readonly #call: Call;
  readonly #segment: Segment;
  /** Tokens that came and are no pieces yet. */
  #held: Piece | undefined;
  /** What else is known of the attempt that broke off. */
  #broken: Broken | undefined;
  #hasStarted = false;
  #isOver = false;

  constructor(setup: CallSetup, effect: Complete, slot: Slot) {
    this.#setup = setup;
    this.effect = effect;
    this.slot = slot;
    this.#call = callOf(setup.state, effect.call);
    this.#segment = segmentOf(setup.state.trie, this.#call.segment);
  }

  /** Whether a request has been made, or its context is being encoded. */
  get hasStarted(): boolean {
    return this.#hasStarted;
  }

  /** Ends it at once: the engine is asked to stop, and what it still sends is not read. */
  cancel(): void {
    this.#end({ kind: "stop" });
    this.#controller.abort();
    this.slot.release();
  }

  /** Resolves when its last stream is closed. What an engine does is an ending too: only our own mistakes reject. */
  async make(): Promise<void> {
    this.#hasStarted = true;
    const { retries, feed } = this.#setup;
    const { signal } = this.#controller;
    try {
      await retries.run((attempt) => this.#attempt(attempt), {
        signal,
        first: this.#attemptsBefore() + 1,
        progress: () => this.#call.tokens + (this.#held?.ids?.length ?? 0),
        onRetry: ({ error: { code, message, status }, attempt, waitMs }) => {
          const usage = this.#broken && usageOf(this.#broken);
          const known = { ...(status !== undefined && { status }), ...(usage && { usage }) };
          feed({ t: "broke", call: this.effect.call, attempt, code, message, waitMs, ...known });
        },
      });
    } catch (error) {
      this.#fail(error);
    }
  }

  /** How many there were: none, except in a run that is resumed. */
  #attemptsBefore(): number {
    return Math.max(this.#segment.origins.at(-1)?.attempt ?? 0, this.#call.retries);
  }

  async #attempt(attempt: number): Promise<void> {
    this.#broken = undefined;
    try {
      // In a run that is resumed the machine may know already how it ended.
      if (this.#call.ending !== undefined) return this.#end({ kind: "stop" });
      const request = await this.#prepare(attempt);
      if (request !== undefined) await this.#stream(request);
    } catch (error) {
      // What came last has ended it: nothing more is needed of this request.
      if (this.#call.ending !== undefined) this.#end({ kind: "stop" });
      if (!this.#isOver) throw this.#canGoOn() ? error : finalError(error);
    }
  }

  /** A chat of whole turns has no place inside its last one. */
  #canGoOn(): boolean {
    return this.#setup.engine.tier !== "chat-only" || this.#call.tokens === 0;
  }

  /** The next request, of which the machine is told. Undefined where none is needed any more. */
  async #prepare(attempt: number): Promise<{ request: CompletionRequest; isRoom: boolean } | undefined> {
    if (this.#isOver) return undefined;
    const { engine, feed } = this.#setup;
    const { ids, isEncodedAgain } = await this.#prompt();
    const held = this.#held;
    const prompt = held?.ids === undefined ? ids : [...ids, ...held.ids];
    // oxlint-disable-next-line typescript/no-unnecessary-condition -- it may have been cancelled while it waited
    if (this.#isOver) return undefined;
    const generated = this.#call.tokens + (held?.ids?.length ?? 0);
    const room = roomFor(engine, prompt.length);
    const { signal } = this.#controller;
    const request = requestOf(this.#setup, this.effect, { attempt, prompt, held, room, generated, signal });
    const { seed, ...sampling } = request.sampling;
    feed({
      t: "sent",
      call: this.effect.call,
      attempt,
      promptTokens: prompt.length,
      ...(isEncodedAgain && { promptIds: prompt }),
      sampling,
      ...(seed !== undefined && { seed }),
    });
    const { call, threadId } = this.effect;
    const observed = this.#setup.observedHeaders({ call, threadId, attempt });
    const headers = observed === undefined ? request.headers : { ...observed, ...request.headers };
    // The machine may have cancelled it just now.
    return this.#isOver ? undefined : { request: { ...request, headers }, isRoom: request.maxTokens === room };
  }

  /**
   * The context of the call, as the first attempt sent it, and after it what earlier attempts generated. It is not kept:
   * with thousands of long calls, that would be most of the memory.
   */
  async #prompt(): Promise<Context> {
    const { state, engine, feed, warn, options } = this.#setup;
    const { tokenizer } = engine;
    const { templateOptions } = options;
    const { signal } = this.#controller;
    const sent = this.#segment.origins[0]?.promptIds;
    const context =
      sent === undefined
        ? await contextIds(state, this.effect.at, tokenizer, feed, { signal, templateOptions })
        : { ids: sent, isEncodedAgain: true };
    const { ids, isEncodedAgain } = await generatedIds(state, this.#call, tokenizer, signal);
    if (isEncodedAgain) {
      const message = `a call of thread ${this.effect.threadId} broke off and goes on after the same text, but perhaps not after the same tokens: ${engine.name} returns no token ids`;
      warn({ code: "resumed-from-text", message, threadId: this.effect.threadId });
    }
    return { ids: [...context.ids, ...ids], isEncodedAgain: context.isEncodedAgain || isEncodedAgain };
  }

  async #stream({ request, isRoom }: { request: CompletionRequest; isRoom: boolean }): Promise<void> {
    const { engine, retries, feed, warn, die } = this.#setup;
    const { threadId, call } = this.effect;
    const stopIds = new Set([...request.stop.ids, ...engine.tokenizer.eos]);
    let hasEnded = false;
    for await (const event of engine.complete(request)) {
      if (event.type === "warning") {
        warn({ ...event.warning, threadId: "" });
        continue;
      }
      if (hasEnded) {
        const came = event.type === "end" ? "a second end came" : `${event.type} came`;
        die(contractError(engine, threadId, `${came} after the end; nothing may follow it`));
        return;
      }
      if (this.#isOver) return; // cancelled
      if (event.type === "broken") {
        this.#broken = event;
        this.#held = event.held ?? this.#held;
        continue;
      }
      retries.answered();
      if (event.type === "end") {
        hasEnded = true;
        const { string } = event;
        const isAsked = string !== undefined && request.stop.strings?.includes(string) === true;
        if (isAsked && this.#call.ending === undefined) throw strayStop(engine, string);
        this.#end(endingOf(event, isRoom), usageOf(event));
        continue;
      }
      if (event.type === "reasoning") {
        feed({ t: "reasoned", call, text: event.text });
        continue;
      }
      const { good, error } = checkPieces(engine, threadId, event.pieces, stopIds);
      if (good.length > 0) {
        this.#held = undefined; // they are among these
        feed({ t: "pieces", call, pieces: kept(good, this.#setup.options, threadId) });
      }
      if (error !== undefined) throw error;
      if (this.#call.wasted === 0) continue;
      // The machine has ended this call, and this engine goes on: its stream is closed.
      this.cancel();
      return;
    }
    if (!this.#isOver) throw contractError(engine, threadId, "the call came to its end without an end event");
  }

  #fail(error: unknown): void {
    if (this.#isOver) return;
    if (this.#held !== undefined) this.#release(this.#held);
    if (ThreadweaverError.isInstance(error) && error.code === "context_exceeded") {
      this.#end(this.#call.tokens > 0 ? { kind: "context" } : { kind: "refused", limit: "context" });
      return;
    }
    const { threadId } = this.effect;
    const known = explained(error, this.#setup.options, threadId);
    this.#setup.failed(threadId, known);
    this.#end({ kind: "failed", message: messageOf(known) });
  }

  /** Tokens that will become no better pieces are pieces now. */
  #release(held: Piece): void {
    const { engine, feed } = this.#setup;
    const { eos } = engine.tokenizer;
    const pieces = releasedPieces(held, (id) => this.#call.stops.ids.get(id) ?? (eos.includes(id) ? "" : undefined));
    feed({ t: "pieces", call: this.effect.call, pieces });
  }

  /** Feeds the end of the call to the machine, once. */
  #end(reason: EngineEnding, usage?: Usage): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#setup.feed({ t: "ended", call: this.effect.call, reason, ...(usage && { usage }) });
  }
}

/** The same, not to be tried again. */
function finalError(error: unknown): unknown {
  if (!ThreadweaverError.isInstance(error) || !error.retryable) return error;
  const message = `${sentence(error.message)} It was not tried again: this server takes whole turns of a chat only, so a call cannot go on from its last token.`;
  return new ThreadweaverError(error.code, message, { ...factsOf(error), retryable: false, cause: error });
}
