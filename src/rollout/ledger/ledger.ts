import { existsSync } from "node:fs";
import { ThreadweaverError } from "../../errors.ts";
import { keep, keepOnly, LineFile, type Range } from "../../files/line-file.ts";
import type { Rollout, RolloutFailure, RolloutKey } from "../roll-out.ts";
import { rolloutLedgerVersion, type FailureLine, type RolloutHeader, type RolloutSettings } from "./lines.ts";
import { isRollout, RolloutReader } from "./reader.ts";

export interface RolloutLedgerOptions {
  /** Whether to go on with a file that is there. @defaultValue false */
  readonly resume?: boolean | undefined;
  /** Whether to replace it. @defaultValue false */
  readonly overwrite?: boolean | undefined;
  /** Milliseconds since the epoch. @defaultValue Date.now */
  readonly now?: (() => number) | undefined;
}

/** The file of rollouts that are being sampled: a header, and a line for each one, written as soon as it is over. */
export class RolloutLedger {
  readonly #file: LineFile;
  readonly #known: Set<string>;

  private constructor(file: LineFile, known: Set<string>) {
    this.#file = file;
    this.#known = known;
  }

  /**
   * Opens a ledger. Of one that is gone on with, good rollouts stay; failures and damaged lines are removed.
   *
   * @throws `file` where it cannot be read or written, or exists and may be neither replaced nor gone on with;
   * `invalid_option` where it was made with other settings, with the differences.
   */
  static async open(
    path: string,
    settings: RolloutSettings,
    { resume = false, overwrite = false, now = Date.now }: RolloutLedgerOptions = {},
  ): Promise<RolloutLedger> {
    const isThere = resume && existsSync(path);
    if (isThere && (await RolloutReader.hasBegun(path))) {
      const known = await goOn(path, settings);
      return new RolloutLedger(LineFile.open(path, { resume, overwrite: false }), known);
    }
    const file = LineFile.open(path, { resume: false, overwrite: overwrite || isThere });
    const created = new Date(now()).toISOString();
    file.write({ type: "rollouts", version: rolloutLedgerVersion, created, settings } satisfies RolloutHeader);
    return new RolloutLedger(file, new Set());
  }

  /** Rollouts that are there. */
  get count(): number {
    return this.#known.size;
  }

  has(key: RolloutKey): boolean {
    return this.#known.has(keyOf(key));
  }

  /** @throws `file`, for instance when the disk is full; the file then ends with the last whole line. */
  write(one: Rollout | RolloutFailure): void {
    const { id, sample } = one;
    if ("error" in one) {
      const { code, message } = one.error;
      this.#file.write({ id, sample, error: { code, message } } satisfies FailureLine);
      return;
    }
    const { correct, answer, result } = one;
    this.#file.write({ id, sample, correct, answer, ...result });
    this.#known.add(keyOf(one));
  }

  close(): void {
    this.#file.close();
  }
}

async function goOn(path: string, settings: RolloutSettings): Promise<Set<string>> {
  const reader = await RolloutReader.open(path);
  const there = reader.header.settings;
  const names = [...new Set([...Object.keys(there), ...Object.keys(settings)])];
  const said = (value: string | number | null | undefined): string => JSON.stringify(value ?? null);
  const different = names
    .filter((name) => (there[name] ?? null) !== (settings[name] ?? null))
    .map((name) => `${name}: ${said(there[name])} there, ${said(settings[name])} now`);
  if (different.length > 0) {
    const message = `${path} was made with other settings. ${different.join("; ")}. Give the settings of the ledger, another folder, or overwrite it.`;
    throw new ThreadweaverError("invalid_option", message);
  }
  const known = new Set<string>();
  const kept: Range[] = [{ start: 0, end: reader.headerEnd }];
  for await (const { entry, start, end } of reader.lines()) {
    if (!isRollout(entry) || known.has(keyOf(entry))) continue;
    known.add(keyOf(entry));
    keep(kept, { start, end });
  }
  await keepOnly(path, kept);
  return known;
}

function keyOf({ id, sample }: RolloutKey): string {
  return JSON.stringify([id, sample]);
}
