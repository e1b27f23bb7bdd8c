import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it, onTestFinished } from "vitest";
import { fences, root } from "../readme-fences.ts";
import { url } from "./support.ts";

const run = promisify(execFile);

it.each(fences().filter(({ info }) => info === "ts server"))(
  "what the README shows for servers runs on this one: $code",
  async ({ code, output }) => {
    // In the repository, so that the package finds itself by its own name.
    const folder = mkdtempSync(join(root, "reports-readme-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "snippet.ts");
    writeFileSync(file, code.replace("http://127.0.0.1:8000", new URL(url).origin));
    const { stdout } = await run(process.execPath, ["--conditions=threadweaver-source", file], { cwd: root });
    expect(stdout).toBe(output);
  },
);
