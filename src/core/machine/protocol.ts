import * as z from "zod";
import { pieceSchema } from "../trie/piece.ts";
import { samplingSchema } from "../trie/sampling.ts";
import { roleSchema } from "../trie/serialize.ts";
import { limitSchema, runEndingSchema, type RunEnding } from "./ending.ts";

/**
 * The version of the inputs and effects below. A trace of another version cannot be replayed. Nothing was released yet,
 * so what was added since (`reasoned`, `filtered`) is part of version 1.
 */
export const protocolVersion = 1;

const index = z.int().min(0);
const positionSchema = z.object({ segment: index, n: index });
/** Milliseconds by the driver's clock. It never goes back. */
const at = z.number();

/** What the machine must know of the model's vocabulary. A marker without an id of its own is found in the text. */
export const vocabularySchema = z.object({
  /** Ids that end a sequence. */
  eos: z.array(z.int()).readonly(),
  /** The markers that are one token each, with their ids. */
  markers: z.record(z.string(), z.int()).readonly(),
});
export type Vocabulary = z.output<typeof vocabularySchema>;

/** A thread that the program planned. */
const branchSchema = z.object({
  name: z.string(),
  /** What it is for. */
  plan: z.string(),
  /** What it sees after the prompt. */
  context: pieceSchema,
  /** Tokens that it may generate, instead of the limit that all threads have. */
  maxTokens: index.optional(),
  sampling: samplingSchema.optional(),
});
export type Branch = z.output<typeof branchSchema>;

/** What the engine reports when a call is over. */
const usageSchema = z.object({
  /** Tokens of the prompt that were in its cache. */
  cachedTokens: index.optional(),
  /** Tokens that it generated, by its own count. Needed where it does not return their ids. */
  completionTokens: index.optional(),
  /** The version of the weights that generated the last token. */
  weightVersion: z.string().optional(),
});
export type Usage = z.output<typeof usageSchema>;

const engineEndingSchema = z.discriminatedUnion("kind", [
  /**
   * A marker or an end of sequence, which is in the pieces. `eos`: the id that ended the call, if it is not a marker.
   */
  z.object({ kind: z.literal("stop"), eos: z.int().optional() }),
  z.object({ kind: z.literal("length") }),
  z.object({ kind: z.literal("context") }),
  z.object({ kind: z.literal("filtered") }),
  z.object({ kind: z.literal("refused"), limit: limitSchema }),
  z.object({ kind: z.literal("failed"), message: z.string() }),
]);
export type EngineEnding = z.output<typeof engineEndingSchema>;

/**
 * Everything that goes into the machine. Inputs are JSON: a trace records them, and feeding them again replays a run.
 */
export const inputSchema = z.discriminatedUnion("t", [
  z.object({
    t: z.literal("start"),
    at,
    prompt: pieceSchema,
    vocabulary: vocabularySchema,
    /** Of a dialect whose threads the program plans. */
    branches: z.array(branchSchema).readonly().optional(),
  }),
  /** What the program made of the results of a fork, as a `combine` effect asked for. */
  z.object({
    t: z.literal("combined"),
    at,
    fork: index,
    /** What main sees after its prompt. */
    turn: pieceSchema,
    /** Whether it stands in place of the prompt: a template may write the same messages in two ways. */
    whole: z.boolean().optional(),
  }),
  /** A request was sent, with this content and these parameters. The pieces that follow belong to this attempt. */
  z.object({
    t: z.literal("sent"),
    at,
    call: index,
    attempt: z.int().min(1),
    promptTokens: index,
    /** The ids that were sent, if they are not the trie's because the text was encoded again. */
    promptIds: z.array(z.int()).readonly().optional(),
    sampling: samplingSchema.optional(),
    seed: z.int().optional(),
  }),
  /** What a call generated, once and in order, however many attempts it took. */
  z.object({ t: z.literal("pieces"), at, call: index, pieces: z.array(pieceSchema).readonly() }),
  /** Thinking of a call that its server keeps apart from the text. It is no part of any context. */
  z.object({ t: z.literal("reasoned"), at, call: index, text: z.string() }),
  /**
   * An attempt broke off, and another one follows: a `sent` input, or the end of the call if it comes to none. What has
   * been generated stays.
   */
  z.object({
    t: z.literal("broke"),
    at,
    call: index,
    /** The attempt that broke; it may have had no `sent` input, when its prompt could not be encoded. */
    attempt: z.int().min(1),
    /** The code of the error, its message, and its HTTP status if it has one. */
    code: z.string(),
    message: z.string(),
    status: z.int().optional(),
    /** Milliseconds until the next attempt. */
    waitMs: z.number().min(0),
    usage: usageSchema.optional(),
  }),
  /** A problem of the engine that its user has to know about. It changes nothing. */
  z.object({ t: z.literal("warned"), at, code: z.string(), message: z.string(), threadId: z.string() }),
  /** The ids (and for a rendered chat the text) of a segment that had none. */
  z.object({
    t: z.literal("encoded"),
    at,
    segment: index,
    ids: z.array(z.int()).readonly(),
    text: z.string().optional(),
  }),
  /** The engine is done with a call. */
  z.object({ t: z.literal("ended"), at, call: index, reason: engineEndingSchema, usage: usageSchema.optional() }),
  z.object({ t: z.literal("cut"), at, sequence: index, by: z.string().min(1) }),
  /** Time has passed, as a `wake` effect asked for. */
  z.object({ t: z.literal("time"), at }),
  /** Cuts everything and ends the run. */
  z.object({ t: z.literal("stop"), at }),
]);
export type Input = z.output<typeof inputSchema>;

