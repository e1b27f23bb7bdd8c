import { forkOf, threadsOf, type State } from "../../core/machine/state.ts";
import type { Piece } from "../../core/trie/piece.ts";
import { columnsOf, segmentOf } from "../../core/trie/trie.ts";
import type { Engine } from "../../engine/engine.ts";
import { ThreadweaverError } from "../../errors.ts";
import { threadResults } from "../build-result.ts";
import { messageOf } from "../failure.ts";
import type { Retries } from "../calls/retries.ts";
import { describe } from "../input.ts";
import type { CheckedOptions } from "../options.ts";
import { fillTemplate, type Combine } from "./template.ts";
import { startsWith } from "./trunk.ts";

interface CombineSetup {
  combine?: Combine | undefined;
  state: State;
  engine: Pick<Engine, "tokenizer">;
  options: Pick<CheckedOptions, "templateOptions">;
  retries: Pick<Retries, "run">;
  signal: AbortSignal;
}

/** What main sees after its prompt, and whether it stands in place of the prompt. */
interface Turn {
  turn: Piece;
  whole?: true;
}

/**
 * Makes a turn of the results of a fork: a turn of the user where its prompt is a chat, else text after the prompt.
 *
 * @throws `invalid_option` where the function throws, or returns something else than a text.
 */
export async function combineFork(fork: number, setup: CombineSetup): Promise<Turn> {
  await Promise.resolve(); // the machine is in the middle of a step
  const text = combineResults(setup.combine, setup.state, fork);
  return setup.retries.run(() => encodeTurn(text, setup), setup);
}

function combineResults(combine: Combine | undefined, state: State, fork: number): string {
  if (combine === undefined) throw new ThreadweaverError("invalid_option", noCombine);
  const threads = threadsOf(state, forkOf(state, fork));
  const results = threadResults(state, threads, { kind: "failed", message: "not over" });
  const text = typeof combine === "string" ? fillTemplate(combine, results) : call(() => combine(results));
  // A function that shortens a text may leave half a character, which has no bytes.
  if (typeof text === "string" && text !== "") return text.toWellFormed();
  const found = text === "" ? "an empty text" : describe(text);
  throw new ThreadweaverError(
    "invalid_option",
    `combine returned ${found}; it must return the text that the model goes on after, as a string`,
  );
}

/** Why a recorded fork cannot go on. */
export const noCombine =
  "The branches of this fork are joined by a function, and a record has none: resume it with `combine`.";

/** A user's function may return anything. */
function call(combine: () => unknown): unknown {
  try {
    return combine();
  } catch (cause) {
    throw new ThreadweaverError("invalid_option", `combine threw: ${messageOf(cause)}`, { cause });
  }
}

async function encodeTurn(text: string, { state, engine, options, signal }: CombineSetup): Promise<Turn> {
  const { tokenizer } = engine;
  const { templateOptions } = options;
  const prompt = segmentOf(state.trie, 0);
  if (prompt.chat === undefined) {
    return { turn: { ids: await tokenizer.encode(text, { controls: "text", signal }), text } };
  }
  const messages = [...prompt.chat, { role: "user", content: text }];
  const ids = await tokenizer.renderChat(messages, { templateOptions, signal });
  const trunk = columnsOf(prompt).idRange(0, 1);
  // A template may write the trunk in another way where such a turn follows.
  const follows = startsWith(ids, trunk);
  const own = follows ? ids.slice(trunk.length) : ids;
  const turn: Piece = { ids: own, text: await tokenizer.decode(own, { signal }) };
  return follows ? { turn } : { turn, whole: true };
}
