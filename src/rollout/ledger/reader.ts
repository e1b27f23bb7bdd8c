import * as z from "zod";
import { ThreadweaverError } from "../../errors.ts";
import { chunksOf } from "../../files/chunks.ts";
import { hasWholeLine, jsonIn, linesOf } from "../../files/lines.ts";
import type { TrainableResult } from "../../train/from-result.ts";
import type { Trainable } from "../group.ts";
import {
  failureLineSchema,
  rolloutHeaderSchema,
  rolloutLedgerVersion,
  rolloutLineSchema,
  type FailureLine,
  type RolloutHeader,
} from "./lines.ts";

/** A line of a ledger, and where it is: a rollout, a failure, or undefined where it is cut off or damaged. */
export interface RolloutLine {
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly entry: Trainable | FailureLine | undefined;
}

/** A ledger of rollouts, read from its file, one line at a time. */
export class RolloutReader {
  readonly path: string;
  readonly header: RolloutHeader;
  /** Bytes of the header's line. */
  readonly headerEnd: number;

  private constructor(path: string, header: RolloutHeader, headerEnd: number) {
    this.path = path;
    this.header = header;
    this.headerEnd = headerEnd;
  }

  /** @throws `file` where it cannot be read, or is no ledger of this version. */
  static async open(path: string): Promise<RolloutReader> {
    for await (const line of linesOf(chunksOf(path))) {
      const parsed = rolloutHeaderSchema.safeParse(line.isWhole ? jsonIn(line) : undefined);
      if (parsed.success) return new RolloutReader(path, parsed.data, line.end);
      const why = z.prettifyError(parsed.error).split("\n").join("; ");
      const message = `${path} is no ledger of rollouts of version ${rolloutLedgerVersion}: ${why}. Give another folder, or overwrite it.`;
      throw new ThreadweaverError("file", message);
    }
    throw new ThreadweaverError("file", `${path} is empty; the first line of a ledger is its header.`);
  }

  /** Whether it has a whole line: a process that was killed at once leaves less. */
  static async hasBegun(path: string): Promise<boolean> {
    return hasWholeLine(chunksOf(path));
  }

  /** All lines after the header. */
  async *lines(): AsyncGenerator<RolloutLine, void, undefined> {
    for await (const line of linesOf(chunksOf(this.path))) {
      const { number, start, end, isWhole } = line;
      if (number > 1) yield { line: number, start, end, entry: isWhole ? entryIn(jsonIn(line)) : undefined };
    }
  }

  /** The rollouts, in the order of the file. */
  async *rollouts(): AsyncGenerator<Trainable, void, undefined> {
    for await (const { entry } of this.lines()) if (isRollout(entry)) yield entry;
  }
}

export function isRollout(entry: RolloutLine["entry"]): entry is Trainable {
  return entry !== undefined && "correct" in entry;
}

function entryIn(data: unknown): RolloutLine["entry"] {
  const rollout = rolloutLineSchema.safeParse(data);
  if (!rollout.success) return failureLineSchema.safeParse(data).data;
  const { id, sample, correct } = rollout.data;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- trajectoryOfResult checks the rest
  return { id, sample, correct, result: rollout.data as unknown as TrainableResult };
}
