import { mkdirSync, writeFileSync } from "node:fs";
import type { Reporter, TestModule } from "vitest/node";

/** Writes `N passed, N failed` to a file of `reports/`, so that a script can end with that line. */
export default class ClosingLine implements Reporter {
  readonly #file: string;

  constructor({ file = "tests.txt" }: { file?: string } = {}) {
    this.#file = file;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const count = { passed: 0, failed: 0, skipped: 0 };
    for (const testModule of modules) {
      // A file that could not even be loaded has no tests to count.
      if (testModule.state() === "failed" && testModule.errors().length > 0) count.failed += 1;
      for (const test of testModule.children.allTests()) {
        const { state } = test.result();
        if (state !== "pending") count[state] += 1;
      }
    }
    const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : "";
    mkdirSync("reports", { recursive: true });
    writeFileSync(`reports/${this.#file}`, `${count.passed} passed, ${count.failed} failed${skipped}\n`);
  }
}
