import type { Input } from "../core/machine/protocol.ts";
import type { Recorder, RunHeader } from "../run/recorder.ts";
import type { LineFile } from "./line-file.ts";

/**
 * Records a run: what it was, then all that goes into its machine. A line that cannot be written does not end the run;
 * `finish` throws for it.
 */
export class Trace implements Recorder {
  readonly #file: LineFile;
  #failure: unknown;

  constructor(file: LineFile) {
    this.#file = file;
  }

  begin(header: RunHeader): void {
    this.#write(header);
  }

  input(input: Input): void {
    this.#write(input);
  }

  finish(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  #write(line: unknown): void {
    if (this.#failure !== undefined) return;
    try {
      this.#file.write(line);
    } catch (error) {
      this.#failure = error;
    }
  }
}
