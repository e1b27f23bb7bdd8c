import type { Input } from "../core/machine/protocol.ts";
import type { Recorder, RunEnd, RunHeader } from "./recorder.ts";

/** Hands a run to its recorder. One that throws is not called again, and changes nothing. */
export class Recording {
  /** Undefined: there is none, or it threw. */
  #recorder: Recorder | undefined;
  readonly #onError: (error: unknown) => void;

  constructor(recorder: Recorder | undefined, onError: (error: unknown) => void) {
    this.#recorder = recorder;
    this.#onError = onError;
  }

  /** Where the record is; undefined where there is none. */
  get name(): string | undefined {
    return this.#recorder?.name;
  }

  begin(header: RunHeader): void {
    this.#tell((recorder) => recorder.begin?.(header));
  }

  input(input: Input): void {
    this.#tell((recorder) => recorder.input(input));
  }

  end(end: RunEnd): void {
    this.#tell((recorder) => recorder.end?.(end));
  }

  #tell(tell: (recorder: Recorder) => void): void {
    if (this.#recorder === undefined) return;
    try {
      tell(this.#recorder);
    } catch (error) {
      this.#recorder = undefined;
      this.#onError(error);
    }
  }
}
