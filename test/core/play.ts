import type { Dialect } from "../../src/core/dialects/schema.ts";
import type { Effect, Warning } from "../../src/core/machine/protocol.ts";
import { path, textOf } from "../../src/core/trie/path.ts";
import type { Fate, Model } from "../reference/transcript.ts";
import { createVocabulary } from "../reference/vocabulary.ts";
import { drive, type Chance, type Driven, type DriveOptions } from "./drive.ts";

/** What a call writes: a text, or its pieces, which ends by an end of sequence where no other fate is named. */
export type Line = string | readonly string[] | { readonly write: string | readonly string[]; readonly fate: Fate };

export interface Played extends Driven {
  /** What main has in the end, prompt included. */
  text: string;
  /** The context of each call by place and callIndex. */
  contexts: Record<string, string>;
  warnings: Warning[];
  codes: string[];
}

export interface PlayOptions extends DriveOptions {
  prompt?: string;
  chance?: Chance;
  /** Markers that are one token each; the dialect's own where none are named. */
  markers?: readonly string[];
}

/** Runs the machine with what each call writes by place: the first line is for its first call, and so on. */
export function play(
  dialect: Dialect,
  lines: Readonly<Record<string, readonly Line[]>>,
  { prompt = "Q\n", chance = () => 0, markers = dialect.markers, ...options }: PlayOptions = {},
): Played {
  const texts = Object.values(lines).flat().map(partsOf);
  const merges = [...new Set(texts.flatMap(({ write }) => (typeof write === "string" ? [] : write)))];
  const vocabulary = createVocabulary({ markers, merges: merges.filter((m) => m.length > 1 && !markers.includes(m)) });
  const model: Model = {
    vocabulary,
    output(_, threadId, callIndex) {
      const line = lines[threadId]?.[callIndex];
      if (line === undefined) throw new Error(`no line for call ${callIndex} of ${threadId}`);
      const { write, fate } = partsOf(line);
      const ids =
        typeof write === "string"
          ? vocabulary.encode(write)
          : write.flatMap((piece) =>
              vocabulary.merges.includes(piece) ? vocabulary.idOfMerge(piece) : vocabulary.encode(piece),
            );
      return { ids: fate === "eos" ? [...ids, vocabulary.eos] : ids, fate };
    },
  };
  const driven = drive(dialect, model, prompt, chance, options);
  const { state, effects, sent } = driven;
  const head = state.sequences[0]?.head;
  const warnings = effects.flatMap((effect) => (effect.e === "warning" ? [effect.warning] : []));
  return {
    ...driven,
    text: head === undefined ? "" : textOf(path(state.trie, head)),
    contexts: Object.fromEntries(
      sent.map(({ threadId, callIndex, context }) => [`${threadId}#${callIndex}`, vocabulary.decode(context)]),
    ),
    warnings,
    codes: warnings.map(({ code }) => code),
  };
}

function partsOf(line: Line): { write: string | readonly string[]; fate: Fate } {
  return typeof line === "string" || "length" in line ? { write: line, fate: "eos" } : line;
}

export function completesOf(effects: readonly Effect[]): Extract<Effect, { e: "complete" }>[] {
  return effects.flatMap((effect) => (effect.e === "complete" ? [effect] : []));
}
