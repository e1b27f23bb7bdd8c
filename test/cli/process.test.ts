import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { watch } from "node:fs/promises";
import { dirname } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { complaintAboutNode } from "../../src/node-version.ts";
import { answer, jsonLines, prompt, temporaryFolder } from "./support.ts";

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

function start(...args: string[]): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [main, ...args]);
}

function run(args: readonly string[], input = "") {
  return spawnSync(process.execPath, [main, ...args], { input, encoding: "utf8" });
}

/** Waits until a file has a line. */
async function firstLine(path: string): Promise<void> {
  for await (const _ of watch(dirname(path))) if (existsSync(path) && readFileSync(path, "utf8").includes("\n")) return;
}

describe("the program as a process", () => {
  it("loads the bundled model, reads stdin, and ends", () => {
    const { status, stdout, stderr } = run(["run", "-", "--json"], prompt);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({ content: expect.stringContaining(`\\boxed{${answer}}`) });
  });

  it("tells a missing model in one paragraph", () => {
    const { status, stdout, stderr } = run(["run", "x", "--model", "/none/model.gguf"]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(/^threadweaver: .*\/none\/model\.gguf.*\n$/);
  });

  it("tells a server that is not there in one paragraph", () => {
    const { status, stdout, stderr } = run(["run", "x", "--engine", "http://127.0.0.1:1/v1"]);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toMatch(/^threadweaver: .*127\.0\.0\.1:1.*\n$/);
  });

  it("cancels a batch at Ctrl-C: finished lines stay whole, exit code 130", async () => {
    const folder = temporaryFolder();
    const lines = Array.from({ length: 300 }, () => `${JSON.stringify({ prompt })}\n`);
    writeFileSync(folder("in.jsonl"), lines.join(""));
    const args = ["run", "--input", folder("in.jsonl"), "--output", folder("out.jsonl"), "--concurrency", "1"];
    const child = start(...args, "--max-tokens", "20");
    const closed = once(child, "close");
    await firstLine(folder("out.jsonl"));
    child.kill("SIGINT");
    expect(await closed).toEqual([130, null]);
    const results = jsonLines(readFileSync(folder("out.jsonl"), "utf8"));
    expect(results.length).toBeGreaterThan(0);
    expect(results.length).toBeLessThan(300);
  });

  it("ends quietly when nobody reads on", async () => {
    const child = start("dialects", "show", "threadweaver");
    child.stdout.destroy();
    const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, "close")]);
    expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
  });
});

describe("the version of Node", () => {
  it.each(["22.12.0", "22.20.1", "24.0.0", "100.1.2"])("%s is good", (version) => {
    expect(complaintAboutNode(version)).toBeUndefined();
  });

  it.each(["22.11.9", "20.20.2", "8.17.0"])("%s is too old, and told so in one line", (version) => {
    expect(complaintAboutNode(version)).toMatch(new RegExp(`^threadweaver needs Node 22\\.12 .*${version}.*$`));
  });
});
