import { join } from "node:path";
import { installedIn } from "../servers/install.ts";

/** The environment of Python for training: `install.sh` and its pins beside this file. */
const trainingEnvironment = {
  scripts: import.meta.dirname,
  versions: "torch2.13.0-transformers5.24.0-trl1.16.0-verifiers0.4.0-verl0.9.1-gguf0.19.0-peft0.21.2",
} as const;

/** Its Python. It is installed now if it is not there. */
export function trainingPython(): string {
  return join(installedIn(trainingEnvironment.scripts, "train", trainingEnvironment.versions), "bin", "python");
}
