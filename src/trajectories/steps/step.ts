import type { LineRange } from "../fault.ts";

/** A step of a trace: what it does, and its lines. */
export interface Step extends LineRange {
  readonly title: string;
}
