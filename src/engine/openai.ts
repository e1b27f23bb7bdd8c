import { inspectServer } from "./detect/inspect.ts";
import { parseOptions } from "./parse-options.ts";
import { measureCacheOf } from "./detect/probe.ts";
import { describeServer } from "./detect/report.ts";
import { ServerClient } from "./http/server-client.ts";
import { ServerEngine } from "./server-engine.ts";
import { createEngineOptions } from "./server-options.ts";
import type { CreateEngineOptions } from "./server-options.ts";

export type { CreateEngineOptions, HttpDispatcher } from "./server-options.ts";

/**
 * Connects to an OpenAI-compatible server (vLLM, SGLang, llama.cpp, or another one). Finds out which kind it is, and
 * asks it for its model, its context length and its control tokens.
 *
 * @throws `invalid_option` for options that cannot be used; `engine_unavailable` when nothing answers at the address;
 * `engine_refused` for a wrong key, an unknown model, or a server with neither completions nor chats; `timeout` when
 * the server is silent for `timeoutMs`.
 */
export async function createEngine(options: CreateEngineOptions): Promise<ServerEngine> {
  const given = parseOptions("createEngine", createEngineOptions, options);
  const client = new ServerClient(given);
  try {
    const found = await inspectServer(client, given);
    const cache = given.measureCache === true ? await measureCacheOf(client, found) : undefined;
    return new ServerEngine(client, found, describeServer(client.address, found, cache));
  } catch (error) {
    await client.close();
    throw error;
  }
}
