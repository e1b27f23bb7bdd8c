import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The path of a file of this package. Built, this module lies one folder below the package's root; its source, two. */
export function packageFile(name: string): string {
  const built = fileURLToPath(new URL(`../${name}`, import.meta.url));
  return existsSync(built) ? built : fileURLToPath(new URL(`../../${name}`, import.meta.url));
}
