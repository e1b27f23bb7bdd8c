import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, statSync } from "node:fs";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ResultWithTree } from "../../src/run/result.ts";
import { startFakeServer, type FakeServer } from "../../src/testing/index.ts";
import { readTrace } from "../../src/trace/reader.ts";
import { replayTrace } from "../../src/trace/replay.ts";
import { chanceFrom } from "../core/drive.ts";
import { turns } from "../run/model-engine.ts";
import { continuingModel } from "../trace/continuing.ts";
import { temporaryFolder } from "./support.ts";

/** 50 with `npm run test:kills`. */
const wanted = Number(process.env["RESUME_KILLS"] ?? 6);
const seed = Number(process.env["RESUME_SEED"] ?? 1);
const chance = chanceFrom(seed);
const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const prompt = "Add them.\n";
const model = continuingModel(prompt, [
  " seven and €5 make twelve, which is even.\n",
  " eight and nine make seventeen, which is odd.\n",
  " one.\n",
]);

/** When a process is killed: as soon as its trace has so many bytes, or the server has sent so many parts. */
interface Moment {
  readonly bytes: number;
  readonly parts: number;
}

const never: Moment = { bytes: Infinity, parts: Infinity };

/** What the server asks before it sends the next part. */
let beforePart: () => Promise<void> = async () => {};
let server: FakeServer;

beforeAll(async () => {
  server = await startFakeServer({ kind: "vllm", model, sleep: () => beforePart() });
});
afterAll(() => server.close());

const sizeOf = (path: string): number => (existsSync(path) ? statSync(path).size : 0);

/** Runs the program. Undefined: it was killed. */
async function run(args: readonly string[], path: string, moment: Moment): Promise<ResultWithTree | undefined> {
  const child = spawn(process.execPath, [main, ...args, "--engine", server.baseURL, "--json", "--tree"]);
  let parts = 0;
  beforePart = async () => {
    const before = sizeOf(path);
    // The next part comes when this one is in the trace; one that makes no line is not waited for.
    for (let turn = 0; turn < 1_500 && sizeOf(path) === before; turn += 1) await turns(1);
    parts += 1;
    if (parts >= moment.parts || sizeOf(path) >= moment.bytes) child.kill("SIGKILL");
  };
  const [stdout, stderr, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close") as Promise<[number | null, NodeJS.Signals | null]>,
  ]);
  if (signal === "SIGKILL") return undefined;
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout) as ResultWithTree;
}

/** The run, from the beginning or from its trace. */
function goOn(path: string, moment: Moment): Promise<ResultWithTree | undefined> {
  const hasBegun = existsSync(path) && readFileSync(path, "utf8").includes("\n");
  const begin = ["run", prompt, "--raw", "--temperature", "0", "--seed", "3", "--trace", path, "--overwrite"];
  return run(hasBegun ? ["resume", path] : begin, path, moment);
}

/** All that a kill must not change; what was sent again is counted. */
function essence({ text: written, tree, tokens, threads, complete, warnings }: ResultWithTree) {
  const { generated, inserted, wasted, prompt: given, criticalPath, estimated } = tokens;
  const segments = tree.segments.map(({ ids, texts, parent, maker }) => ({ ids, texts, parent, maker }));
  const each = threads.map(({ threadId, ending, text: own, tokens: count }) => ({ threadId, ending, own, count }));
  return {
    written,
    segments,
    each,
    complete,
    warnings,
    counts: { generated, inserted, wasted, given, criticalPath, estimated },
  };
}

describe("a run whose process is killed", () => {
  it(`comes to the same end, however often and whenever that happens (${wanted} kills)`, async () => {
    const file = temporaryFolder();
    const undisturbed = await goOn(file("undisturbed.jsonl"), never);
    if (undisturbed === undefined) expect.fail("nobody killed it");
    const size = sizeOf(file("undisturbed.jsonl"));
    const parts = undisturbed.tokens.generated;
    let kills = 0;
    let runs = 0;
    const begun: number[] = [];
    while (kills < wanted) {
      runs += 1;
      const path = file(`${runs}.jsonl`);
      let ownKills = 0;
      for (;;) {
        const at = sizeOf(path);
        const mayBeKilled = kills < wanted && ownKills < 5;
        const left = Math.max(0, size - at) / size;
        const byBytes = { ...never, bytes: at + chance(1 + Math.floor(0.8 * left * size)) };
        const byParts = { ...never, parts: 1 + chance(1 + Math.floor(0.8 * left * parts)) };
        const moment = !mayBeKilled ? never : chance(3) === 0 ? byParts : byBytes;
        const result = await goOn(path, moment);
        if (result !== undefined) {
          expect(essence(result), `seed ${seed}, run ${runs}, ${ownKills} kills`).toEqual(essence(undisturbed));
          expect(replayTrace(await readTrace(path))).toMatchObject({ proof: "equal", differences: [] });
          break;
        }
        kills += 1;
        ownKills += 1;
        begun.push(sizeOf(path));
      }
    }
    console.log(
      `${kills} kills in ${runs} runs, with ${begun.join(", ")} of ${size} bytes in the trace: the same result.`,
    );
  }, 600_000);
});
