import * as z from "zod";
import { runEndingSchema } from "../../core/machine/ending.ts";
import { deserializeTrie, trieSchema } from "../../core/trie/serialize.ts";
import type { Position, Trie } from "../../core/trie/trie.ts";
import { ThreadweaverError } from "../../errors.ts";
import { tokenCountsSchema } from "../format.ts";

const count = z.int().min(0);

const threadSchema = z.object({
  threadId: z.string().regex(/^0(\/\d+\.\d+)+$/),
  forkId: z.string(),
  parentId: z.string(),
  name: z.string(),
  plan: z.string(),
  depth: z.int().min(1),
  ending: runEndingSchema,
  tokens: count,
  text: z.string(),
});

const resultSchema = z.object({
  ending: runEndingSchema,
  complete: z.boolean(),
  seed: count,
  warnings: z.array(z.object({ code: z.string(), message: z.string(), threadId: z.string() })),
  tokens: tokenCountsSchema,
  threads: z.array(threadSchema),
  tree: z.looseObject({ ...trieSchema.shape, head: z.object({ segment: count, n: count }) }),
});

/** What of a result is shown. */
export type ShownResult = Omit<z.output<typeof resultSchema>, "tree"> & {
  readonly trie: Trie;
  readonly head: Position;
};

/**
 * Checks a result that was read from somewhere.
 *
 * @param where says in messages where it stands.
 * @throws `file` for one without its tree, and for what is none.
 */
export function checkedResult(value: unknown, where: string): ShownResult {
  if (isObject(value) && "threads" in value && value["tree"] === undefined) {
    const advice = "Run it again with --tree; a trace (--trace) shows times, too.";
    throw new ThreadweaverError("file", `${where}: the result has no tree, so it cannot be shown. ${advice}`);
  }
  const parsed = resultSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const what = issue === undefined ? "" : ` (${[issue.path.join("."), issue.message].filter(Boolean).join(": ")})`;
    const message = `${where}: expected a trace or a result with its tree; this is neither${what}.`;
    throw new ThreadweaverError("file", message);
  }
  const { tree, ...rest } = parsed.data;
  try {
    return { ...rest, tokens: rest.tokens, trie: deserializeTrie(tree), head: tree.head };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ThreadweaverError("file", `${where}: the tree of the result is damaged: ${why}.`, { cause });
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
