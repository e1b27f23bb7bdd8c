import type { ServerReport } from "./detect/server-report.ts";
import { ThreadweaverError } from "../errors.ts";
import { parseOptions } from "./parse-options.ts";
import type { ServerEngine } from "./server-engine.ts";
import { createEngineOptions } from "./server-options.ts";
import type { CreateEngineOptions } from "./server-options.ts";

export type { CreateEngineOptions, HttpDispatcher } from "./server-options.ts";
export type { Timeouts } from "./http/timeouts.ts";

// The HTTP client is most of the weight of this package, and is loaded when a server is talked to.

/**
 * Connects to an OpenAI-compatible server (vLLM, SGLang, llama.cpp, or another one), or to several of one model. Finds out which kind it is, and
 * asks it for its model, its context length and its control tokens.
 *
 * @throws `invalid_option` for options that cannot be used; `engine_unavailable` when nothing answers at the address;
 * `engine_refused` for a wrong key, an unknown model, or a server with neither completions nor chats; `timeout` when
 * the server is silent for longer than `timeouts` allows.
 */
export async function createEngine(options: CreateEngineOptions): Promise<ServerEngine> {
  const given = parseOptions("createEngine", createEngineOptions, options);
  const { baseURL } = given;
  const [first, ...others] = typeof baseURL === "string" ? [baseURL] : baseURL;
  if (first !== undefined && others.length === 0) {
    const { connect } = await import("./connect.ts");
    return connect({ ...given, baseURL: first });
  }
  const { connectAddresses } = await import("./addresses/connect-addresses.ts");
  return connectAddresses(given, [first ?? "", ...others]);
}

/**
 * Finds out what a server is, what can run there and what its forks cost, with a few dozen short calls.
 *
 * @throws `invalid_option`; `engine_unavailable` when nothing answers there; `engine_refused` for a wrong key or an
 * unknown model.
 */
export async function probeServer(options: CreateEngineOptions): Promise<ServerReport> {
  const given = parseOptions("probeServer", createEngineOptions, options);
  const { baseURL } = given;
  if (typeof baseURL !== "string") {
    throw new ThreadweaverError("invalid_option", "Invalid options for probeServer: baseURL: one address");
  }
  const { probe } = await import("./detect/probe.ts");
  return probe({ ...given, baseURL });
}
