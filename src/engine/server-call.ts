import { ThreadweaverError } from "../errors.ts";
import { abortedError } from "./abort.ts";
import { adaptedTo, withoutFields, withoutOptional } from "./adapt-profile.ts";
import type { Adapted } from "./adapt-profile.ts";
import type { Piece } from "../core/trie/piece.ts";
import { AnswerFlow } from "./answer-flow.ts";
import { Answer } from "./answer.ts";
import type { AnswerFacts } from "./answer.ts";
import { CacheWatch } from "./cache-watch.ts";
import type { CallOutput } from "./call-events.ts";
import { CallIds } from "./call-ids.ts";
import { cancellation } from "./cancellation.ts";
import type { Inspection } from "./detect/inspection.ts";
import type { CompletionRequest, EngineWarning } from "./engine.ts";
import type { ServerClient, StreamOptions } from "./http/server-client.ts";
import { openGate, PrefillGate } from "./prefill-gate.ts";
import type { Lease } from "./prefill-gate.ts";
import { bulkProfile } from "./profile.ts";
import type { EngineProfile } from "./profile.ts";
import { emitBroken, endsInHeld } from "./held.ts";
import { completionBody } from "./wire/completion-body.ts";
import { endingOf } from "./wire/endings.ts";
import { isWhole, meaningOf } from "./wire/finish-reasons.ts";
import { requireLogprobs } from "./wire/logprobs.ts";
import { requireSampling } from "./wire/sampling.ts";

/** A call and how it is made. */
interface Call {
  request: CompletionRequest;
  profile: EngineProfile;
  /** Tokens that the context has room for after the prompt. */
  room: number;
}

/** How the answer of a call is read. */
interface Reading {
  answer: Answer;
  lease: Lease;
  together: boolean;
}

/** Makes the calls to one server, in the way that its profile describes. */
export class ServerCalls {
  readonly #client: ServerClient;
  readonly #found: Inspection;
  readonly #gate: Pick<PrefillGate, "enter">;
  readonly #ids = new CallIds();
  readonly #cache = new CacheWatch();
  /** The profiles, without the fields that the server has refused by name. */
  #usual: EngineProfile;
  #bulk: EngineProfile;
  readonly #warned = new Set<string>();

  constructor(client: ServerClient, found: Inspection) {
    this.#client = client;
    this.#found = found;
    this.#gate = found.profile.fork === "after-parent" ? new PrefillGate() : openGate;
    this.#usual = found.profile;
    this.#bulk = bulkProfile(found.profile);
  }

