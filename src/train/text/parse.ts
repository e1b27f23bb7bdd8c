import { markersOf } from "../../core/dialects/markers.ts";
import type { Dialect } from "../../core/dialects/schema.ts";
import { endingOf } from "../../core/machine/state.ts";
import { canRehearse, writtenIn } from "../../core/rehearsal/example.ts";
import { textBetween } from "../../core/trie/path.ts";
import { validateFormat } from "../../core/validation/validate.ts";
import { ThreadweaverError } from "../../errors.ts";
import { trajectoryOfState } from "../from-state.ts";
import type { Trajectory } from "../trajectory.ts";
import { EncodedRun } from "./encoded-run.ts";
import { PieceEncoder } from "./encode-pieces.ts";
import type { TextTokenizer } from "./tokenizer.ts";

export interface TextOptions {
  /** The format of the text: one whose threads are joined with all their text. */
  readonly dialect: Dialect;
  /** That of the model that is trained. */
  readonly tokenizer: TextTokenizer;
  /** What stands before the text, as the model gets it: its chat template included. Ids, or a text to encode. */
  readonly prompt: string | readonly number[];
}

/** A finished text that is not what a run of its format gives. */
export class TextProblem extends ThreadweaverError {
  /** Where in the text, in UTF-16 code units. */
  readonly at: number;

  constructor(text: string, at: number, message: string) {
    const line = text.slice(0, at).split("\n").length;
    const column = at - text.lastIndexOf("\n", at - 1);
    super("invalid_option", `line ${line}, column ${column} of the text: ${message}`);
    this.at = at;
  }
}

/**
 * The trajectory of a finished text, without its prompt: a data set's. The machine runs once more with a model that
 * writes the text, so plans are read and threads are joined as in a run, and each maker's text is encoded on its own. The
 * ids are those of a run that gave this text. Main ends with an end of sequence, which is a target. That a thread was
 * closed by force is not seen in a text.
 *
 * @throws `invalid_option` with its place (`TextProblem`) for a text that is not well-formed or breaks off, and for a
 * dialect, or a tokenizer, that does not fit.
 */
export async function trajectoryOfText(text: string, options: TextOptions): Promise<Trajectory> {
  const { dialect, tokenizer, prompt } = options;
  checkDialect(dialect);
  const [wrong] = validateFormat(dialect, text);
  if (wrong !== undefined) throw new TextProblem(text, wrong.at, wrong.message);
  const { calls, problem } = writtenIn(dialect, text);
  if (problem !== undefined) throw new TextProblem(text, problem.at, problem.message);
  const encoder = new PieceEncoder(tokenizer);
  const markers = await markerIds(dialect, encoder, text);
  const state = await new EncodedRun({
    dialect,
    encoder,
    vocabulary: { eos: tokenizer.eos, markers },
    prompt: await encodedPrompt(prompt, tokenizer, encoder),
    calls,
    eos: tokenizer.eos[0],
  }).play();
  const [main] = state.sequences;
  const given = main === undefined ? "" : textBetween(state.trie, main.body, main.head);
  if (main === undefined || given !== text || endingOf(main)?.kind !== "eos") throw differs(text, given);
  return trajectoryOfState(state, "text");
}

function checkDialect(dialect: Dialect): void {
  if (canRehearse(dialect) && dialect.join.shape === "append" && dialect.exact.tokens === "kept") return;
  const message = `Finished texts of ${dialect.name} do not hold what each call was sent and wrote. Use traces or results of its runs.`;
  throw new ThreadweaverError("invalid_option", message);
}

/** The markers that are one token here. A model that was trained on tokens needs those that its text has. */
async function markerIds(dialect: Dialect, encoder: PieceEncoder, text: string): Promise<Record<string, number>> {
  const markers: Record<string, number> = {};
  const spelled: string[] = [];
  for (const marker of markersOf(dialect)) {
    const [id, ...others] = await encoder.ids(marker);
    if (id !== undefined && others.length === 0) markers[marker] = id;
    else if (dialect.markers.includes(marker) && text.includes(marker)) spelled.push(marker);
  }
  if (dialect.trained === "text" || spelled.length === 0) return markers;
  const message = `The vocabulary lacks markers of ${dialect.name}, which its models have as one token each: ${spelled.join(" ")}. Add them to the tokenizer first.`;
  throw new ThreadweaverError("invalid_option", message);
}

async function encodedPrompt(
  prompt: TextOptions["prompt"],
  tokenizer: TextTokenizer,
  encoder: PieceEncoder,
): Promise<{ ids: readonly number[]; text: string }> {
  if (typeof prompt !== "string") return { ids: prompt, text: await tokenizer.decode(prompt) };
  const { bos } = tokenizer;
  const ids = await encoder.ids(prompt);
  const all = bos === undefined || ids[0] === bos ? ids : [bos, ...ids];
  if (all.length > 0) return { ids: all, text: prompt };
  throw new ThreadweaverError("invalid_option", "The prompt is empty: a trajectory needs what stands before it.");
}

function differs(text: string, given: string): TextProblem {
  let at = 0;
  while (at < given.length && given[at] === text[at]) at += 1;
  const message =
    "in token ids, a run of this format would not go on here. Its tail may allow fewer tokens than stand here.";
  return new TextProblem(text, at, message);
}
