import { keep, type Range } from "../../files/line-file.ts";
import { ThreadweaverError } from "../../errors.ts";
import type { Header } from "./header.ts";
import { LedgerReader, type Damaged } from "./reader.ts";
import type { Sample, SampleKey } from "./sample.ts";
import { settingDifferences, type SettingDifference } from "./settings.ts";

/** The samples of a ledger that are there. Of each its critical path is kept. */
export class Known {
  count = 0;
  /** Tokens that all of them generated. */
  generated = 0;
  readonly #paths = new Map<string, number[]>();
  readonly #counts = new Map<string, number>();

  criticalPathOf({ arm, problem, sample }: SampleKey): number | undefined {
    return this.#paths.get(`${arm}\n${problem}`)?.[sample];
  }

  countOf(arm: string): number {
    return this.#counts.get(arm) ?? 0;
  }

  add({ arm, problem, sample, tokens }: Sample): void {
    const name = `${arm}\n${problem}`;
    const paths = this.#paths.get(name) ?? [];
    paths[sample] = tokens.criticalPath;
    this.#paths.set(name, paths);
    this.#counts.set(arm, this.countOf(arm) + 1);
    this.count += 1;
    this.generated += tokens.generated;
  }
}

/** A ledger that is gone on with. */
export interface EarlierRun {
  readonly known: Known;
  readonly damaged: readonly Damaged[];
  /** What of the file stays: its header, its failures, and each sample once. */
  readonly kept: readonly Range[];
}

/** Where a server is may change while an evaluation goes on. */
const mayDiffer = /^endpoints\..*\.engine$/;

/**
 * Reads what an earlier run of an evaluation has made. The file is not changed.
 *
 * @throws `file` where it cannot be read; `invalid_option` where it was made with other settings, with the differences.
 */
export async function readEarlier(path: string, header: Header): Promise<EarlierRun> {
  const reader = await LedgerReader.open(path);
  const different = settingDifferences(reader.header, header).filter(({ field }) => !mayDiffer.test(field));
  if (different.length > 0) {
    const shown = (value: SettingDifference["a"]): string => (value === undefined ? "nothing" : JSON.stringify(value));
    const list = different.map(({ field, a, b }) => `${field}: ${shown(a)} there, ${shown(b)} now`).join("; ");
    const remedy = "Give the settings of the ledger, another folder, or overwrite it.";
    throw new ThreadweaverError("invalid_option", `${path} was made with other settings. ${list}. ${remedy}`);
  }
  const known = new Known();
  const damaged: Damaged[] = [];
  const kept: Range[] = [{ start: 0, end: reader.headerEnd }];
  for await (const { entry, ...range } of reader.lines()) {
    if ("why" in entry) {
      damaged.push(entry);
    } else if (entry.type === "failure") {
      keep(kept, range);
    } else if (known.criticalPathOf(entry) === undefined) {
      known.add(entry);
      keep(kept, range);
    }
  }
  return { known, damaged, kept };
}
