import { defineConfig, type ViteUserConfig } from "vitest/config";

/** The suite behind a real proxy; `scripts/servers/litellm.ts` starts it and runs it. */
const config: ViteUserConfig = defineConfig({
  test: { include: ["test/servers/litellm/*.real.ts"], testTimeout: 180_000, reporters: ["default"], maxWorkers: 1 },
});

export default config;
