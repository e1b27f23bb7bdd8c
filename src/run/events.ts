import * as z from "zod";
import { limitsSchema } from "../core/limits/limits.ts";
import { endingSchema, runEndingSchema, type Ending, type RunEnding } from "../core/machine/ending.ts";
import { roleSchema } from "../core/trie/serialize.ts";
import type { RunSummary, RunWarning } from "./result.ts";
import { threadInfoShape } from "./thread-info.ts";

/**
 * The version of the events below. It stands in `run-start` and in `catch-up`, the events that come first. Nothing was
 * released yet, so what was added since (`reasoning`, `filtered`) is part of version 1.
 */
export const eventsVersion = 1;

const count = z.int().min(0);

const snapshotSchema = z.object({
  ...threadInfoShape,
  text: z.string(),
  tokens: count,
  /** Undefined while it runs. */
  ending: runEndingSchema.optional(),
});
export type ThreadSnapshot = Omit<z.output<typeof snapshotSchema>, "ending"> & { ending?: RunEnding | undefined };

export type RunMode = "fork-join" | "one-pass" | "sequential";
export const modeSchema = z.enum(["fork-join", "one-pass", "sequential"]) satisfies z.ZodType<RunMode>;

/** Milliseconds since the run began, by the injected clock. */
const at = z.number();

const callInfo = {
  /** Counts the calls of the whole run from 0. */
  call: count,
  threadId: z.string(),
};

/** What happens in a run, in order. All JSON. */
export const eventSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("run-start"),
    at,
    version: z.literal(eventsVersion),
    dialect: z.string(),
    mode: modeSchema,
    model: z.string(),
    seed: count,
    promptTokens: count,
    limits: limitsSchema,
    /** As the run was given it. */
    metadata: z.record(z.string(), z.unknown()).optional(),
  }),
  /** For a listener that comes late: how far everything is. It comes first, instead of what was missed. */
  z.object({
    type: z.literal("catch-up"),
    at,
    version: z.literal(eventsVersion),
    /** Main's text. */
    text: z.string(),
    tokens: count,
    threads: z.array(snapshotSchema),
  }),
  /**
   * The text of one sequence has changed: its last `removed` code units are gone, then `inserted` was put to its end.
   * `by`: `model` wrote it here; `runtime` put it there (a header, a closer, a result); `copy` is what a thread wrote,
   * joined into its parent. Applied in order these give exactly the texts of the result. Tokens that arrive together make
   * one, and a slow listener gets fewer and longer ones.
   */
  z.object({
    type: z.literal("text"),
    at,
    threadId: z.string(),
    removed: count,
    inserted: z.string(),
    by: z.enum(["model", "runtime", "copy"]),
    /** Tokens that the sequence has generated so far. */
    tokens: count,
  }),
  /**
   * Thinking of a call, where the server keeps that apart from the text. It is no part of the text: those of main and
   * of each thread, one after the other, are the `reasoning` of the result.
   */
  z.object({ type: z.literal("reasoning"), at, ...callInfo, text: z.string() }),
  z.object({
    type: z.literal("fork"),
    at,
    forkId: z.string(),
    threadId: z.string(),
    threads: count,
    /** Generated tokens on the longest chain that leads to it. */
    criticalPath: count,
  }),
  /**
   * `header`: what the thread's context has after its parent's text. `splice`: what will stand before its text where it
   * is joined, so that a reader in order can show it before that.
   */
  z.object({ type: z.literal("thread-start"), at, ...threadInfoShape, header: z.string(), splice: z.string() }),
  z.object({
    type: z.literal("thread-end"),
    at,
    threadId: z.string(),
    ending: runEndingSchema,
    /** Tokens that it generated itself. */
    tokens: count,
    /** Generated tokens on the longest chain that leads to its end. */
    criticalPath: count,
    /** Milliseconds since its fork. */
    ms: z.number(),
  }),
  /**
   * The threads of a fork are joined. What that puts into the parent's text comes as `text`, right after this; `tail` is
   * the part of it that the runtime wrote after the threads.
   */
  z.object({
    type: z.literal("join"),
    at,
    forkId: z.string(),
    threadId: z.string(),
    tail: z.string(),
    /** Generated tokens on the longest chain that leads to it. */
    criticalPath: count,
  }),
  /** A request goes out. */
  z.object({
    type: z.literal("call-start"),
    at,
    ...callInfo,
    /** `body`: the sequence's own text. `tail`: what follows its stop marker. `after`: the phase after a join. */
    role: roleSchema,
    /** Counts the calls of its sequence from 0. */
    callIndex: count,
    /** 1 for the first try. */
    attempt: z.int().min(1),
    promptTokens: count,
  }),
  /**
   * An attempt broke off. The call goes on from its last token with the next attempt, `waitMs` from now; then there is
   * another `call-start`.
   */
  z.object({
    type: z.literal("call-retry"),
    at,
    ...callInfo,
    /** The attempt that broke. */
    attempt: z.int().min(1),
    /** The code of the error, its message, and its HTTP status if it has one. */
    code: z.string(),
    message: z.string(),
    status: z.int().optional(),
    waitMs: z.number().min(0),
  }),
  /** Its first token has come. */
  z.object({ type: z.literal("call-first-token"), at, ...callInfo }),
  z.object({
    type: z.literal("call-end"),
    at,
    ...callInfo,
    ending: endingSchema,
    /** Generated up to its ending. */
    tokens: count,
    /** Generated after it. */
    wasted: count,
    /** Prompt tokens that the engine had in its cache, where it reports that. */
    cachedTokens: count.optional(),
  }),
  z.object({ type: z.literal("warning"), at, code: z.string(), message: z.string(), threadId: z.string() }),
  /** The last event of a run that was not aborted. */
  z.object({ type: z.literal("run-end"), at, result: z.custom<RunSummary>((value) => typeof value === "object") }),
]);

type Precise<E> = E extends { type: "thread-end" }
  ? Omit<E, "ending"> & { ending: RunEnding }
  : E extends { type: "call-end" }
    ? Omit<E, "ending"> & { ending: Ending }
    : E extends { type: "catch-up" }
      ? Omit<E, "threads"> & { threads: ThreadSnapshot[] }
      : E extends { type: "warning" }
        ? Omit<E, "code"> & RunWarning
        : E;

/** What happens in a run, in order. All JSON. `eventSchema` checks one that was read from somewhere. */
export type RunEvent = Precise<z.output<typeof eventSchema>>;
