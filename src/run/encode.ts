import type { Input, State } from "../core/machine/state.ts";
import { idsOf, path, segmentOf, textOf, type MissingIds, type Position } from "../core/trie/trie.ts";
import type { Tokenizer } from "../engine/engine.ts";
import { withBos } from "./prompt.ts";

/**
 * The ids to send for a position. What the runtime wrote is encoded on its own, each literal once, and the machine is
 * told (so a trace holds the ids); where a dialect's authors send text, the whole text is encoded again.
 */
export async function contextIds(
  state: State,
  at: Position,
  tokenizer: Tokenizer,
  feed: (input: Input) => void,
): Promise<readonly number[]> {
  let got = idsOf(state.trie, at);
  if ("missing" in got) {
    await encodeMissing(state, got.missing, tokenizer, feed);
    got = idsOf(state.trie, at);
  }
  if ("missing" in got) throw new RangeError("a piece was encoded and has no ids");
  return state.dialect.exact.tokens === "kept" ? got.ids : reencode(state, at, tokenizer);
}

/** Everything in the trie that nobody had to send, so that every token can be counted. */
export async function encodeRest(state: State, tokenizer: Tokenizer, feed: (input: Input) => void): Promise<void> {
  const missing = state.trie.segments.flatMap(({ id, maker, pieces }): MissingIds[] =>
    maker.by === "model" || maker.by === "copy"
      ? []
      : pieces.flatMap((piece, n) => (piece.ids === undefined ? [{ segment: id, n, piece }] : [])),
  );
  await encodeMissing(state, missing, tokenizer, feed);
}

async function encodeMissing(
  state: State,
  missing: readonly MissingIds[],
  tokenizer: Tokenizer,
  feed: (input: Input) => void,
): Promise<void> {
  for (const { segment, n, piece } of missing) {
    if (piece.ids !== undefined) continue; // a copy's pieces are those of its original
    const { parent, maker } = segmentOf(state.trie, segment);
    const isRoot = parent === null;
    if (piece.chat !== undefined) {
      const ids = await tokenizer.renderChat(piece.chat, { prefill: piece.prefill });
      feed({ t: "encoded", segment, n, ids, text: await tokenizer.decode(ids) });
    } else if (isRoot) {
      const ids = await tokenizer.encode(piece.text ?? "", { controls: "text" });
      feed({ t: "encoded", segment, n, ids: withBos(ids, tokenizer.bos) });
    } else {
      // The kept part of a piece that was cut is still the model's.
      const inserted = maker.by === "runtime" && maker.why !== "cutPiece";
      const ids = await tokenizer.encode(piece.text ?? "", { controls: "parse", inserted });
      feed({ t: "encoded", segment, n, ids });
    }
  }
}

/** Prompt and text encoded as one string, so that tokens may span what was generated and what was inserted. */
async function reencode(state: State, at: Position, tokenizer: Tokenizer): Promise<readonly number[]> {
  const [prompt, ...rest] = path(state.trie, at);
  const promptText = prompt?.text ?? "";
  const text = textOf(rest);
  const keepsPrompt =
    prompt?.chat !== undefined || tokenizer.controls.some((c) => promptText.includes(c) || text.includes(c));
  if (!keepsPrompt) return withBos(await tokenizer.encode(promptText + text, { controls: "text" }), tokenizer.bos);
  // What people typed must not be parsed, and what the model wrote must be: they cannot be one string then.
  return [...(prompt?.ids ?? []), ...(await tokenizer.encode(text, { controls: "parse" }))];
}
