import type { Input } from "../../src/core/machine/protocol.ts";
import { headerSchema, type RecordedRun, type RunEnd, type RunHeader } from "../../src/run/recorder.ts";

/** A record as it is read from a file. */
export class Record {
  header: RunHeader | undefined;
  inputs: Input[] = [];
  readonly ends: RunEnd[] = [];
  /** Called after each input. */
  onInput: () => void = () => {};

  readonly recorder = {
    begin: (header: RunHeader): void => {
      this.header = headerSchema.parse(JSON.parse(JSON.stringify(header)));
    },
    input: (input: Input): void => {
      this.inputs.push(JSON.parse(JSON.stringify(input)) as Input);
      this.onInput();
    },
    end: (end: RunEnd): void => void this.ends.push(end),
  };

  /** What is left of it when its process is killed after so many inputs. */
  upTo(count: number): RecordedRun {
    if (this.header === undefined) throw new Error("the run has not begun");
    return { header: this.header, inputs: this.inputs.slice(0, count) };
  }
}
