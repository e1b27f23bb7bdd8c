import type { Llama } from "node-llama-cpp";
import { loadPeer } from "../engine/optional-peer.ts";
import { ThreadweaverError } from "../errors.ts";
import { hear, hearLog, inTurn } from "./log.ts";
import type { Gpu } from "./options.ts";

type Library = typeof import("node-llama-cpp");

/** The version whose internals this folder relies on. It is the first one that can copy a sequence's state. */
const version = "3.22.1";
const installLine = `npm install node-llama-cpp@${version}`;

const instances = new Map<Gpu, Llama>();

/**
 * Loads the optional peer and its prebuilt binary, once in a process for each kind of GPU: its engines share the
 * instance, whose log is the process's. It is never disposed of, and keeps no process alive.
 *
 * @throws `missing_dependency` without the package, `engine_unavailable` without a binary for this machine.
 */
export async function loadLlama(
  gpu: Gpu,
  load: () => Promise<Library> = () => import("node-llama-cpp"),
): Promise<Llama> {
  const { getLlama, LlamaLogLevel } = await loadPeer(load, "The llama engine", `node-llama-cpp@${version}`);
  return inTurn(async () => {
    const known = instances.get(gpu);
    if (known !== undefined) return known;
    const llama = await getLlama({
      gpu,
      build: "never",
      logLevel: LlamaLogLevel.error,
      logger: (_, message) => hear(message),
      progressLogs: false,
      // No limit: each context says itself how many threads it takes. The default would be four, even on two cores.
      maxThreads: 0,
    }).catch((cause: unknown) => {
      throw new ThreadweaverError("engine_unavailable", whyNot(gpu), { cause });
    });
    await hearLog(llama);
    // It takes the processor where this platform has no such kind.
    if (gpu !== "auto" && gpu !== false && llama.gpu !== gpu)
      throw new ThreadweaverError("engine_unavailable", whyNot(gpu));
    instances.set(gpu, llama);
    return llama;
  });
}

function whyNot(gpu: Gpu): string {
  const machine = `${process.platform}-${process.arch}`;
  return gpu === false || gpu === "auto"
    ? `node-llama-cpp has no binary that works on ${machine}. Reinstall it with its optional dependencies: ${installLine}`
    : `node-llama-cpp has no binary for ${gpu} that works on ${machine}: is there such a GPU, with its driver, and was ` +
        `node-llama-cpp installed with its optional dependencies (${installLine})? gpu: "auto" takes what there is.`;
}

/** The error for a version that cannot copy a sequence's state. */
export function unsupportedVersion(): ThreadweaverError {
  return new ThreadweaverError(
    "engine_unavailable",
    `The installed node-llama-cpp cannot copy a sequence's state, which a fork needs. Install ${version}: ${installLine}`,
  );
}
