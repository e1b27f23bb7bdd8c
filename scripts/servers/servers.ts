export type ServerName = "vllm" | "sglang";

export interface ServerSetup {
  version: string;
  /** Where it is, if it is running already. */
  variable: string;
  /** What the suite needs beyond `serve.sh`. */
  flags: readonly string[];
  env: Readonly<Record<string, string>>;
}

/** The servers that the suite runs on; `<name>/install.sh` and `<name>/serve.sh` stand beside this file. */
export const servers: Record<ServerName, ServerSetup> = {
  vllm: {
    version: "0.32.0",
    variable: "THREADWEAVER_VLLM_URL",
    // The smallest block of a CPU: prefixes of the small model's problems would share nothing in its default of 128.
    flags: ["--block-size", "32"],
    // Gives it a path that empties its cache, which benches need.
    env: { VLLM_SERVER_DEV_MODE: "1" },
  },
  sglang: {
    version: "0.5.23",
    variable: "THREADWEAVER_SGLANG_URL",
    // Its gauges are as old as its last line of log.
    flags: ["--decode-log-interval", "1"],
    env: {},
  },
};

export const here: string = import.meta.dirname;
