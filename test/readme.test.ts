import { execFile } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { dialects } from "../src/core/dialects/bundled/index.ts";
import { startFakeServer } from "../src/testing/index.ts";
import { createExampleFolder, fencesOf, readPage, root, runExample } from "./page-fences.ts";

const run = promisify(execFile);
const readme = readPage("README.md");
const fences = fencesOf(readme);

describe("the README", () => {
  const { path: folder, remove } = createExampleFolder();
  afterAll(remove);

  it.each(fences.filter((f) => f.info === "ts"))("runs and prints what it says: $code", async ({ code, output }) => {
    expect(await runExample(folder, code)).toBe(output);
  });

  // The words are those of a real model, as the README says; what is made of them is the library's.
  it.each(fences.filter((f) => f.info === "ts instruct"))(
    "runs, with an instruct model that says those words, and prints what it says: $code",
    async ({ code, output = "" }) => {
      await using server = await startFakeServer({
        controls: [],
        contextTokens: 8192,
        model: (prompt) => wordsAfter(prompt, output),
      });
      expect(await runExample(folder, code.replace("http://127.0.0.1:8000/v1", server.baseURL))).toBe(output);
      expect(server.calls).toHaveLength(output.split("<step>").length + 1);
    },
  );

  it("shows commands that work", { timeout: 120_000 }, async () => {
    const commands = fences
      .filter((f) => f.info === "sh")
      .flatMap((f) => f.code.split("\n"))
      .filter((line) => line.includes("threadweaver ") && !line.includes("install"));
    expect(commands.length).toBeGreaterThan(2);
    writeFileSync(
      join(folder, "threadweaver"),
      `#!/bin/sh\nexec "${process.execPath}" "${root}/src/cli/main.ts" "$@"\n`,
      { mode: 0o755 },
    );
    await using server = await startFakeServer({ model: () => "So it is \\boxed{12}." });
    for (const shown of commands) {
      const command = shown.replace("http://127.0.0.1:8000/v1", server.baseURL);
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

  it("names every dialect", () => {
    for (const name of Object.keys(dialects)) expect(readme).toContain(`\`${name}\``);
  });

  it("answers on its first screen what one gains and whether it works with one's model", () => {
    const screen = readme.split("\n").slice(0, 40).join("\n");
    expect(screen).toContain("What you gain");
    expect(screen).toContain("Does it work with my model?");
    // The first program is one for a model that was trained on no format.
    expect(fences.find(({ info }) => info.startsWith("ts"))?.info).toBe("ts instruct");
  });
});

/** What a model writes after this prompt, whose run came to that text in the format of `skeleton`. */
function wordsAfter(prompt: string, text: string): string {
  const [plan = "", ...steps] = text.split("\n<step>\n");
  if (prompt.endsWith("<answer>\n")) return (text.split("<answer>\n")[1] ?? "").trimEnd();
  const step = steps.find((one) => prompt.endsWith(`<step>\n${one.split("\n")[0]}\n`));
  return step === undefined ? plan : step.slice(step.indexOf("\n") + 1, step.indexOf("</step>") + "</step>".length);
}
