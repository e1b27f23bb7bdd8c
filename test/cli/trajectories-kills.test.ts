import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { chanceFrom } from "../core/drive.ts";
import { openEndpoint } from "../trajectories/endpoint.ts";
import { goodAnswer } from "../trajectories/good-endpoint.ts";
import { task } from "../trajectories/tasks.ts";
import { temporaryFolder } from "./support.ts";

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const traces = 24;

/** Names the answer to a question, the same each time. */
const nameOf = (prompt: string): string => createHash("sha256").update(prompt).digest("hex").slice(0, 12);

it("asks nothing twice that was answered, and makes the same files, when it is killed at ten moments", async () => {
  const path = temporaryFolder();
  writeFileSync(
    path("traces.jsonl"),
    Array.from({ length: traces }, (_, n) => `${JSON.stringify(task(n))}\n`).join(""),
  );
  let onQuestion: () => Promise<void> = async () => {};
  const askedTwice: string[] = [];
  let recorded = new Set<string>();
  await using endpoint = await openEndpoint(async (prompt) => {
    const name = nameOf(prompt);
    if (recorded.has(name)) askedTwice.push(name);
    await onQuestion();
    return `Answer ${name}.\n${JSON.stringify(goodAnswer(prompt).items)}`;
  });
  const run = async (folder: string, killAt: number): Promise<boolean> => {
    const args = [
      "trajectories",
      "rewrite",
      path("traces.jsonl"),
      "--out",
      path(folder),
      "--resume",
      "--concurrency",
      "3",
    ];
    const child = spawn(process.execPath, [main, ...args, "--min-gain", "0", "--engine", endpoint.server.baseURL]);
    let asked = 0;
    onQuestion = async () => {
      asked += 1;
      if (asked < killAt) return;
      child.kill("SIGKILL");
      await once(child, "close");
    };
    const [out, error, [code, signal]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, "close") as Promise<[number | null, NodeJS.Signals | null]>,
    ]);
    if (signal === "SIGKILL") return false;
    expect({ code, error: code === 0 ? "" : error + out }).toEqual({ code: 0, error: "" });
    return true;
  };

  expect(await run("whole", Infinity)).toBe(true);
  const questions = endpoint.prompts.length;
  expect(new Set(endpoint.prompts).size).toBe(questions);

  const chance = chanceFrom(11);
  for (let kill = 0; kill < 10; kill += 1) {
    expect(await run("killed", 1 + chance(Math.floor(questions / 10)))).toBe(false);
    recorded = answersIn(path("killed/answers.jsonl"));
  }
  expect(await run("killed", Infinity)).toBe(true);
  expect(askedTwice).toEqual([]);
  expect(recorded.size).toBeGreaterThan(questions / 10);
  expect(filesIn(path("killed"))).toEqual(filesIn(path("whole")));
}, 240_000);

function answersIn(journal: string): Set<string> {
  const whole = existsSync(journal) ? readFileSync(journal, "utf8").split("\n").slice(0, -1) : [];
  return new Set(whole.flatMap((line) => /Answer ([0-9a-f]{12})\./.exec(line)?.[1] ?? []));
}

/** What must not differ: all but when it was begun, and in which order the answers came. */
function filesIn(folder: string): Record<string, string | string[]> {
  return Object.fromEntries(
    readdirSync(folder)
      .toSorted()
      .map((name) => {
        const content = readFileSync(`${folder}/${name}`, "utf8");
        if (name === "answers.jsonl") return [name, content.split("\n").slice(1).toSorted()];
        return [name, content.replace(/begun .*/, "")];
      }),
  );
}
