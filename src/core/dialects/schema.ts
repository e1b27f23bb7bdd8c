import * as z from "zod";
import { limitsSchema } from "../limits/limits.ts";
import { samplingSchema } from "../trie/sampling.ts";

/**
 * A dialect is data: which markers a model writes, how a thread is prompted and spliced, what stops it and what follows
 * the join. One machine runs them all; nothing in it asks for a dialect's name.
 */
export type Dialect = z.output<typeof dialectSchema> & {
  /** The few places where data would need a language. Pure. JSON dialects name built-in ones. */
  readonly functions?: Readonly<Record<string, DialectFunction>> | undefined;
};

/** Undefined means: there is nothing to return, or no thread can be started. */
export type DialectFunction = (view: View) => string | undefined;

/** What a dialect's function may see. */
export interface View {
  /** `returns`: what the thread generated. Else empty. */
  readonly text: string;
  /** Prompt and text of the sequence that forks, up to the fork. */
  readonly history: string;
  /** What the plan's pattern captured for this thread. */
  readonly captures: Readonly<Record<string, string>>;
  /** `display`: the joined threads in plan order. Else empty. */
  readonly threads: readonly { readonly captures: Readonly<Record<string, string>>; readonly text: string }[];
}

const marker = z.string().min(1);
const named = z.strictObject({ fn: z.string().min(1) });
const render = z.union([z.string(), named]);
const then = z.enum(["continue", "end"]);

const trigger = z.discriminatedUnion("kind", [
  /** Never forks: the sequential twin of any dialect. */
  z.strictObject({ kind: z.literal("none") }),
  /** Stops at this marker, plan or no plan. */
  z.strictObject({ kind: z.literal("marker"), marker }),
  /** Ends by itself, its last line holding `lastLine`; a `guard` marker is replaced by `put` and generation goes on. */
  z.strictObject({
    kind: z.literal("endOfText"),
    lastLine: z.string(),
    guard: z.strictObject({ marker, put: z.string() }).optional(),
  }),
  /** Spawns while it goes on; stops where it waits. */
  z.strictObject({ kind: z.literal("inline"), spawn: z.string(), wait: z.string().optional() }),
]);

const plan = z.discriminatedUnion("source", [
  /** Items behind the last `after` (empty: anywhere) in what the sequence wrote since its last join. */
  z.strictObject({
    source: z.literal("outline"),
    after: z.string(),
    item: z.string(),
    /** The item's opening and closing tag, to warn of stray and unclosed ones. */
    tags: z.tuple([marker, marker]).optional(),
    onEmpty: then,
  }),
  z.strictObject({ source: z.literal("fixed"), count: z.int().min(1) }),
  z.strictObject({ source: z.literal("inline") }),
]);

const context = z.discriminatedUnion("kind", [
  /** The thread goes on from what its parent wrote, behind `header.prompt`. */
  z.strictObject({
    kind: z.literal("prefix"),
    header: z.strictObject({ prompt: z.string(), first: z.string(), rest: z.string() }),
  }),
  z.strictObject({ kind: z.literal("text"), text: render }),
  z.strictObject({
    kind: z.literal("chat"),
    messages: z.array(z.strictObject({ role: z.string(), content: render })).min(1),
    prefill: render.optional(),
  }),
]);

const result = z.strictObject({ some: z.string(), none: z.string() });

const join = z.discriminatedUnion("shape", [
  /** Every thread behind the fork, in plan order; then `tail` to go on or `endTail` to end. */
  z.strictObject({ shape: z.literal("append"), tail: z.string(), endTail: z.string() }),
  /** What stands behind the last `from` goes, `open`, a result for each thread and `close` come. */
  z.strictObject({ shape: z.literal("replaceBlock"), from: marker, open: z.string(), each: result, close: z.string() }),
  /** A result behind the marker that waits for it. */
  z.strictObject({ shape: z.literal("fill"), each: result }),
  /** No join: the run ends, and its text is a rendering of the threads. */
  z.strictObject({ shape: z.literal("display"), render: named }),
]);

/** The schema that a dialect is checked against; `z.toJSONSchema` makes one for editors of it. */
export const dialectSchema = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]*$/, "a name is lower case letters, digits and hyphens"),
  version: z.int().min(1),
  summary: z.string().min(1),
  /** A subtask is a part of the solution, an attempt tries the whole; only attempts may be dropped silently. */
  threadKind: z.enum(["subtasks", "attempts"]),
  /** How near what is sent comes to what the authors' own loop sends. `reencoded`: they send text, not ids. */
  exact: z.strictObject({
    kind: z.enum(["exact", "untilJoin", "provisional"]),
    tokens: z.enum(["kept", "reencoded"]),
    why: z.string().min(1),
  }),
  /**
   * The least that an engine must be able to do. `text`: go on from any text. `chat-continue`: go on inside a turn of a
   * chat. `chat-only`: whole turns; what is joined is then told to the model as a turn of the user.
   */
  needs: z.enum(["text", "chat-continue", "chat-only"]).default("text"),
  /** Where we differ from the authors' loop, and why. */
  differences: z.array(z.string()).default([]),
  /** Every tag of the format; typed by a user they stay text. */
  markers: z.array(marker),
  /** What the model closes its reasoning with; what follows is the answer. */
  thinkingEnd: marker.optional(),
  trigger,
  plan,
  /** A fork over a limit: go on without it, or end the sequence. */
  onForkRefused: then,
  context,
  thread: z.strictObject({
    /** Markers; the end of sequence always stops a thread too. */
    stop: z.array(marker),
    /** Appended where the thread did not close itself; an end of sequence is cut off first. */
    close: z.string(),
    /** Tokens that the model still writes behind its stop marker. */
    tailTokens: z.int().min(0),
    /** Overrides the run's. */
    sampling: samplingSchema.optional(),
    /** 1: threads do not fork. */
    maxDepth: z.int().min(1),
  }),
  /** What a thread that did not end by a marker does to its parent. */
  onThreadEnd: z.strictObject({ eos: then, length: then, cut: then, failed: then, refused: then }),
  join,
  /** What follows a join: the sequence goes on, at once or behind a phase that ends by its own marker. */
  after: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("continue") }),
    z.strictObject({ kind: z.literal("phase"), stop: z.array(marker).min(1), close: z.string() }),
  ]),
  /** Takes a thread's return value out of its text; absent: the whole text. */
  returns: named.optional(),
  /** One line feed at the end of what a sequence generated is dropped before anything looks at it. */
  dropFinalLineFeed: z.boolean().default(false),
  /** Defaults of this format; a run's own limits win. */
  limits: limitsSchema.partial().default({}),
});

/** What `defineDialect` takes: the data, and the functions that it names. */
export type DialectInput = z.input<typeof dialectSchema> & {
  functions?: Readonly<Record<string, DialectFunction>> | undefined;
};
