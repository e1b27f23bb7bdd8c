import type { Input } from "../core/machine/protocol.ts";
import type { Recorder, RunEnd, RunHeader } from "./recorder.ts";

/** Hands a run to its recorder. One that throws is not called again, and changes nothing. */
export class Recording {
  readonly #recorder: Recorder | undefined;
  readonly #onError: (error: unknown) => void;
  #isOn: boolean;

  constructor(recorder: Recorder | undefined, onError: (error: unknown) => void) {
    this.#recorder = recorder;
    this.#onError = onError;
    this.#isOn = recorder !== undefined;
  }

  /** Where the record is; undefined where there is none. */
  get name(): string | undefined {
    return this.#isOn ? this.#recorder?.name : undefined;
  }

  begin(header: RunHeader): void {
    this.#tell((recorder) => recorder.begin?.(header));
  }

  input(input: Input): void {
    if (this.#isOn) this.#tell((recorder) => recorder.input(input));
  }

  end(end: RunEnd): void {
    this.#tell((recorder) => recorder.end?.(end));
  }

  #tell(tell: (recorder: Recorder) => void): void {
    if (!this.#isOn || this.#recorder === undefined) return;
    try {
      tell(this.#recorder);
    } catch (error) {
      this.#isOn = false;
      this.#onError(error);
    }
  }
}
