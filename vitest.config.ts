import { defineConfig, type ViteUserConfig } from "vitest/config";

const config: ViteUserConfig = defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Some tests race real sockets on a machine that may be busy: one that fails twice has a reason.
    retry: process.env["CI"] === "true" ? 1 : 0,
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
