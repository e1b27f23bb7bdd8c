/**
 * What one kind of server calls things and how it behaves, as data: the client asks its profile, never for the server's
 * name. Fields of bodies and answers are dotted paths, such as `choices.0.text`; null is what a server does not have.
 */
export interface EngineProfile {
  kind: "vllm" | "sglang" | "llamacpp" | "generic";
  paths: {
    completions: string;
    tokenize: string | null;
    detokenize: string | null;
    /** Takes the name of a call that is to end. */
    abort: string | null;
  };
  /** What a completion is asked with. */
  request: {
    prompt: string;
    /** `messages`: a chat, whose last turn is the one to go on in. */
    promptAs: "ids" | "text" | "messages";
    /** Sent with messages that end inside a turn of the assistant; null: the server takes whole turns only. */
    continues: Record<string, unknown> | null;
    maxTokens: string;
    stopIds: string | null;
    temperature: string;
    topP: string;
    topK: string | null;
    minP: string | null;
    repetitionPenalty: string | null;
    seed: string | null;
    /** Takes a name of our own for the call. */
    id: string | null;
    /** Takes how many tokens one part of the answer may hold at most. */
    interval: string | null;
    /** Sent with every call. */
    always: Record<string, unknown>;
    /** Sent besides, and left out for good where the server turns out to refuse it. */
    optional: Record<string, unknown>;
    /** Sent besides where log-probabilities are wanted; null: the server cannot tell them. */
    logprobs: Record<string, unknown> | null;
    /** `count` takes how many likely tokens are wanted at each place; the rest is sent besides. Null: it cannot tell them. */
    topLogprobs: { count: string; besides: Record<string, unknown> } | null;
    /** Headers that take the run's name, so that replicas keep its calls together. */
    sessionHeaders: readonly string[];
  };
  /** Where an answer, or a part of a streamed one, says what. */
  answer: {
    /** Null: the server does not return token ids, and pieces are text. */
    ids: string | null;
    /** The ids of the prompt, whatever it was sent as. */
    promptIds: string | null;
    text: string;
    /** Whether each part repeats the ones before it. */
    cumulative: boolean;
    finish: string;
    /** Reasons that are success. Any other is a loss. */
    finishes: Record<string, "stop" | "length">;
    /** What the server says with a reason that is no success. */
    finishMessage: string | null;
    /** What ended it: a stop id, or an end of sequence on some servers. */
    stopId: string | null;
    /** Whether the ids of the last part hold the token that ended the call; else it came before, without a text. */
    endInIds: boolean;
    /** Whether ids come while a character is incomplete; else only the last of its tokens is reported. */
    idsInsideCharacters: boolean;
    cachedTokens: string | null;
    /** How many tokens were generated. */
    completionTokens: string | null;
    /** One entry a token, in one of the forms that `wire/logprobs.ts` reads. */
    logprobs: string | null;
    /** The same for the likely tokens at each place. */
    topLogprobs: string | null;
    weightVersion: string | null;
  };
  /**
   * Another way to ask for completions, used where several tokens may come in one part and the usual way cannot be told
   * so. Null: the usual way serves. Dropped as soon as the usual way is overruled.
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
    /** Where the chat template is: the tokenizer takes messages, or another path returns the text. */
    template: "tokenize" | "/apply-template" | null;
  };
  context: {
    /** Tokens of its context that the server never uses. */
    reserved: number;
    /** How many tokens shorter than the whole context the longest prompt must be; at least 1. */
    promptMargin: number;
  };
  /** How to find out what servers do not tell. */
  learn: {
    /** The field whose refusal of an impossible id names the size of the vocabulary. */
    size: string | null;
    /** The field that forces one token out of the model, to see whether it ends the call. */
    force: string | null;
    /** The field that hides special tokens from the text, to see which these are. */
    hide: string | null;
  };
  /** One id outside the vocabulary ends the whole server: where its size stays unknown, only ids seen before are sent. */
  badIdsAreFatal: boolean;
  /** `after-parent`: a context is in the cache only when the stream that made it has closed. */
  fork: "at-once" | "after-parent";
  /** How a call is broken off. */
  cancel: "close" | "abort-then-close";
}

/** The profile for calls whose tokens may come several at a time. */
export function bulkProfile(profile: EngineProfile): EngineProfile {
  if (profile.bulk === null) return profile;
  const { completions, ...rest } = profile.bulk;
  return { ...profile, ...rest, paths: { ...profile.paths, completions } };
}
