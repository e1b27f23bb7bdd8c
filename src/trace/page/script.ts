import { readFile } from "node:fs/promises";
import { ThreadweaverError } from "../../errors.ts";

/** The page's script. It is bundled when this package is built; from the sources, when it is asked for. */
export async function pageScript(): Promise<string> {
  if (import.meta.url.endsWith(".ts")) {
    const bundler = new URL("../../../scripts/page.ts", import.meta.url).href;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a script of this repository
    const { bundledPage } = (await import(bundler)) as { bundledPage: () => Promise<string> };
    return bundledPage();
  }
  try {
    return await readFile(new URL("./page.js", import.meta.url), "utf8");
  } catch (cause) {
    const message = "The file page.js of threadweaver is not beside its other files. Install the package again.";
    throw new ThreadweaverError("file", message, { cause });
  }
}
