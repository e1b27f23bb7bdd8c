import { defineConfig, type ViteUserConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** By name, but the one that ends the server comes last. */
class KillingLast extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isKilling = ({ moduleId }: TestSpecification): number => Number(moduleId.endsWith("/killed.real.ts"));
    return files.toSorted((a, b) => isKilling(a) - isKilling(b) || a.moduleId.localeCompare(b.moduleId));
  }
}

const servers = {
  vllm: "THREADWEAVER_VLLM_URL",
  sglang: "THREADWEAVER_SGLANG_URL",
  "sglang-old": "THREADWEAVER_SGLANG_OLD_URL",
  "llama-server": "THREADWEAVER_LLAMA_SERVER_URL",
};
const [server = "none"] = Object.entries(servers).find(([, name]) => (process.env[name] ?? "") !== "") ?? [];

/** The suite that needs a real server; `scripts/servers/run.ts` starts one and runs it. */
const config: ViteUserConfig = defineConfig({
  test: {
    include: ["test/servers/*.real.ts"],
    testTimeout: 180_000,
    retry: process.env["CI"] === "true" ? 1 : 0,
    reporters: ["default", ["./scripts/closing-line.ts", { file: `tests-${server}.txt` }]],
    // One server, whose counters some of the tests read.
    maxWorkers: 1,
    fileParallelism: false,
    sequence: { sequencer: KillingLast },
  },
});

export default config;
