import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startFakeServer, type FakeAnswer, type FakeServer } from "../../src/testing/index.ts";
import { chanceFrom } from "../core/drive.ts";
import { FaultyProxy } from "../faulty-proxy.ts";
import { continuingModel } from "../trace/continuing.ts";
import { jsonLines, temporaryFolder } from "./support.ts";

/** 50 with `npm run test:kills`. */
const wanted = Number(process.env["RESUME_KILLS"] ?? 5);
const seed = Number(process.env["RESUME_SEED"] ?? 1);
const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

/** What the model says: it goes on from wherever a call broke off. */
function say(context: string): string {
  const [prompt = "", number = ""] = /Problem (\d+)\n/.exec(context) ?? [];
  return continuingModel(prompt, [` seven ${number}\n`, ` five or ${number}\n`])(context);
}

/** What the server makes of its next answer; `onCall` sees each of them. */
let fault: (answer: FakeAnswer, call: number) => FakeAnswer = (answer) => answer;
let onCall: () => void = () => {};
let server: FakeServer;

beforeAll(async () => {
  server = await startFakeServer({
    kind: "vllm",
    model: (context, call) => {
      onCall();
      return fault({ text: say(context) }, call);
    },
  });
});
afterAll(() => server.close());

function place(count: number) {
  const file = temporaryFolder();
  const [input, output] = [file("problems.jsonl"), file("results.jsonl")];
  const rows = Array.from({ length: count }, (_, n) => ({ id: n, prompt: `Problem ${n}\n`, answer: n * 2 }));
  writeFileSync(input, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  const args = (...flags: string[]) => {
    const files = ["--input", input, "--output", output];
    return ["run", ...files, "--temperature", "0", "--engine", server.baseURL, "--concurrency", "8", ...flags];
  };
  const results = () => (existsSync(output) ? jsonLines(readFileSync(output, "utf8")) : []);
  return { input, output, args, results };
}

const start = (args: readonly string[]): ChildProcess => spawn(process.execPath, [main, ...args]);

async function finished(child: ChildProcess): Promise<{ code: number | null; signal: string | null; stderr: string }> {
  const [stderr, [code, signal]] = await Promise.all([
    child.stderr === null ? "" : text(child.stderr),
    once(child, "close") as Promise<[number | null, string | null]>,
  ]);
  return { code, signal, stderr };
}

/** All that must be the same, whatever happened on the way. */
function essence(results: readonly Record<string, unknown>[]) {
  const rows = results.map(({ id, answer, text: said, complete, tokens, seed: own, batch }) => {
    const { generated, criticalPath } = tokens as { generated: number; criticalPath: number };
    return { id: Number(id), answer, said, complete, generated, criticalPath, own, batch };
  });
  return rows.toSorted((a, b) => a.id - b.id);
}

/** When a process is killed: at a call to its server, once there are so many more results. */
interface Moment {
  readonly calls: number;
  readonly results: number;
}

const never: Moment = { calls: Infinity, results: 0 };

/** Some while it starts, some before the first result, most in the middle. */
function momentOf(chance: (below: number) => number): Moment {
  return chance(4) === 0 ? { calls: 1 + chance(60), results: 0 } : { calls: 0, results: 1 + chance(12) };
}

/** Runs the batch, or goes on with it. False: it was killed. */
async function goOn(at: ReturnType<typeof place>, { calls, results }: Moment): Promise<boolean> {
  const before = at.results().length;
  const child = start(at.args("--seed", "3", "--resume"));
  let made = 0;
  onCall = () => {
    made += 1;
    if (made >= calls && (results === 0 || at.results().length >= before + results)) child.kill("SIGKILL");
  };
  const { signal, code, stderr } = await finished(child);
  onCall = () => {};
  if (signal === "SIGKILL") return false;
  expect(code, stderr).toBe(0);
  return true;
}

describe("a batch whose process is killed", () => {
  it(`has every result once and the same as undisturbed, however often that happens (${wanted} kills)`, async () => {
    const chance = chanceFrom(seed);
    const whole = place(200);
    expect(await finished(start(whole.args("--seed", "3")))).toMatchObject({ code: 0 });
    const counts: number[] = [];
    let batches = 0;
    while (counts.length < wanted || batches === 0) {
      const at = place(200);
      batches += 1;
      while (!(await goOn(at, counts.length < wanted ? momentOf(chance) : never))) counts.push(at.results().length);
      expect(essence(at.results())).toEqual(essence(whole.results()));
    }
    console.log(
      `${counts.length} kills in ${batches} batches, with ${counts.join(", ")} of 200 results there: every result once, and the same.`,
    );
  }, 600_000);
});

describe("a batch of 200 on a server that fails one call in seven", () => {
  it("answers all of them, and says how often it tried again", async () => {
    const whole = place(200);
    expect(await finished(start(whole.args()))).toMatchObject({ code: 0 });
    const ways: ((answer: FakeAnswer) => FakeAnswer)[] = [
      () => ({ text: "", refusal: { status: 503 } }),
      () => ({ text: "", refusal: { status: 429, retryAfter: 0 } }),
      ({ text: said }) => ({ text: "", ids: server.tokenizer.encode(said).slice(0, 4), ending: "drop" }),
      ({ text: said }) => ({ text: "", ids: server.tokenizer.encode(said).slice(0, 3), ending: "error" }),
      ({ text: said }) => ({ text: "", ids: server.tokenizer.encode(said).slice(0, 2), ending: "silence" }),
      () => ({ text: "", ending: "silence" }),
    ];
    let faults = 0;
    fault = (answer, call) => {
      if (call % 7 !== 0) return answer;
      faults += 1;
      return (ways[faults % ways.length] ?? ways[0])?.(answer) ?? answer;
    };
    const { args, results } = place(200);
    const flags = ["--retry-wait", "0.02", "--idle-timeout", "0.3", "--first-token-timeout", "0.3"];
    const { code, stderr } = await finished(start(args(...flags)));
    fault = (answer) => answer;
    expect({ code, stderr: stderr.split("\n").slice(-2)[0] }).toEqual({
      code: 0,
      stderr: expect.stringContaining("200 of 200 problems done, in ") as string,
    });
    const drop = (rows: ReturnType<typeof essence>) =>
      rows.map((row) => ({ ...row, own: undefined, batch: undefined }));
    expect(drop(essence(results()))).toEqual(drop(essence(whole.results())));
    expect(faults).toBeGreaterThan(100);
    console.log(`${faults} calls failed. ${stderr.trim().split("\n").slice(-2).join(" ")}`);
  }, 240_000);
});

describe("a batch whose server is gone for a while", () => {
  it("waits for it, loses nothing, and answers all of them", async () => {
    const proxy = await new FaultyProxy(server.baseURL).start();
    const at = place(60);
    const child = start(at.args("--engine", proxy.url, "--retries", "2", "--retry-wait", "0.01"));
    let calls = 0;
    onCall = () => {
      calls += 1;
      if (calls === 30) void proxy.close();
    };
    let stderr = "";
    for await (const chunk of child.stderr ?? []) {
      const isFirst = !stderr.includes("does not answer");
      stderr += String(chunk);
      if (isFirst && stderr.includes("does not answer")) await proxy.start(Number(new URL(proxy.url).port));
    }
    onCall = () => {};
    await proxy.close();
    expect(stderr).toMatch(/The engine does not answer \(failure 1; the batch stops at 10\), asked again in 1\.00 s: /);
    expect(stderr).toContain("The engine answers again.");
    expect(stderr).toContain("60 of 60 problems done, in ");
    expect(at.results().every(({ complete }) => complete === true)).toBe(true);
  }, 240_000);
});

describe("a batch that is asked to end", { timeout: 240_000 }, () => {
  /** Waits until it has results, then sends a signal. */
  async function signalled(signal: NodeJS.Signals, ...flags: string[]) {
    const at = place(100);
    const child = start(at.args("--concurrency", "2", ...flags));
    let calls = 0;
    onCall = () => {
      calls += 1;
      if (calls === 40) child.kill(signal);
    };
    const ended = await finished(child);
    onCall = () => {};
    const before = at.results();
    expect(before.length).toBeGreaterThan(0);
    expect(before.length).toBeLessThan(100);
    expect(before.every(({ complete }) => complete === true)).toBe(true);
    expect(ended.stderr).toMatch(
      /of 100 problems done, \d+ not run, in .* The same command with --resume runs what is missing\.\n$/,
    );
    expect(await finished(start(at.args("--resume")))).toMatchObject({ code: 0 });
    expect(new Set(at.results().map(({ id }) => id)).size).toBe(100);
    expect(at.results()).toHaveLength(100);
    return ended;
  }

  it("by Ctrl-C: exit code 130", async () => {
    expect(await signalled("SIGINT")).toMatchObject({ code: 130 });
  });

  it("by SIGTERM: what runs may finish, exit code 143", async () => {
    expect(await signalled("SIGTERM")).toMatchObject({ code: 143 });
  });

  it("by SIGTERM without grace: at once", async () => {
    const { code, stderr } = await signalled("SIGTERM", "--grace", "0");
    expect(code).toBe(143);
    expect(stderr).toContain("Cancelled. ");
  });

  it("by SIGTERM, while its server is silent: when the grace is over", async () => {
    fault = (answer, call) => (call % 5 === 0 ? { ...answer, ending: "silence" } : answer);
    const at = place(50);
    const child = start(at.args("--grace", "0.2"));
    let calls = 0;
    onCall = () => {
      calls += 1;
      if (calls === 8) child.kill("SIGTERM");
    };
    const { code, stderr } = await finished(child);
    onCall = () => {};
    fault = (answer) => answer;
    expect(code).toBe(143);
    expect(stderr).toContain("Cancelled. ");
  });
});

describe("a disk that is full", { timeout: 240_000 }, () => {
  it("ends the batch with whole lines, and it goes on when there is room", async () => {
    const at = place(200);
    const words = [process.execPath, main, ...at.args()].map((word) => `'${word}'`).join(" ");
    // The size of files is limited to 16 KiB, in the middle of a line.
    const child = spawn("bash", ["-c", `trap '' XFSZ; ulimit -f 16; exec ${words}`]);
    const { code, stderr } = await finished(child);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /not run, in .* The same command with --resume runs what is missing\.\nthreadweaver: .*results\.jsonl cannot be written: /,
    );
    const written = readFileSync(at.output, "utf8");
    expect(written.endsWith("\n")).toBe(true);
    expect(at.results().length).toBeGreaterThan(1);
    expect(await finished(start(at.args("--resume")))).toMatchObject({ code: 0 });
    expect(at.results()).toHaveLength(200);
    expect(readFileSync(at.output, "utf8").startsWith(written)).toBe(true);
  });
});
