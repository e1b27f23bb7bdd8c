import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { dialects, threadweaver } from "../src/core/dialects/bundled/index.ts";
import { eventSchema } from "../src/run/events.ts";
import { createRunner } from "../src/run/runner.ts";
import { fences, readme, root } from "./readme-fences.ts";
import { planned, scriptedEngine } from "./run/scripted-engine.ts";

const run = promisify(execFile);

describe("the README", () => {
  // In the repository, so that the package finds itself by its own name.
  const folder = mkdtempSync(join(root, "reports-readme-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(fences().filter((f) => f.info === "ts"))("runs and prints what it says: $code", async ({ code, output }) => {
    const file = join(folder, "snippet.ts");
    writeFileSync(file, code);
    const { stdout } = await run(process.execPath, ["--conditions=threadweaver-source", file], { cwd: root });
    expect(stdout).toBe(output);
  });

  it("shows commands that work", { timeout: 120_000 }, async () => {
    const commands = fences()
      .filter((f) => f.info === "sh")
      .flatMap((f) => f.code.split("\n"))
      .filter((line) => line.includes("threadweaver ") && !line.includes("install"));
    expect(commands.length).toBeGreaterThan(2);
    writeFileSync(
      join(folder, "threadweaver"),
      `#!/bin/sh\nexec "${process.execPath}" "${root}/src/cli/main.ts" "$@"\n`,
      { mode: 0o755 },
    );
    for (const command of commands) {
      const env = { ...process.env, PATH: `${folder}:${process.env["PATH"] ?? ""}` };
      const { stdout } = await run("sh", ["-c", `set -e\n${command}`], { cwd: folder, env });
      expect(stdout, command).not.toBe("");
    }
  });

  it("links to files that are there", () => {
    const links = [...readme.matchAll(/\]\(((?!https?:)[^)#]+)\)/g)].map((match) => match[1] ?? "");
    expect(links.length).toBeGreaterThan(5);
    for (const link of links) expect(existsSync(join(root, link)), link).toBe(true);
  });

  it("names every field of the result and of its token counts, every event with its fields, and every dialect", async () => {
    const engine = scriptedEngine(planned({ "1": { text: " odd.\n</Thread>" } }));
    const result = await createRunner({ engine, dialect: threadweaver }).run({ prompt: "Q" }).result;
    const thread = Object.keys(result.threads[0] ?? {});
    const events = eventSchema.options.flatMap(({ shape }) => [shape.type.value, ...Object.keys(shape)]);
    const named = [...Object.keys(result), ...Object.keys(result.tokens), ...events, ...Object.keys(dialects)];
    expect(named.length).toBeGreaterThan(60);
    for (const name of named.filter((name) => !["type", "at", "threads", "warnings", "incomplete"].includes(name))) {
      expect(readme, name).toContain(`\`${name}\``);
    }
    for (const name of ["threads[]", "warnings[]", "incomplete[]"]) expect(readme, name).toContain(`\`${name}\``);
    const row = readme.split("\n").find((line) => line.startsWith("| `threads[]`")) ?? "";
    for (const name of thread) expect(row).toContain(name);
  });

  it("names every option of a run that there is, and no other", () => {
    const runner = createRunner({ engine: scriptedEngine(() => ({ text: "." })), dialect: threadweaver });
    const table = readme.slice(
      readme.indexOf("| `runner.run(input, options)`"),
      readme.indexOf("Where `onInput` or `onEvent`"),
    );
    const names = [...table.matchAll(/^\|([^|]*)\|/gm)].flatMap((row) =>
      [...(row[1] ?? "").matchAll(/`(\w+)`/g)].map((m) => m[1] ?? ""),
    );
    expect(names.length).toBeGreaterThan(14);
    for (const name of names) {
      // A value that no option takes: one that is known says what is wrong with it, one that is not is unknown.
      const attempt = () => runner.run({ prompt: "Q" }, { [name]: Symbol("none") });
      expect(attempt, name).toThrow(/expected|must be|Invalid/);
      expect(attempt, name).not.toThrow(/Unrecognized/);
    }
  });
});