  /**
   * How many tokens one part may hold. A server that takes no stop ids goes on generating after them, so the reader has
   * to see each token as soon as it arrives.
   */
  #partSize({ coalesce = 1, stop }: CompletionRequest): number {
    return stop.ids.length > 0 && this.#usual.request.stopIds === null ? 1 : coalesce;
  }

  /**
   * Makes a call. Resolves when its connection is closed.
   *
   * @param roomOf returns how many tokens the context has room for after a request's prompt. It throws where the
   * request cannot be run.
   */
  async make(
    asked: CompletionRequest,
    roomOf: (request: CompletionRequest) => number,
    output: CallOutput,
  ): Promise<void> {
    const request = { ...asked, coalesce: this.#partSize(asked) };
    const { coalesce, together = false, logprobs = false } = request;
    const profile = coalesce > 1 ? this.#bulk : this.#usual;
    const call = { request, profile, room: roomOf(request) };
    const { address } = this.#client;
    requireLogprobs(address, profile, logprobs);
    requireSampling(address, profile, request.sampling);
    this.#warnOfSampling(request, profile, output);
    const lease = await this.#gate.enter(request);
    const { connections } = this.#client;
    const mask = (said: string): string => this.#client.mask(said, request.headers);
    const onReasoning = (text: string): void => output.emit({ type: "reasoning", text });
    const answer = new Answer({ address, found: this.#found, profile, request, lease, mask, onReasoning });
    try {
      if (endsInHeld(request, this.#found.vocabulary.eos)) await this.#finish(call, answer, output);
      else await this.#run(call, { answer, lease, together }, output);
    } catch (error) {
      if (!request.signal.aborted) {
        emitBroken(answer, output);
        if (isNoAnswer(error)) this.#client.giveUp(connections);
      }
      throw error;
    } finally {
      lease.release();
    }
  }

  async #run(call: Call, { answer, lease, together }: Reading, output: CallOutput): Promise<void> {
    const emit = (pieces: Piece[]): void => output.emit({ type: "pieces", pieces });
    const flow = new AnswerFlow({ answer, together, emit, close: () => output.closing.abort() });
    let failure: { error: unknown } | undefined;
    try {
      await this.#ask(call, output, (parts) => flow.take(parts));
    } catch (error) {
      failure = { error };
    } finally {
      lease.release();
    }
    await flow.settled();
    const rest = await answer.rest();
    if (rest.length > 0) emit(rest);
    // A connection that is lost after the last token has lost nothing.
    if (isWhole(answer.facts.finish, call.profile.answer) && !call.request.signal.aborted) failure = undefined;
    failure = flow.failure ?? failure;
    if (failure !== undefined) throw failure.error;
    if (answer.failure !== undefined) throw answer.failure;
    this.#warn(answer, call.profile, output);
    this.#end(call, answer.facts, output);
  }

  /** Ends a call whose last token had come, and only could not be decoded then. Nothing is asked for. */
  async #finish({ request }: Call, answer: Answer, output: CallOutput): Promise<void> {
    const pieces = await answer.whole();
    if (pieces.length > 0) output.emit({ type: "pieces", pieces });
    if (answer.failure !== undefined) throw answer.failure;
    const eos = request.held?.ids?.at(-1);
    const isStop = eos === undefined || request.stop.ids.includes(eos);
    output.emit({ type: "end", reason: "stop", ...(!isStop && { eos }) });
  }

  /** Sends the request. Resolves when the answer is over; `onData` gets the data as it arrives. */
  async #ask({ request, profile, room }: Call, output: CallOutput, onData: StreamOptions["onData"]): Promise<void> {
    const { signal: caller } = request;
    const { closing } = output;
    const prompt = await this.#found.promptOf(request.prompt, caller);
    if (caller.aborted || closing.signal.aborted) throw abortedError(caller);
    const { promptAs, id: field } = profile.request;
    const id = field === null ? undefined : this.#ids.next();
    output.beforeClosing = cancellation(this.#client, profile, id);
    // The room of a chat is counted in characters, so the server's own limit is better, unless the caller set one.
    const isFree = promptAs === "messages" && request.maxTokens >= room;
    const maxTokens = isFree ? undefined : Math.min(request.maxTokens, room);
    if (maxTokens === Infinity) throw unknownContext(this.#client.address);
    const context = { model: this.#found.identity.model, maxTokens, prompt, id };
    await this.#adapting(profile, output, (adapted, onPart) => {
      const body = completionBody(adapted, request, context);
      const taken = (parts: readonly string[]): void => {
        onPart();
        onData(parts);
      };
      const headers = headersOf(adapted, request);
      const streaming = this.#client.stream(adapted.paths.completions, body, {
        headers,
        caller,
        closing,
        onData: taken,
      });
      return { body, kept: request.extraBody, streaming };
    });
  }

  /**
   * Makes a request. Where the server refuses it because of fields that it does not take, the request is made again
   * without those, and they are not sent any more.
   */
  async #adapting(
    profile: EngineProfile,
    output: CallOutput,
    make: (profile: EngineProfile, onPart: () => void) => Made,
  ): Promise<void> {
    let hasBegun = false;
    const { body, kept, streaming } = make(profile, () => (hasBegun = true));
    try {
      await streaming;
    } catch (error) {
      if (hasBegun) throw error;
      const adapted = adaptedTo(error, profile, body, kept) ?? withoutOptional(error, profile);
      if (adapted === undefined) throw error;
      let isRemembered = false;
      await this.#adapting(adapted.profile, output, (next, onPart) =>
        make(next, () => {
          onPart();
          // Only once it is accepted without them.
          if (!isRemembered) this.#leaveOut(adapted, output);
          isRemembered = true;
        }),
      );
    }
  }

  /** Remembers what the server takes. */
  #leaveOut({ profile, without }: Adapted, output: CallOutput): void {
    const { maxTokens } = profile.request;
    const apply = (one: EngineProfile): EngineProfile => {
      const less = withoutFields(one, without);
      return one.paths === profile.paths ? { ...less, request: { ...less.request, maxTokens } } : less;
    };
    this.#usual = apply(this.#usual);
    this.#bulk = apply(this.#bulk);
    // Without `stream_options` only counts of tokens are missing, and those are optional.
    const missed = without.filter((field) => field !== "stream_options");
    if (missed.length === 0) return;
    const message = `${this.#client.address} refuses the field ${missed.join(", ")}, which is left out: what it asks for does not hold there.`;
    this.#warnOnce("field-refused", message, output);
  }

  #end({ request, profile, room }: Call, facts: AnswerFacts, output: CallOutput): void {
    const { prompt, signal, maxTokens, extends: parent } = request;
    // A server that was asked to end the call may end it properly before the connection is closed.
    if (!isWhole(facts.finish, profile.answer) && signal.aborted) throw abortedError(signal);
    const counted = this.#found.tier === "ids" ? facts.generated : facts.completionTokens;
    const ending = endingOf(this.#client.address, profile, facts, { counted, maxTokens, room });
    // Some servers report the length although the last token that was requested is a marker.
    const reason = facts.isStop ? "stop" : ending;
    const { eos, cachedTokens, completionTokens, weightVersion } = facts;
    const warning = parent === undefined ? undefined : this.#cache.observe(prompt.length, cachedTokens);
    if (warning !== undefined) output.emit({ type: "warning", warning });
    this.#warnOfMissingTokens(profile, facts, output);
    const known = { ...(eos === undefined ? {} : { eos }), ...(weightVersion === undefined ? {} : { weightVersion }) };
    output.emit({ type: "end", reason, cachedTokens, completionTokens, ...known });
  }

  /** A part that was lost on the way leaves a hole that nothing else shows. */
  #warnOfMissingTokens(
    { answer }: EngineProfile,
    { generated, completionTokens }: AnswerFacts,
    output: CallOutput,
  ): void {
    const tellsAll = answer.ids !== null && answer.idsInsideCharacters;
    if (!tellsAll || completionTokens === undefined || completionTokens <= generated) return;
    const message = `${this.#client.address} counted ${completionTokens} tokens of an answer, and ${generated} came: the others are missing from its text.`;
    output.emit({ type: "warning", warning: { code: "tokens-missing", message } });
  }

  /** Tells what of an answer is not as it should be, each kind once. */
  #warn({ facts, lackedIds }: Answer, { answer }: EngineProfile, output: CallOutput): void {
    const { address } = this.#client;
    const warn = (code: EngineWarning["code"], message: string): void => this.#warnOnce(code, message, output);
    if (lackedIds) {
      warn("ids-withheld", `${address} does not return the ids of tokens inside a character: those are encoded again.`);
    }
    const { finish, unread } = facts;
    if (finish !== undefined && meaningOf(finish, answer) === "unknown") {
      warn(
        "finish-unknown",
        `${address} ended an answer with the finish reason "${finish}", which is not known here: it counts as stop. ` +
          `If it means something else, say so in profile.answer.finishes.`,
      );
    }
    if (unread !== undefined) {
      warn("content-unread", `${address} sent content that is not text, which is left out: ${unread}.`);
    }
  }

  /** A parameter that has no field is left to the server. */
  #warnOfSampling({ sampling }: CompletionRequest, { request }: EngineProfile, output: CallOutput): void {
    for (const name of ["temperature", "topP", "seed"] as const) {
      if (sampling[name] === undefined || request[name] !== null) continue;
      this.#warnOnce("field-refused", `${this.#client.address} takes no ${name}: it samples as it likes.`, output);
    }
  }

  #warnOnce(code: EngineWarning["code"], message: string, output: CallOutput): void {
    if (this.#warned.has(message)) return;
    this.#warned.add(message);
    output.emit({ type: "warning", warning: { code, message } });
  }
}

/** A request that was made, and with what. */
interface Made {
  body: Record<string, unknown>;
  /** Fields that the user asked for by name. */
  kept: Readonly<Record<string, unknown>> | undefined;
  streaming: Promise<void>;
}

/** Whether an answer broke off, or was none. A server that says that it failed has answered. */
function isNoAnswer(error: unknown): boolean {
  return ThreadweaverError.isInstance(error) && error.code === "engine_failed" && error.status === undefined;
}

function unknownContext(address: string): ThreadweaverError {
  const message = `${address} does not say how long its context is: set contextTokens, or maxTokens of the run.`;
  return new ThreadweaverError("invalid_option", message);
}

function headersOf({ request }: EngineProfile, { session, headers }: CompletionRequest): Record<string, string> {
  if (session === undefined) return { ...headers };
  return { ...Object.fromEntries(request.sessionHeaders.map((name) => [name, session])), ...headers };
}
