import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { installed } from "../servers/install.ts";
import { startServer, type RunningServer } from "../servers/start.ts";

const models = join(import.meta.dirname, "..", "..", "models");
/** The model that learns, in Hugging Face form and as GGUF. */
const base = join(models, "hf");
const bundledModel = join(models, "forkjoin-arith-f16.gguf");

/** A vLLM whose weights can be changed while it runs: it serves a folder of its own. */
export function startTrainee(served: string, apiKey: string): Promise<RunningServer> {
  if (!existsSync(served)) {
    rmSync(`${served}.partial`, { recursive: true, force: true });
    mkdirSync(`${served}.partial`, { recursive: true });
    cpSync(base, `${served}.partial`, { recursive: true });
    renameSync(`${served}.partial`, served);
  }
  const more = ["--max-num-seqs", "64"];
  return startServer("vllm", installed("vllm"), apiKey, { model: served, more, log: "loop-vllm" });
}

export { base, bundledModel };