const warningCodes = [
  "plan-empty",
  "plan-without-opener",
  "plan-duplicate",
  "plan-gap",
  "plan-tags",
  "fork-refused",
  "calls-used-up",
  "spawn-unclosed",
  "join-unknown",
  "thread-ended-run",
  "thread-not-started",
  "thread-out-of-tokens",
  "thread-cut",
  "thread-failed",
  "thread-filtered",
  "only-reasoning",
] as const;

const warningSchema = z.object({
  code: z.enum(warningCodes),
  message: z.string(),
  /** The sequence that the warning is about; `0` is main. */
  threadId: z.string(),
});
export type Warning = z.output<typeof warningSchema>;
export type WarningCode = Warning["code"];

/** What the driver must do. Each `complete` is answered with exactly one `ended`. */
export const effectSchema = z.discriminatedUnion("e", [
  /** Ask the engine to continue from `at`. */
  z.object({
    e: z.literal("complete"),
    call: index,
    at: positionSchema,
    threadId: z.string(),
    /** Counts the calls of one sequence from 0. */
    callIndex: index,
    role: roleSchema,
    /** The call whose context this one extends, and the position up to which they are the same. */
    from: z.object({ call: index, shared: positionSchema }).optional(),
    /** Markers that end the call. Those with one id can be sent to the engine. */
    stops: z.array(z.string()).readonly(),
    /** Undefined: as many as fit into the context. */
    maxTokens: index.optional(),
    /** The most tokens that may come in one part, for calls whose text is not searched. Undefined: any number. */
    maxPart: z.int().min(1).optional(),
    /** The thread's own sampling, or the dialect's for threads. */
    sampling: samplingSchema.optional(),
    /** Generated tokens on the longest chain before its first token. */
    critical: index,
    /** What the engine should keep the text to, if it can. */
    constraint: z.object({ regex: z.string(), gbnf: z.string() }).optional(),
  }),
  /** Stop the call. What it still generates is waste. */
  z.object({ e: z.literal("cancel"), call: index }),
  z.object({ e: z.literal("fork"), fork: index }),
  /** Make a turn of the fork's results, and feed it as a `combined` input. */
  z.object({ e: z.literal("combine"), fork: index }),
  z.object({ e: z.literal("thread-end"), sequence: index }),
  /** `tail`: what the runtime wrote after the threads. */
  z.object({ e: z.literal("join"), fork: index, tail: z.string() }),
  z.object({ e: z.literal("warning"), warning: warningSchema }),
  /** Feed a `time` input when the clock reaches this time. */
  z.object({ e: z.literal("wake"), at }),
  z.object({ e: z.literal("finish"), ending: runEndingSchema }),
]);
export type Effect = Exclude<z.output<typeof effectSchema>, { e: "finish" }> | { e: "finish"; ending: RunEnding };

/** An input to which the driver has not added the time yet. */
export type UntimedInput = Input extends infer One ? (One extends Input ? Omit<One, "at"> : never) : never;
