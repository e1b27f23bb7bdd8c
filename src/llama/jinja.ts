import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import type { JinjaModule } from "../engine/tokenizer/chat/chat-template.ts";

/**
 * Loads the jinja interpreter. It is a dependency of node-llama-cpp and not of this package, so it is resolved from
 * there: package managers need not make it visible here.
 */
export async function loadJinja(): Promise<JinjaModule> {
  const library = createRequire(import.meta.url).resolve("node-llama-cpp");
  const path = createRequire(library).resolve("@huggingface/jinja");
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- found at run time, so nothing declares it
  return (await import(pathToFileURL(path).href)) as JinjaModule;
}
