import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileError } from "../../files/file-error.ts";
import { LineFile } from "../../files/line-file.ts";

/** The files of a generation but the journal. All of them follow from it, so they are made anew each time, whole or not at all. */
export class DerivedFiles<Name extends string> {
  readonly #folder: string;
  readonly #files: ReadonlyMap<Name, LineFile>;

  /** @throws `file` where one cannot be written. */
  constructor(folder: string, names: readonly Name[]) {
    this.#folder = folder;
    this.#files = new Map(names.map((name) => [name, openNew(join(folder, `${name}.partial`))]));
  }

  write(name: Name, value: object): void {
    this.#files.get(name)?.write(value);
  }

  /** Puts all files in their places. */
  finish(): void {
    for (const [name, file] of this.#files) {
      const path = join(this.#folder, name);
      file.close({ keepEmpty: true });
      try {
        renameSync(file.path, path);
      } catch (cause) {
        throw fileError(`${path} cannot be written`, cause);
      }
    }
  }

  /** Leaves what is there as it is. */
  abandon(): void {
    for (const file of this.#files.values()) {
      file.close();
      rmSync(file.path, { force: true });
    }
  }
}

function openNew(path: string): LineFile {
  const file = LineFile.open(path, { overwrite: true, resume: false });
  void file.end; // empties it
  return file;
}
