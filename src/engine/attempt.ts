import { ThreadweaverError } from "../errors.ts";
import type { Piece } from "../core/trie/piece.ts";
import { abortedError } from "./abort.ts";
import { AnswerFlow } from "./answer-flow.ts";
import { Answer } from "./answer.ts";
import type { CallOutput } from "./call-events.ts";
import type { CallIds } from "./call-ids.ts";
import { cancellation } from "./cancellation.ts";
import type { Inspection } from "./detect/inspection.ts";
import type { CompletionRequest } from "./engine.ts";
import type { ServerClient, StreamOptions } from "./http/server-client.ts";
import type { Lease } from "./prefill-gate.ts";
import type { EngineProfile } from "./profile.ts";
import { completionBody } from "./wire/completion-body.ts";
import { isWhole } from "./wire/finish-reasons.ts";

/** A call and how it is made. */
export interface Call {
  request: CompletionRequest;
  profile: EngineProfile;
  /** Tokens that the context has room for after the prompt. */
  room: number;
}

export interface AttemptSetup {
  client: ServerClient;
  found: Inspection;
  ids: CallIds;
  lease: Lease;
  output: CallOutput;
}

/** One request of a call, and its answer. A call has several where the server refuses fields of the first one. */
export class Attempt {
  readonly answer: Answer;
  /** What was sent. */
  body: Readonly<Record<string, unknown>> = {};
  readonly #call: Call;
  readonly #setup: AttemptSetup;

  constructor(call: Call, setup: AttemptSetup) {
    const { client, found, lease, output } = setup;
    const { request, profile } = call;
    this.#call = call;
    this.#setup = setup;
    this.answer = new Answer({
      address: client.address,
      found,
      profile,
      request,
      lease,
      mask: (said) => client.mask(said, request.headers),
      onReasoning: (text) => output.emit({ type: "reasoning", text }),
    });
  }

  /**
   * Makes the request and emits the pieces of its answer. Resolves when the answer is whole.
   *
   * @param onAccepted called when the answer has begun: the server takes what was sent.
   */
  async make(onAccepted: () => void): Promise<void> {
    const { answer } = this;
    const { lease, output } = this.#setup;
    const { request, profile } = this.#call;
    const closing = new AbortController();
    const close = (): void => closing.abort(output.closing.signal.reason);
    output.closing.signal.addEventListener("abort", close, { once: true });
    if (output.closing.signal.aborted) close();
    const emit = (pieces: Piece[]): void => output.emit({ type: "pieces", pieces });
    const flow = new AnswerFlow({ answer, together: request.together ?? false, emit, close: () => closing.abort() });
    const take: StreamOptions["onData"] = (parts) => {
      flow.take(parts);
      if (answer.hasBegun) onAccepted();
    };
    let failure: { error: unknown } | undefined;
    try {
      await this.#ask(closing, take);
    } catch (error) {
      failure = { error };
    } finally {
      output.closing.signal.removeEventListener("abort", close);
    }
    // Calls that wait for this prompt go on waiting while it is sent again without a field.
    if (answer.hasBegun) lease.release();
    await flow.settled();
    const rest = await answer.rest();
    if (rest.length > 0) emit(rest);
    // A connection that is lost after the last token has lost nothing.
    if (isWhole(answer.facts.finish, profile.answer) && !request.signal.aborted) failure = undefined;
    failure = flow.failure ?? failure;
    if (failure !== undefined) throw failure.error;
    if (answer.failure !== undefined) throw answer.failure;
    onAccepted();
  }

  /** Sends the request. Resolves when the answer is over; `onData` gets the data as it arrives. */
  async #ask(closing: AbortController, onData: StreamOptions["onData"]): Promise<void> {
    const { client, found, ids, output } = this.#setup;
    const { request, profile, room } = this.#call;
    const { signal: caller } = request;
    const prompt = await found.promptOf(request.prompt, caller);
    if (caller.aborted || closing.signal.aborted) throw abortedError(caller);
    const { promptAs, id: field } = profile.request;
    const id = field === null ? undefined : ids.next();
    output.beforeClosing = cancellation(client, profile, id);
    // The room of a chat is counted in characters, so the server's own limit is better, unless the caller set one.
    const isFree = promptAs === "messages" && request.maxTokens >= room;
    const maxTokens = isFree ? undefined : Math.min(request.maxTokens, room);
    if (maxTokens === Infinity) throw unknownContext(client.address);
    this.body = completionBody(profile, request, { model: found.identity.model, maxTokens, prompt, id });
    const headers = headersOf(profile, request);
    await client.stream(profile.paths.completions, this.body, { headers, caller, closing, onData });
  }
}

function unknownContext(address: string): ThreadweaverError {
  const message = `${address} does not say how long its context is: set contextTokens, or maxTokens of the run.`;
  return new ThreadweaverError("invalid_option", message);
}

function headersOf({ request }: EngineProfile, { session, headers }: CompletionRequest): Record<string, string> {
  if (session === undefined) return { ...headers };
  return { ...Object.fromEntries(request.sessionHeaders.map((name) => [name, session])), ...headers };
}
