export type ServerName = "vllm" | "sglang";

export interface ServerSetup {
  version: string;
  /** Where it is, if it is running already. */
  variable: string;
  /** What the suite needs beyond `serve.sh`. */
  flags: readonly string[];
  env: Readonly<Record<string, string>>;
  /** Calls that it runs and queues before it refuses more. */
  queueHolds: number;
}

/** The servers that the suite runs on; `<name>/install.sh` and `<name>/serve.sh` stand beside this file. */
export const servers: Record<ServerName, ServerSetup> = {
  vllm: {
    version: "0.32.0",
    variable: "THREADWEAVER_VLLM_URL",
    // The smallest block of a CPU: prefixes of the small model's problems would share nothing in its default of 128.
    flags: ["--block-size", "32", "--max-num-queued-reqs", "96"],
    queueHolds: 96,
    // Gives it a path that empties its cache, which benches need.
    env: { VLLM_SERVER_DEV_MODE: "1" },
  },
  sglang: {
    version: "0.5.23",
    variable: "THREADWEAVER_SGLANG_URL",
    // Its gauges are as old as its last line of log.
    flags: ["--decode-log-interval", "1", "--max-queued-requests", "64"],
    queueHolds: 96,
    env: {},
  },
};

export const here: string = import.meta.dirname;
