import { expect } from "vitest";
import * as apr from "./apr.ts";
import * as asyncthink from "./asyncthink.ts";
import * as fork from "./fork.ts";
import * as dcCot from "./dc-cot.ts";
import * as multiverse from "./multiverse.ts";
import * as npr from "./npr.ts";
import * as pacore from "./pacore.ts";
import * as parallelR1 from "./parallel-r1.ts";
import { createFlavourVocabulary, createScriptedModel, FLAVOURS, type Flavour } from "./scripted-model.ts";
import * as threadweaver from "./threadweaver.ts";
import type { Call, Fate, Model, Transcript } from "./transcript.ts";
import type { Vocabulary } from "./vocabulary.ts";

// Models written by hand

export type Line = string | { readonly text: string; readonly fate: Fate };

/** A model that writes the given line at each call; a line that is only a text ends in EOS. */
export function handwritten(vocabulary: Vocabulary, lineAt: (threadId: string, callIndex: number) => Line): Model {
  return {
    vocabulary,
    output(_context, threadId, callIndex) {
      const line = lineAt(threadId, callIndex);
      const { text, fate } = typeof line === "string" ? { text: line, fate: "eos" as const } : line;
      const ids = vocabulary.encode(text);
      return { ids: fate === "eos" ? [...ids, vocabulary.eos] : ids, fate };
    },
  };
}

/** The lines of each place, one for each of its calls. */
export function script(
  lines: Readonly<Record<string, readonly Line[]>>,
): (threadId: string, callIndex: number) => Line {
  return (threadId, callIndex) => {
    const line = lines[threadId]?.[callIndex];
    if (line === undefined) throw new Error(`no line for call ${callIndex} of ${threadId}`);
    return line;
  };
}

/** A transcript as text, and a check of what text does not show. */
export function read({ vocabulary }: Model, { calls, final, ending }: Transcript) {
  for (const ids of [...calls.map((call) => call.context), final]) {
    expect(ids[0]).toBe(vocabulary.bos);
    expect(ids.slice(1)).not.toContain(vocabulary.bos);
    expect(ids.slice(0, -1)).not.toContain(vocabulary.eos);
  }
  return {
    calls: calls.map(({ threadId, context }) => [threadId, vocabulary.decode(context)]),
    final: vocabulary.decode(final),
    ending: ending.kind,
  };
}

// The paths that scripted models take

const SEEDS = 400;
export const INTERPRETERS = {
  threadweaver: threadweaver.interpret,
  "parallel-r1": parallelR1.interpret,
  npr: npr.interpret,
  multiverse: multiverse.interpret,
  "dc-cot": dcCot.interpret,
  apr: apr.interpret,
  asyncthink: asyncthink.interpret,
  fork: fork.interpretCombined,
  pacore: pacore.interpret,
} satisfies Record<Flavour, unknown>;

/** A call, with what it wrote up to its stop: markers for the dialects that have them, tags in text for the others. */
export interface Turn extends Call {
  readonly depth: number;
  readonly ids: readonly number[];
  readonly text: string;
  readonly end: Fate | "stop";
  /** The place of the call that follows in the transcript; "" behind the last. */
  readonly next: string;
}

export interface Run {
  readonly turns: readonly Turn[];
  readonly final: string;
  readonly transcript: Transcript;
  readonly model: Model;
}

export function runsOf(flavour: Flavour, stopsOf: (call: Call, before: string) => readonly string[]): Run[] {
  const vocabulary = createFlavourVocabulary(flavour);
  return Array.from({ length: SEEDS }, (_, seed) => {
    const model = createScriptedModel({ vocabulary, seed, flavour });
    const transcript = INTERPRETERS[flavour](model, FLAVOURS[flavour].prompt);
    const turns = transcript.calls.map((call, index): Turn => {
      const { ids, fate } = model.output(call.context, call.threadId, call.callIndex);
      const stops = stopsOf(call, vocabulary.decode(call.context)).map(vocabulary.idOf);
      const stop = ids.findIndex((id) => stops.includes(id));
      const kept = stop < 0 ? ids : ids.slice(0, stop + 1);
      return {
        ...call,
        depth: call.threadId.split("/").length - 1,
        ids: kept,
        text: vocabulary.decode(kept),
        end: stop < 0 ? fate : "stop",
        next: transcript.calls[index + 1]?.threadId ?? "",
      };
    });
    return { turns, final: vocabulary.decode(transcript.final), transcript, model };
  });
}

/** How many of the things given fulfil each condition. */
export function count<Thing>(things: readonly Thing[], paths: Readonly<Record<string, (thing: Thing) => boolean>>) {
  return Object.fromEntries(Object.entries(paths).map(([name, holds]) => [name, things.filter(holds).length]));
}

export function expectAllReached(...counts: Readonly<Record<string, number>>[]): void {
  const missed = Object.entries(Object.assign({}, ...counts) as Record<string, number>).filter(
    ([, times]) => times === 0,
  );
  expect(missed.map(([path]) => path)).toEqual([]);
}

export function endings(...kinds: Transcript["ending"]["kind"][]): Record<string, (run: Run) => boolean> {
  return Object.fromEntries(
    kinds.map((kind) => [`the run ends: ${kind}`, ({ transcript }) => transcript.ending.kind === kind]),
  );
}

export function threadEnds(...ends: Turn["end"][]): Record<string, (turn: Turn) => boolean> {
  return Object.fromEntries(ends.map((end) => [`a thread ends: ${end}`, (turn) => turn.depth > 0 && turn.end === end]));
}

/** Whether the first `tag` ends within one of the tokens written. */
export function cutsToken({ ids, text }: Turn, tag: string, { decode }: Vocabulary): boolean {
  const end = text.indexOf(tag) + tag.length;
  return !ids.some((_, at) => decode(ids.slice(0, at)).length === end) && end < text.length;
}

/** The ids in what follows the last opener. */
export function headsIn(text: string, opener: string, head: RegExp): string[] {
  return Array.from(text.slice(text.lastIndexOf(opener)).matchAll(head), (match) => match[1]!);
}
