import { ThreadweaverError } from "../errors.ts";

/**
 * Loads an optional package, which users install only for the feature that needs it.
 *
 * @param feature the feature, such as `The llama engine`.
 * @param install the package to install, with its version.
 * @throws `missing_dependency` if the package is not installed.
 */
export async function loadPeer<T>(load: () => Promise<T>, feature: string, install: string): Promise<T> {
  return load().catch((cause: unknown) => {
    if (!isNotFound(cause)) throw cause;
    const name = install.replace(/(?<=.)@.*$/, "");
    const message = `${feature} needs the package ${name}. Install it: npm install ${install}`;
    throw new ThreadweaverError("missing_dependency", message, { cause });
  });
}

function isNotFound(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND";
}
