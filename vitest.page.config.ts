import { defineConfig, type ViteUserConfig } from "vitest/config";

/** The suite that opens pages in a real Chromium. Where there is none, its tests are skipped. */
const config: ViteUserConfig = defineConfig({
  test: {
    include: ["test/page/*.browser.ts"],
    testTimeout: 180_000,
    hookTimeout: 180_000,
    retry: process.env["CI"] === "true" ? 1 : 0,
    reporters: ["default", ["./scripts/closing-line.ts", { file: "tests-page.txt" }]],
    // One browser, whose memory is measured.
    maxWorkers: 1,
    fileParallelism: false,
  },
});

export default config;
