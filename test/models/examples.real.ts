import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The model is named by the environment. */
it.each(["questions.ts", "report.ts"])("%s holds what it asserts on a real instruct model", async (name) => {
  const args = ["--conditions=threadweaver-source", `examples/${name}`];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
  expect(stdout.trim().length).toBeGreaterThan(100);
});
