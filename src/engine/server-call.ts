import { ThreadweaverError } from "../errors.ts";
import { abortedError } from "./abort.ts";
import { adaptedTo, withoutFields } from "./adapt-profile.ts";
import type { Adapted } from "./adapt-profile.ts";
import type { Answer, AnswerFacts } from "./answer.ts";
import { Attempt } from "./attempt.ts";
import type { AttemptSetup, Call } from "./attempt.ts";
import { CacheWatch } from "./cache-watch.ts";
import type { CallOutput } from "./call-events.ts";
import { CallIds } from "./call-ids.ts";
import type { Inspection } from "./detect/inspection.ts";
import type { CompletionRequest, EngineWarning } from "./engine.ts";
import type { ServerClient } from "./http/server-client.ts";
import { openGate, PrefillGate } from "./prefill-gate.ts";
import { bulkProfile } from "./profile.ts";
import type { EngineProfile } from "./profile.ts";
import { emitBroken, endsInHeld } from "./held.ts";
import { endingOf } from "./wire/endings.ts";
import { isWhole, meaningOf } from "./wire/finish-reasons.ts";
import { requireLogprobs } from "./wire/logprobs.ts";
import { requireSampling } from "./wire/sampling.ts";

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
    const { coalesce, logprobs = false } = request;
    const profile = coalesce > 1 ? this.#bulk : this.#usual;
    const call = { request, profile, room: roomOf(request) };
    const { address } = this.#client;
    requireLogprobs(address, profile, logprobs);
    requireSampling(address, profile, request.sampling);
    this.#warnOfSampling(request, profile, output);
    const lease = await this.#gate.enter(request);
    try {
      await this.#attempt(call, { client: this.#client, found: this.#found, ids: this.#ids, lease, output });
    } finally {
      lease.release();
    }
  }

  /**
   * Makes a request. Where the server refuses it because of fields that it does not take, before the answer or inside it
   * before the first token, the request is made again without those, and they are not sent any more.
   *
   * @param onAccepted called when the server takes what was sent.
   */
  async #attempt(call: Call, setup: AttemptSetup, onAccepted: () => void = () => undefined): Promise<void> {
    const { request, profile } = call;
    const { output } = setup;
    const { connections } = this.#client;
    const attempt = new Attempt(call, setup);
    const { answer } = attempt;
    try {
      if (endsInHeld(request, this.#found.vocabulary.eos)) return await this.#finish(call, answer, output);
      await attempt.make(onAccepted);
      this.#warn(answer, profile, output);
      this.#end(call, answer.facts, output);
    } catch (error) {
      const adapted = answer.hasBegun ? undefined : adaptedTo(error, profile, attempt.body, request.extraBody);
      if (adapted !== undefined) {
        let isRemembered = false;
        return await this.#attempt({ ...call, profile: adapted.profile }, setup, () => {
          onAccepted();
          // Only once it is accepted without them.
          if (!isRemembered) this.#leaveOut(adapted, output);
          isRemembered = true;
        });
      }
      if (!request.signal.aborted) {
        emitBroken(answer, output);
        if (isNoAnswer(error)) this.#client.giveUp(connections);
      }
      throw error;
    }
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
    const { eos, stopString: string, cachedTokens, completionTokens, weightVersion } = facts;
    const warning = parent === undefined ? undefined : this.#cache.observe(prompt.length, cachedTokens);
    if (warning !== undefined) output.emit({ type: "warning", warning });
    this.#warnOfMissingTokens(profile, facts, output);
    const known = {
      ...(eos !== undefined && { eos }),
      ...(string !== undefined && { string }),
      ...(weightVersion !== undefined && { weightVersion }),
    };
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

/** Whether an answer broke off, or was none. A server that says that it failed has answered. */
function isNoAnswer(error: unknown): boolean {
  return ThreadweaverError.isInstance(error) && error.code === "engine_failed" && error.status === undefined;
}
