export type ServerName = "vllm" | "sglang" | "sglang-old" | "llama-server";

export interface ServerSetup {
  /** Of its scripts beside this file: `install.sh` and `serve.sh`. */
  folder: string;
  version: string;
  /** Of the small model, beside `models/README.md`. */
  model: string;
  /** What its installation needs. */
  needs: "python" | "compiler";
  /** Where it is, if it is running already. */
  variable: string;
  /** What the suite needs beyond `serve.sh`. */
  flags: readonly string[];
  env: Readonly<Record<string, string>>;
  /** Calls that it runs and queues before it refuses more. */
  queueHolds: number;
}

/** Its gauges are as old as its last line of log. */
const sglangFlags = ["--decode-log-interval", "1", "--max-queued-requests", "64"];

/** The servers that the suite runs on. */
export const servers: Record<ServerName, ServerSetup> = {
  vllm: {
    folder: "vllm",
    version: "0.32.0",
    model: "hf",
    needs: "python",
    variable: "THREADWEAVER_VLLM_URL",
    // The smallest block of a CPU: prefixes of the small model's problems would share nothing in its default of 128.
    flags: ["--block-size", "32", "--max-num-queued-reqs", "96"],
    queueHolds: 96,
    // Gives it a path that empties its cache, which benches need.
    env: { VLLM_SERVER_DEV_MODE: "1" },
  },
  sglang: {
    folder: "sglang",
    version: "0.5.23",
    model: "hf",
    needs: "python",
    variable: "THREADWEAVER_SGLANG_URL",
    flags: sglangFlags,
    queueHolds: 96,
    env: {},
  },
  // The last version whose completions return no token ids: its own interface is used.
  "sglang-old": {
    folder: "sglang",
    version: "0.5.16",
    model: "hf",
    needs: "python",
    variable: "THREADWEAVER_SGLANG_OLD_URL",
    flags: sglangFlags,
    queueHolds: 96,
    env: {},
  },
  "llama-server": {
    folder: "llama-server",
    version: "0.5.0",
    model: "forkjoin-arith-f16.gguf",
    needs: "compiler",
    variable: "THREADWEAVER_LLAMA_SERVER_URL",
    flags: ["--metrics"],
    // Its queue has no end.
    queueHolds: Infinity,
    env: {},
  },
};

export const here: string = import.meta.dirname;
