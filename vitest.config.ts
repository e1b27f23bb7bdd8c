import { defineConfig, type ViteUserConfig } from "vitest/config";

const config: ViteUserConfig = defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    reporters: ["default", "./scripts/closing-line.ts"],
    // The real model runs in some of the files: more workers than cores would only make each other slower.
    maxWorkers: 2,
    coverage: {
      include: ["src/**/*.ts"],
      reporter: ["text-summary", "html"],
      thresholds: { statements: 90, branches: 85, functions: 90, lines: 90 },
    },
  },
});

export default config;
