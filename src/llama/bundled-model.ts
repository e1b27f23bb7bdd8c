import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const file = "models/forkjoin-arith-f16.gguf";

/**
 * Path of the small model that comes with this package. It adds 2 to 4 products of numbers from 11 to 99, in parallel
 * threads; its prompts are of the form `Q: 64*27+14*89` and a line feed.
 */
export const bundledModel: string = find();

/** The built module lies one folder below the package's root, its source two. */
function find(): string {
  const built = fileURLToPath(new URL(`../${file}`, import.meta.url));
  return existsSync(built) ? built : fileURLToPath(new URL(`../../${file}`, import.meta.url));
}
