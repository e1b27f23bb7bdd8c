import type { Fault } from "../fault.ts";

/** Of which source a text is, and of which of its samples, where there are several. */
export interface Place {
  readonly id: string;
  /** From 0. */
  readonly sample?: number | undefined;
}

/** A text that is kept. */
export interface Kept extends Place {
  /** `sequential`: it has no block, so that a model also learns when not to fork. */
  readonly kind: "parallel" | "sequential";
  /** The format of the text. */
  readonly dialect: string;
  /** The task, as it is put to a model. */
  readonly question: string;
  readonly text: string;
  /** The answer that was found in the text. */
  readonly answer: string;
  readonly blocks: number;
  readonly threads: number;
  /** Of what a model writes of the text, in characters or in the unit that was asked for. */
  readonly length: { readonly total: number; readonly criticalPath: number };
  /** The share of it that is off the critical path. */
  readonly gain: number;
  /** The least efficient block: the mean length of its threads, as a share of the longest. 1 without blocks. */
  readonly balance: number;
}

/** What was not kept, and all reasons. */
export interface SetAside extends Place {
  /** Where it ended, such as `trace`, `steps`, `edits` or `filter`. */
  readonly step: string;
  /** The first reason, by which yields are counted. */
  readonly code: string;
  readonly message: string;
  readonly faults: readonly Fault[];
}

/** What became of a source, and what was found on the way. */
export interface Outcome<Work = unknown> {
  readonly id: string;
  readonly kept: readonly Kept[];
  readonly setAside: readonly SetAside[];
  /** Undefined where the engine failed. */
  readonly work?: Work | undefined;
}

/** @param faults at least one. */
export function setAside(place: Place, step: string, faults: readonly Fault[]): SetAside {
  const { code = "unknown", message = "" } = faults[0] ?? {};
  return { ...place, step, code, message, faults };
}

export function isKept(one: Kept | SetAside): one is Kept {
  return "text" in one;
}
