import { defineConfig, type ViteUserConfig } from "vitest/config";

/** The suite on a real instruct model; `scripts/models/run.ts` fetches it and runs the suite. */
const config: ViteUserConfig = defineConfig({
  test: {
    include: ["test/models/*.real.ts"],
    testTimeout: 180_000,
    hookTimeout: 180_000,
    reporters: ["default"],
    maxWorkers: 1,
  },
});

export default config;
