import { setImmediate } from "node:timers/promises";
import type { Llama } from "node-llama-cpp";
import { loadPeer } from "../engine/optional-peer.ts";
import { ThreadweaverError } from "../errors.ts";

type Library = typeof import("node-llama-cpp");

/** The version whose internals this folder relies on. It is the first one that can copy a sequence's state. */
const version = "3.22.1";
const installLine = `npm install node-llama-cpp@${version}`;

/**
 * Loads the optional peer and its prebuilt binary. llama.cpp prints nothing; its errors go to `onError`.
 *
 * @throws `missing_dependency` without the package, `engine_unavailable` without a binary for this machine.
 */
export async function loadLlama(
  maxThreads: number,
  onError: (message: string) => void,
  load: () => Promise<Library> = () => import("node-llama-cpp"),
): Promise<Llama> {
  const { getLlama, LlamaLogLevel } = await loadPeer(load, "The llama engine", `node-llama-cpp@${version}`);
  try {
    // `maxThreads` has to be set: by default four threads spin, even on two cores, and starve the event loop.
    return await getLlama({
      gpu: false,
      build: "never",
      logLevel: LlamaLogLevel.error,
      logger: (_, message) => onError(message.trim()),
      maxThreads,
    });
  } catch (cause) {
    throw new ThreadweaverError(
      "engine_unavailable",
      `node-llama-cpp has no binary that works on ${process.platform}-${process.arch}. ` +
        `Reinstall it with its optional dependencies: ${installLine}`,
      { cause },
    );
  }
}

/**
 * Disposes of an instance and its logger. An instance leaves its logger set, and when the next one replaces that, the
 * logger goes that llama.cpp has then: its errors would be written to stderr.
 */
export async function disposeLlama(llama: Llama): Promise<void> {
  const bindings: unknown = Reflect.get(llama, "_bindings");
  const setLogger: unknown = typeof bindings === "object" && bindings !== null && Reflect.get(bindings, "setLogger");
  if (typeof setLogger === "function") Reflect.apply(setLogger, bindings, []);
  await llama.dispose();
  await setImmediate(); // then it is gone
}

/** The error for a version that cannot copy a sequence's state. */
export function unsupportedVersion(): ThreadweaverError {
  return new ThreadweaverError(
    "engine_unavailable",
    `The installed node-llama-cpp cannot copy a sequence's state, which a fork needs. Install ${version}: ${installLine}`,
  );
}
