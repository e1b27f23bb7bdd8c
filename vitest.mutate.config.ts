import { defineConfig, type ViteUserConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** A mutant is done with at the first test that fails, so those that take long come last. */
class QuickestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const slow = ["validation", "properties", "reference"];
    const rank = ({ moduleId }: TestSpecification) => slow.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`));
    return files.toSorted((a, b) => rank(a) - rank(b));
  }
}

/** Mutation testing runs the tests of the core alone, with fewer tries a property: there are thousands of mutants. */
const config: ViteUserConfig = defineConfig({
  test: {
    include: ["test/core/**/*.test.ts"],
    testTimeout: 60_000,
    env: { REFERENCE_RUNS: "10" },
    isolate: false,
    sequence: { sequencer: QuickestFirst },
  },
});
export default config;
