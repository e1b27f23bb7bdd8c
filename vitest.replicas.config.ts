import { defineConfig, type ViteUserConfig } from "vitest/config";

/** The suite that needs several real servers; `scripts/servers/replicas.ts` starts them and runs it. */
const config: ViteUserConfig = defineConfig({
  test: {
    include: ["test/servers/replicas/*.real.ts"],
    testTimeout: 600_000,
    reporters: ["default"],
    // All of them use the same servers, and one test kills one.
    maxWorkers: 1,
    fileParallelism: false,
  },
});

export default config;
