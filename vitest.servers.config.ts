import { defineConfig, type ViteUserConfig } from "vitest/config";

/** The suite that needs a real server; `scripts/servers/run.ts` starts one and runs it. */
const config: ViteUserConfig = defineConfig({
  test: {
    include: ["test/servers/**/*.real.ts"],
    testTimeout: 180_000,
    reporters: ["default", ["./scripts/closing-line.ts", { file: "tests-servers.txt" }]],
    // One server, whose counters some of the tests read.
    maxWorkers: 1,
    fileParallelism: false,
  },
});

export default config;
