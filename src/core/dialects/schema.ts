import * as z from "zod";
import { limitsSchema } from "../limits/limits.ts";
import { samplingSchema } from "../trie/sampling.ts";
import type { DialectData, DialectDataInput } from "./dialect-types.ts";

export type { Dialect, DialectInput } from "./dialect-types.ts";
export type { DialectFunction, View } from "./function-types.ts";

// What each field means is documented at its type, in the files `*-types.ts` beside this one.

const marker = z.string().min(1);
const named = z.strictObject({ fn: z.string().min(1) });
const render = z.union([z.string(), named]);
const then = z.enum(["continue", "end"]);

const trigger = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("none") }),
  z.strictObject({ kind: z.literal("start") }),
  z.strictObject({ kind: z.literal("marker"), marker }),
  z.strictObject({
    kind: z.literal("endOfText"),
    lastLine: z.string(),
    guard: z.strictObject({ marker, put: z.string() }).optional(),
  }),
  z.strictObject({ kind: z.literal("inline"), spawn: z.string(), wait: z.string().optional() }),
]);

const plan = z.discriminatedUnion("source", [
  z.strictObject({
    source: z.literal("outline"),
    after: z.string(),
    item: z.string(),
    tags: z.tuple([marker, marker]).optional(),
    repair: z.string().min(1).optional(),
    onEmpty: then,
    form: z
      .strictObject({
        begin: z.string().min(1),
        item: z.string(),
        end: z.string(),
        items: z.tuple([z.int().min(1), z.int().min(1).max(99)]),
        maxText: z.int().min(1),
      })
      .optional(),
  }),
  z.strictObject({ source: z.literal("fixed"), count: z.int().min(1).max(1024) }),
  z.strictObject({ source: z.literal("inline") }),
  z.strictObject({ source: z.literal("host") }),
  z.strictObject({ source: z.literal("rounds"), counts: z.array(z.int().min(1)).min(1) }),
]);

const context = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("prefix"),
    header: z.strictObject({ prompt: z.string(), first: z.string(), rest: z.string() }),
  }),
  z.strictObject({ kind: z.literal("text"), text: render }),
  z.strictObject({
    kind: z.literal("chat"),
    messages: z.array(z.strictObject({ role: z.string(), content: render, trusted: z.boolean().optional() })).min(1),
    prefill: render.optional(),
  }),
  z.strictObject({ kind: z.literal("given") }),
  z.strictObject({ kind: z.literal("prompt"), later: named.optional() }),
]);

const result = z.strictObject({ some: z.string(), none: z.string() });

const join = z.discriminatedUnion("shape", [
  z.strictObject({ shape: z.literal("append"), tail: z.string(), endTail: z.string() }),
  z.strictObject({ shape: z.literal("replaceBlock"), from: marker, open: z.string(), each: result, close: z.string() }),
  z.strictObject({ shape: z.literal("fill"), each: result }),
  z.strictObject({ shape: z.literal("display"), render: named.optional() }),
  z.strictObject({ shape: z.literal("turn") }),
]);

const after = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("continue") }),
  z.strictObject({ kind: z.literal("phase"), stop: z.array(marker).min(1), close: z.string() }),
]);

/** The schema that a dialect is checked against. `z.toJSONSchema` makes one for editors of JSON files from it. */
export const dialectSchema = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]*$/, "a name is lower case letters, digits and hyphens"),
  version: z.int().min(1),
  summary: z.string().min(1),
  threadKind: z.enum(["subtasks", "attempts"]),
  exact: z.strictObject({
    kind: z.enum(["exact", "untilJoin", "provisional"]),
    tokens: z.enum(["kept", "reencoded"]),
    why: z.string().min(1),
  }),
  needs: z.enum(["text", "chat-continue", "chat-only"]).default("text"),
  trained: z.enum(["tokens", "text"]).optional(),
  instructions: z
    .strictObject({
      system: z.string().min(1),
      examples: z.array(z.strictObject({ user: z.string().min(1), assistant: z.string().min(1) })),
    })
    .optional(),
  differences: z.array(z.string()).default([]),
  markers: z.array(marker),
  thinkingEnd: marker.optional(),
  trigger,
  plan,
  onForkRefused: then,
  context,
  thread: z.strictObject({
    stop: z.array(marker),
    endBefore: z.array(marker).optional(),
    close: z.string(),
    tailTokens: z.int().min(0),
    sampling: samplingSchema.optional(),
    maxDepth: z.int().min(1),
  }),
  onThreadEnd: z.strictObject({ eos: then, length: then, cut: then, failed: then, refused: then }),
  join,
  after,
  returns: named.optional(),
  dropFinalLineFeed: z.boolean().default(false),
  limits: limitsSchema.partial().default({}),
});

/**
 * True only for types that are the same in every field. TypeScript compares the two functions by comparing A with B.
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the comparison needs them
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Frozen<T> = T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T;
type Flat<T> = T extends object ? { [K in keyof T]: Flat<T[K]> } : T;

// Compiles only while schema and documented types agree: no field can be in one of them alone.
true satisfies Same<Frozen<z.output<typeof dialectSchema>>, Flat<DialectData>>;
true satisfies Same<Frozen<z.input<typeof dialectSchema>>, Flat<DialectDataInput>>;
