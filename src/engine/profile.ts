/**
 * What a kind of server calls its fields and how it behaves, as data. The client reads the profile and never asks for
 * the server's name. Fields of bodies and answers are dotted paths, such as `choices.0.text`. Null marks what a server
 * does not have.
 */
export interface EngineProfile {
  kind: "vllm" | "sglang" | "llamacpp" | "generic";
  paths: {
    completions: string;
    tokenize: string | null;
    detokenize: string | null;
    /** Takes the name of a call to end it. */
    abort: string | null;
  };
  /** The body of a completion request. */
  request: {
    prompt: string;
    /** The form of the prompt. `messages`: a chat, whose last turn is continued. */
    promptAs: "ids" | "text" | "messages";
    /** Sent with messages that end inside a turn of the assistant. Null: the server takes only whole turns. */
    continues: Record<string, unknown> | null;
    maxTokens: string;
    stopIds: string | null;
    /**
     * Takes texts that end the call. Null: there are none, or the answer lacks tokens of such a text then, so its stream is
     * closed instead.
     */
    stopStrings: string | null;
    temperature: string | null;
    topP: string | null;
    topK: string | null;
    minP: string | null;
    repetitionPenalty: string | null;
    seed: string | null;
    /** Takes what the answer must look like, and in which language. Null: the server cannot be kept to anything. */
    constraint: { field: string; language: "regex" | "gbnf" } | null;
    /** Takes a name for the call, which the client chooses. */
    id: string | null;
    /** Takes the most tokens that one part of the answer may hold. */
    interval: string | null;
    /** Sent with every call. */
    always: Record<string, unknown>;
    /** Sent with every call too, and left out for good if the server turns out to refuse it. */
    optional: Record<string, unknown>;
    /** Added where log-probabilities are requested. Null: the server cannot return them. */
    logprobs: Record<string, unknown> | null;
    /**
     * Added where likely tokens are requested. `count` takes how many at each place; `besides` are further fields.
     * Null: the server cannot return them.
     */
    topLogprobs: { count: string; besides: Record<string, unknown> } | null;
    /** Headers that take the run's name, so that replicas keep its calls together. */
    sessionHeaders: readonly string[];
  };
  /** Fields of an answer, or of one part of a streamed answer. */
  answer: {
    /** Null: the server does not return token ids, and pieces are text. */
    ids: string | null;
    /** The ids of the prompt, also if it was sent as text. */
    promptIds: string | null;
    /** A string, or a list of parts. */
    text: string;
    /** Where the server puts thinking that it keeps apart from the text; the first one that is there counts. */
    reasoning: readonly string[];
    /** Whether each part repeats the ones before it. */
    cumulative: boolean;
    finish: string;
    /**
     * What finish reasons mean, where this server's words mean something else than elsewhere. The known ones are in
     * `wire/finish-reasons.ts`. One that is known nowhere counts as `stop`, with a warning. `filtered`: a filter kept
     * the rest. `pending`: the answer goes on. `failed`: it broke off.
     */
    finishes: Record<string, "stop" | "length" | "filtered" | "pending" | "failed">;
    /** The server's message with a finish reason that is not a success. */
    finishMessage: string | null;
    /** The HTTP status that the server could not send any more, with such a finish reason. */
    finishStatus: string | null;
    /** What ended the call: a stop id, on some servers an end of sequence, or a stop string that the user asked for. */
    stopId: string | null;
    /**
     * Whether the ids of the last part include the token that ended the call. If not, it arrives earlier, without a
     * text.
     */
    endInIds: boolean;
    /** Whether ids arrive while a character is incomplete. If not, only the id of its last token is returned. */
    idsInsideCharacters: boolean;
    cachedTokens: string | null;
    /** How many tokens the prompt had. */
    promptTokens: string | null;
    /** How many tokens were generated. */
    completionTokens: string | null;
    /** One entry per token, in one of the forms that `wire/logprobs.ts` reads. */
    logprobs: string | null;
    /** The same for the likely tokens at each place. */
    topLogprobs: string | null;
    weightVersion: string | null;
  };
  /**
   * Another route for completions. It is used where several tokens may arrive in one part and the usual route has no
   * field for that. Null: the usual route serves. It is dropped when the usual route is overridden.
   */
  bulk: { completions: string; request: EngineProfile["request"]; answer: EngineProfile["answer"] } | null;
  tokenizer: {
    /** Fields of the requests and of the answers. */
    text: string;
    bos: string;
    ids: string;
    detokenized: string;
    /** Sent with every request to show special tokens. */
    showSpecial: Record<string, unknown>;
    /** How the chat template is rendered: the tokenizer takes messages, or another path returns the text. */
    template: "tokenize" | "/apply-template" | null;
  };
  context: {
    /** Tokens of its context that no call may use: the longest prompt is one token shorter than what is left. */
    reserved: number;
  };
  /** How to find out what servers do not report. */
  learn: {
    /** The field whose refusal of an impossible id states the size of the vocabulary. */
    size: string | null;
    /** The field that forces the model to generate one token, to see whether that token ends the call. */
    force: string | null;
    /** The field that hides special tokens from the text, to see which tokens these are. */
    hide: string | null;
  };
  /**
   * Whether one id outside the vocabulary crashes the server. While the size is unknown, only ids seen before are then
   * sent.
   */
  badIdsAreFatal: boolean;
  /** `after-parent`: a context is in the cache only after the stream that made it has closed. */
  fork: "at-once" | "after-parent";
  /** How a call is cancelled. */
  cancel: "close" | "abort-then-close";
}

/** The profile for calls whose tokens may arrive several at a time. */
export function bulkProfile(profile: EngineProfile): EngineProfile {
  if (profile.bulk === null) return profile;
  const { completions, ...rest } = profile.bulk;
  return { ...profile, ...rest, paths: { ...profile.paths, completions } };
}
