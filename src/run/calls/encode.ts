import type { UntimedInput } from "../../core/machine/protocol.ts";
import type { Call, State } from "../../core/machine/state.ts";
import { contextParts, textBetween, type ContextPart } from "../../core/trie/path.ts";
import { columnsOf, rootOf, segmentOf, type Position, type Segment } from "../../core/trie/trie.ts";
import type { RenderChatOptions, Tokenizer } from "../../engine/engine.ts";
import { withBos } from "../prompt.ts";

export interface Context {
  readonly ids: readonly number[];
  /** Whether these are not the ids of the trie: a text was encoded again. */
  readonly isEncodedAgain: boolean;
}

/**
 * The ids to send for a position. What the runtime wrote is encoded on its own, each literal once, and the machine is
 * given the ids (so a trace holds them). Text that came without ids is encoded as it stands; where a dialect's authors
 * send text, the whole text is encoded again.
 */
export async function contextIds(
  state: State,
  at: Position,
  tokenizer: Tokenizer,
  feed: (input: UntimedInput) => void,
  { signal, templateOptions }: RenderChatOptions & { signal: AbortSignal },
): Promise<Context> {
  const literals = new Set(contextParts(state.trie, at).flatMap((part) => ("segment" in part ? [part.segment] : [])));
  for (const segment of literals)
    if (isLiteral(segment)) await encodeLiteral(segment, tokenizer, feed, { signal, templateOptions });
  if (state.dialect.exact.tokens !== "kept") {
    return { ids: await reencode(state, at, tokenizer, signal), isEncodedAgain: true };
  }
  const parts = contextParts(state.trie, at);
  const isEncodedAgain = parts.some((part) => "segment" in part);
  const ids: number[] = [];
  for (const part of parts) for (const id of await idsOfPart(part, tokenizer, signal)) ids.push(id);
  return { ids, isEncodedAgain };
}

/**
 * The ids of what a call has generated, to go on after them. Where they are not all known, the text is encoded again:
 * then the call goes on after the same text, but perhaps not after the same tokens.
 */
export async function generatedIds(
  { trie }: State,
  { segment }: Call,
  tokenizer: Tokenizer,
  signal: AbortSignal,
): Promise<Context> {
  const columns = columnsOf(segmentOf(trie, segment));
  if (columns.withoutIds === 0) return { ids: [...columns.idRange(0, columns.length)], isEncodedAgain: false };
  const ids = await tokenizer.encode(columns.text(0, columns.length), { controls: "parse", signal });
  return { ids, isEncodedAgain: true };
}

/** What was not generated, and so is one piece and can be encoded once and for all. */
function isLiteral({ maker, pieces }: Segment): boolean {
  return maker.by !== "model" && pieces?.withoutIds === 1;
}

function idsOfPart(part: ContextPart, tokenizer: Tokenizer, signal: AbortSignal) {
  return "ids" in part ? part.ids : tokenizer.encode(part.text, { controls: "parse", signal });
}

async function encodeLiteral(
  segment: Segment,
  tokenizer: Tokenizer,
  feed: (input: UntimedInput) => void,
  { signal, templateOptions }: RenderChatOptions,
): Promise<void> {
  const { id, chat, prefill } = segment;
  const columns = columnsOf(segment);
  if (chat !== undefined) {
    const ids = await tokenizer.renderChat(chat, { prefill, signal, templateOptions });
    feed({ t: "encoded", segment: id, ids, text: await tokenizer.decode(ids, { signal }) });
    return;
  }
  const ids = await tokenizer.encode(columns.text(0, 1), { ...encodingOf(segment), signal });
  // Two threads of one fork may want the same literal at once: the first answer counts.
  if (columns.withoutIds > 0) feed(encodedInput(segment, ids, tokenizer));
}

/** A root is a prompt, which begins with the begin of sequence. */
function encodedInput({ id, parent }: Segment, ids: readonly number[], { bos }: Tokenizer): UntimedInput {
  return { t: "encoded", segment: id, ids: parent === null ? withBos(ids, bos) : ids };
}

/** A root is a prompt, whose control strings are text. The kept part of a piece that was cut is still the model's. */
function encodingOf({ parent, maker }: Segment): { controls: "parse" | "text"; inserted?: boolean } {
  return parent === null ? { controls: "text" } : { controls: "parse", inserted: maker.by === "runtime" };
}

/**
 * Literals that were never sent, so that every token can be counted: those whose ids are known without asking anyone.
 * The others stay unknown, and the counts say that they are estimates.
 */
export function encodeUnsent(state: State, tokenizer: Tokenizer, feed: (input: UntimedInput) => void): void {
  for (const segment of state.trie.segments) {
    if (!isLiteral(segment) || segment.chat !== undefined) continue;
    const ids = tokenizer.encodeSync?.(columnsOf(segment).text(0, 1), encodingOf(segment));
    if (ids !== undefined) feed(encodedInput(segment, ids, tokenizer));
  }
}

/** Prompt and text encoded as one string, so that tokens may span what was generated and what was inserted. */
async function reencode(
  { trie }: State,
  at: Position,
  tokenizer: Tokenizer,
  signal: AbortSignal,
): Promise<readonly number[]> {
  const root = rootOf(trie, at);
  const prompt = columnsOf(root);
  const promptText = prompt.text(0, 1);
  const text = textBetween(trie, { segment: root.id, n: 1 }, at);
  const keepsPrompt =
    root.chat !== undefined || tokenizer.controls.some((c) => promptText.includes(c) || text.includes(c));
  if (!keepsPrompt) {
    return withBos(await tokenizer.encode(promptText + text, { controls: "text", signal }), tokenizer.bos);
  }
  // What people typed must not be parsed, and what the model wrote must be: they cannot be one string then.
  return [...prompt.idRange(0, 1), ...(await tokenizer.encode(text, { controls: "parse", signal }))];
}
