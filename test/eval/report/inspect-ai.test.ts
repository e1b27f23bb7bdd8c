import { execFileSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { alreadyInstalled, inspectFolder } from "../../../scripts/servers/install.ts";
import { inspectLog, inspectLogName } from "../../../src/eval/report/inspect.ts";
import { summarize } from "../../../src/eval/summary/summarize.ts";
import { failureWith, headerWith, sampleWith, small } from "../ledgers.ts";
import { hostile, hostileLedger } from "./hostile.ts";

const environment = alreadyInstalled(...inspectFolder);
const script = fileURLToPath(new URL("read_log.py", import.meta.url));

interface Read {
  status: string;
  accuracy: number | null;
  metrics: Record<string, number>;
  samples: { id: string; epoch: number; score: number; [field: string]: unknown }[];
  [field: string]: unknown;
}

async function readBack(text: AsyncIterable<string>, name = "log.json"): Promise<Read> {
  const path = join(mkdtempSync(join(tmpdir(), "threadweaver-inspect-")), name);
  const parts: string[] = [];
  for await (const part of text) parts.push(part);
  writeFileSync(path, parts.join(""));
  const python = join(environment ?? "", "bin", "python");
  return JSON.parse(execFileSync(python, [script, path], { encoding: "utf8", maxBuffer: 1e9 })) as Read;
}

if (environment === undefined) {
  console.log("Inspect is not installed, so its tests are skipped: `npm run test:inspect` installs it and runs them.");
}

describe.skipIf(environment === undefined)("a log that Inspect itself reads", () => {
  it("has the same scores, sample by sample and in all", async () => {
    const summary = await summarize(headerWith(), small);
    const name = inspectLogName(summary, "sequential");
    const read = await readBack(inspectLog(summary, "sequential", small), name);
    // As `inspect view` lists its folder.
    expect(read["listed"]).toEqual([[name, "own-sequential"]]);
    expect(read).toMatchObject({
      version: 2,
      status: "success",
      // They began a second after 1970, and the longest took three.
      completed: expect.stringMatching(/^1970-01-01T00:00:04/) as string,
      task: "own-sequential",
      model: "m",
      temperature: 0.6,
      epochs: 2,
      accuracy: 0.75,
      metrics: { accuracy: 0.75, stderr: summary.arms[0]?.accuracy?.standardError.population },
      // 200 tokens were sent by each, and 100, 200, 300 and 100 generated
      usage: { m: 4 * 200 + 700 },
    });
    expect(read.samples.map(({ id, epoch, score }) => [id, epoch, score])).toEqual([
      ["p1", 1, 1],
      ["p1", 2, 1],
      ["p2", 1, 0],
      ["p2", 2, 1],
    ]);
  });

  it("has what was asked and written, what was found in it, and what cut it", async () => {
    const samples = [
      sampleWith({ text: "It is \\boxed{42}.", truncated: true, ms: 1500 }),
      sampleWith({ sample: 1, answer: null, score: 0, found: "there is no box", decided: null, text: "Hm." }),
      failureWith({ problem: "p2" }),
    ];
    const log = inspectLog(await summarize(headerWith(), samples), "sequential", samples, {
      problemOf: (problem) => ({ question: `What is ${problem}?`, answer: "42" }),
    });
    const { status, samples: read } = await readBack(log);
    expect(status).toBe("cancelled");
    expect(read).toMatchObject([
      {
        input: "What is p1?",
        target: "42",
        completion: "It is \\boxed{42}.",
        stop: "max_tokens",
        answer: "42",
        tokens: 110,
        seconds: 1.5,
        limit: "token",
      },
      { completion: "Hm.", stop: "stop", answer: null, limit: null, score: 0 },
    ]);
  });

  it("reads hostile texts as they are, but for halves of characters", async () => {
    const text = hostile.join(" ");
    const { header, samples } = hostileLedger(text);
    const dated = { ...header, created: "2026-11-27T10:00:00.000Z" };
    const { samples: read } = await readBack(inspectLog(await summarize(dated, samples), `${text}a`, samples));
    expect(read[0]).toMatchObject({ id: `${text}p`.toWellFormed(), completion: text.toWellFormed() });
  });

  it("is read without a sample", async () => {
    const read = await readBack(inspectLog(await summarize(headerWith(), []), "sequential", []));
    expect(read).toMatchObject({ status: "cancelled", samples: [], accuracy: null, metrics: {} });
  });
});
