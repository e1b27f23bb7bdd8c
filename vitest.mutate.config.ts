import { defineConfig, type ViteUserConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** A mutant is done with at the first test that fails, so those that take long come last. */
class QuickestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const slow = ["validation", "retries", "resume", "properties", "reference"];
    const rank = ({ moduleId }: TestSpecification) => slow.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`));
    return files.toSorted((a, b) => rank(a) - rank(b));
  }
}

/** Mutation testing runs the tests of the core and the run, with fewer tries a property: there are thousands of mutants. */
const config: ViteUserConfig = defineConfig({
  test: {
    include: ["test/core/**/*.test.ts", "test/run/**/*.test.ts"],
    // These decode with a real model, or go over real sockets, which says nothing more of the run and takes minutes.
    exclude: ["test/run/transcripts.test.ts", "test/run/control-strings.test.ts", "test/run/faults.test.ts"],
    testTimeout: 60_000,
    env: { REFERENCE_RUNS: "10" },
    isolate: false,
    sequence: { sequencer: QuickestFirst },
  },
});
export default config;
