import { deserializeTrie } from "../../core/trie/serialize.ts";
import { idsOf, textBetween } from "../../core/trie/path.ts";
import type { Engine } from "../../engine/engine.ts";
import type { RunInput } from "../../run/input.ts";
import type { RunOptions } from "../../run/options.ts";
import type { ResultWithTree, RunResult } from "../../run/result.ts";
import type { Runner } from "../../run/runner.ts";
import type { Protocol } from "../protocol/protocol.ts";

export interface Budgeted {
  /** What was written up to the budget, and where that was reached, what closed it and what followed. */
  readonly results: readonly [RunResult] | readonly [RunResult, RunResult];
  readonly text: string;
  readonly closed: boolean;
}

/**
 * A sequential run that has so many tokens. Where they run out, its thinking is closed and the model gives its answer in
 * `closing.tokens` more. An engine that takes whole turns only cannot go on there, so the text stays as it is.
 *
 * @param thinkingEnd the marker that ends thinking; `<think>` begins it, in the prompt or after it.
 */
export async function runInBudget(
  { runner, engine, thinkingEnd }: { runner: Runner; engine: Engine; thinkingEnd: string },
  input: RunInput,
  { tokens, closing, options }: { tokens: number; closing: Protocol["closing"]; options: RunOptions },
): Promise<Budgeted> {
  const own = { ...options, mode: "sequential", maxCriticalTokens: undefined, maxTokens: tokens, tree: true } as const;
  const thought = await runner.run(input, own).result;
  if (thought.ending.kind !== "length" || engine.tier === "chat-only") {
    return { results: [thought], text: thought.text, closed: false };
  }
  const { head, ...tree } = thought.tree;
  const written = textBetween(deserializeTrie(tree), undefined, head);
  const isOpen = written.lastIndexOf("<think>") > written.lastIndexOf(thinkingEnd);
  const inserted = `${isOpen ? thinkingEnd : ""}${closing.text}`;
  const rest = { ...own, maxTokens: closing.tokens, specialInPrompt: "parse" } as const;
  const answered = await runner.run(await continued(input, thought, inserted, engine), rest).result;
  return { results: [thought, answered], text: `${thought.text}${inserted}${answered.text}`, closed: true };
}

/** The input that goes on after what was written. */
async function continued(
  input: RunInput,
  { text, tree: { head, ...tree } }: ResultWithTree,
  inserted: string,
  { tier = "ids", tokenizer }: Engine,
): Promise<RunInput> {
  if (tier.startsWith("chat")) {
    const turn = { role: "assistant", content: text + inserted, trusted: true };
    return { messages: [...(input.messages ?? []), turn] };
  }
  const trie = deserializeTrie(tree);
  const context = tier === "ids" ? idsOf(trie, head) : undefined;
  if (context === undefined || "missing" in context) return { prompt: textBetween(trie, undefined, head) + inserted };
  return { promptIds: [...context.ids, ...(await tokenizer.encode(inserted, { controls: "parse" }))] };
}
