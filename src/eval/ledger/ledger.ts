import { existsSync } from "node:fs";
import { keepOnly, LineFile } from "../../files/line-file.ts";
import type { Header } from "./header.ts";
import { Known, readEarlier } from "./known.ts";
import { LedgerReader, type Damaged } from "./reader.ts";
import type { Sample, SampleFailure, SampleKey } from "./sample.ts";

export interface LedgerOptions {
  /** Whether to go on with a file that is there. @defaultValue false */
  readonly resume?: boolean | undefined;
  /** Whether to replace it. @defaultValue false */
  readonly overwrite?: boolean | undefined;
}

/** The file of an evaluation that runs: its header, and a line for each sample, written as soon as the sample is there. */
export class Ledger {
  /** Lines of an earlier run that could not be read. Their samples are made again. */
  readonly damaged: readonly Damaged[];
  readonly #file: LineFile;
  readonly #known: Known;

  private constructor(file: LineFile, known: Known, damaged: readonly Damaged[]) {
    this.#file = file;
    this.#known = known;
    this.damaged = damaged;
  }

  /**
   * Opens a ledger. Of one that is gone on with, samples and failures stay; damaged lines are removed. A sample that failed
   * is made again, and its failures are still counted.
   *
   * @throws `file` where it cannot be read or written, or exists and may be neither replaced nor gone on with;
   * `invalid_option` where it was made with other settings, with the differences.
   */
  static async open(path: string, header: Header, options: LedgerOptions = {}): Promise<Ledger> {
    const { resume = false, overwrite = false } = options;
    const isThere = resume && existsSync(path);
    if (isThere && (await LedgerReader.hasBegun(path))) {
      const { known, damaged, kept } = await readEarlier(path, header);
      await keepOnly(path, kept);
      return new Ledger(LineFile.open(path, { resume, overwrite: false }), known, damaged);
    }
    const file = LineFile.open(path, { resume: false, overwrite: overwrite || isThere });
    file.write(header);
    return new Ledger(file, new Known(), []);
  }

  /** Samples that are there. */
  get count(): number {
    return this.#known.count;
  }

  /** Tokens that these samples generated. */
  get generated(): number {
    return this.#known.generated;
  }

  has(key: SampleKey): boolean {
    return this.#known.criticalPathOf(key) !== undefined;
  }

  criticalPathOf(key: SampleKey): number | undefined {
    return this.#known.criticalPathOf(key);
  }

  /** @throws `file`, for instance when the disk is full; the file then ends with the last whole line. */
  write(entry: Sample | SampleFailure): void {
    this.#file.write(entry);
    if (entry.type === "sample") this.#known.add(entry);
  }

  close(): void {
    this.#file.close();
  }
}
