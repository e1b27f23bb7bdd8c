import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const examples = readdirSync(`${root}/examples`).filter((name) => name.endsWith(".ts"));

describe("every example asserts what it shows, and holds", () => {
  it("there are some", () => {
    expect(examples).toEqual(
      expect.arrayContaining(["quickstart.ts", "streaming-events.ts", "custom-dialect.ts", "cancel.ts"]),
    );
  });

  it.each(examples)("%s", async (name) => {
    const args = ["--conditions=threadweaver-source", `examples/${name}`];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
    expect(stdout).not.toBe("");
  });
});
