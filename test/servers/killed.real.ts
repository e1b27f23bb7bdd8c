import { readdirSync, readFileSync } from "node:fs";
import { afterAll, expect, it } from "vitest";
import { installed } from "../../scripts/servers/install.ts";
import { startServer, type RunningServer } from "../../scripts/servers/start.ts";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import type { Input } from "../../src/core/machine/protocol.ts";
import { path } from "../../src/core/trie/path.ts";
import { deserializeTrie } from "../../src/core/trie/serialize.ts";
import { createEngine } from "../../src/engine/openai.ts";
import type { RunEvent } from "../../src/run/events.ts";
import type { RunOptions } from "../../src/run/options.ts";
import type { RunHeader } from "../../src/run/recorder.ts";
import type { ResultWithTree } from "../../src/run/result.ts";
import type { Run } from "../../src/run/run.ts";
import { createRunner } from "../../src/run/runner.ts";
import { textsOf } from "../run/texts.ts";
import { apiKey, connect, encode, isOld, kind, transcripts, url, type Transcript } from "./support.ts";

/** The process group of a server that was started for this suite: it may be killed, when all else is done. */
let group = Number(process.env["THREADWEAVER_SERVER_GROUP"]);
let another: RunningServer | undefined;
afterAll(async () => {
  await another?.[Symbol.asyncDispose]();
});

/** Processes of the group whose command line, or whose name, says so. */
function processes(name: RegExp): number[] {
  return readdirSync("/proc").flatMap((entry) => {
    const pid = Number(entry);
    if (!Number.isInteger(pid)) return [];
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const [, , processGroup] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      const title = `${readFileSync(`/proc/${pid}/cmdline`, "utf8")} ${stat}`;
      return Number(processGroup) === group && name.test(title) ? [pid] : [];
    } catch {
      return []; // gone by now
    }
  });
}

/** On vLLM the process that computes dies, and the one that we talk to lives to tell; on SGLang all of them die. */
function kill(): void {
  if (kind === "sglang") process.kill(-group, "SIGKILL");
  else for (const pid of processes(/EngineCore/)) process.kill(pid, "SIGKILL");
}

const isGone = async (): Promise<unknown> =>
  createEngine({ baseURL: url, apiKey }).then(
    (alive) => alive.close(),
    (thrown: { code?: string }) => thrown.code,
  );

/** In the place of the one that is gone: at the same address, with the same key. */
async function startAgain(): Promise<void> {
  await expect.poll(isGone, { timeout: 60_000, interval: 500 }).toBe("engine_unavailable");
  try {
    process.kill(-group, "SIGKILL");
  } catch {
    // none of its processes is left
  }
  const name = kind === "sglang" && isOld ? "sglang-old" : kind;
  if (name === "llamacpp") throw new Error("llama.cpp is not started again here");
  await another?.[Symbol.asyncDispose]();
  another = await startServer(name, installed(name), apiKey ?? "", { port: Number(new URL(url).port) });
  group = another.group;
}

interface Watched {
  transcript: Transcript;
  run: Run<ResultWithTree>;
  header: RunHeader | undefined;
  inputs: Input[];
  /** What listeners got of main. */
  shown: Promise<string>;
}

/** Some runs; `onBegun` is called once, as soon as all of them write, or at the next of the calls that it asks for. */
async function begin(ofThem: readonly Transcript[], options: RunOptions, onBegun: () => void): Promise<Watched[]> {
  const engine = await connect();
  const runner = createRunner({ engine, dialect: threadweaver });
  const begun = new Set<Transcript>();
  return ofThem.map((transcript) => {
    const recorded: Pick<Watched, "header" | "inputs"> = { header: undefined, inputs: [] };
    const recorder = {
      begin: (header: RunHeader) => void (recorded.header = header),
      input: (input: Input) => void recorded.inputs.push(structuredClone(input)),
    };
    const run = runner.run({ prompt: transcript.prompt }, { temperature: 0, ...options, tree: true, recorder });
    const listen = async (): Promise<string> => {
      const events: RunEvent[] = [];
      try {
        for await (const event of run) {
          events.push(event);
          if (begun.size === ofThem.length || !textsOf(events).get("0")?.includes("<think>\nSplit")) continue;
          begun.add(transcript);
          if (begun.size === ofThem.length) onBegun();
        }
      } catch {
        // What it fails with is the result's.
      }
      return textsOf(events).get("0") ?? "";
    };
    return Object.assign(recorded, { transcript, run, shown: listen() });
  });
}

function expectReproduced(result: ResultWithTree, { prompt, text }: Transcript): void {
  expect(result.text).toBe(text.slice(prompt.length, -"</s>".length));
  expect(result).toMatchObject({ complete: true, ending: { kind: "eos" } });
  const ids = path(deserializeTrie(result.tree), result.tree.head).flatMap((piece) => piece.ids ?? []);
  expect(ids).toEqual([256, ...encode(text)]);
}

/** A server takes a minute or two to start. */
const patience = { perCall: 200, maxMs: 2000 };

/** The first try ends the server, so there is no second one. */
const once = { retry: 0, timeout: 600_000 };

// llama.cpp has written all of these before it could be killed.
it.skipIf(!(group > 0) || kind === "llamacpp")(
  "a server that is killed and started again: runs with patience go on to the same text, others fail with all that had come and can be resumed",
  once,
  async () => {
    // As early as all of them write: a machine under load may otherwise bring the rest of a run before we see it.
    let left = 2;
    const onBegun = (): void => void ((left -= 1) === 0 && kill());
    const hasty = await begin(transcripts.slice(0, 2), { retry: false }, onBegun);
    const patient = await begin(transcripts.slice(2, 5), { retry: patience }, onBegun);
    for (const { transcript, run, shown } of hasty) {
      const error: unknown = await run.result.then(
        () => expect.fail("the server was killed, and the run went on"),
        (thrown: unknown) => thrown,
      );
      expect(error).toMatchObject({
        code: expect.stringMatching(/engine_failed|engine_unavailable/) as string,
        message: expect.stringContaining(url) as string,
        partial: {
          ending: { kind: "failed" },
          complete: false,
          text: expect.stringContaining("<think>\nSplit") as string,
        },
      });
      const { text } = (error as { partial: { text: string } }).partial;
      expect(text).toBe(await shown);
      // The trunk at least is what the model writes, as far as it came.
      expect(transcript.pre.startsWith(text.slice(0, transcript.pre.length))).toBe(true);
    }
    await startAgain();
    for (const { transcript, run } of patient) {
      const result = await run.result;
      expectReproduced(result, transcript);
      expect(result.retries).toBeGreaterThan(0);
    }
    const runner = createRunner({ engine: await connect(), dialect: threadweaver });
    for (const { transcript, header, inputs } of hasty) {
      if (header === undefined) expect.fail("the run had not begun");
      const { result } = runner.resume({ header, inputs }, { tree: true });
      expectReproduced((await result) as ResultWithTree, transcript);
    }
  },
);

// Another minute: `npm run test:vllm` and the others run it where THREADWEAVER_LONG is set.
it.skipIf(!(group > 0) || process.env["THREADWEAVER_LONG"] === undefined)(
  "a server that is asked to end (SIGTERM) and started again: runs go on to the same text",
  once,
  async () => {
    const runs = await begin(transcripts.slice(5, 9), { retry: patience }, () => process.kill(-group, "SIGTERM"));
    await startAgain();
    for (const { transcript, run } of runs) expectReproduced(await run.result, transcript);
  },
);

it.skipIf(!(group > 0))("a server that is gone is said to be unavailable", once, async () => {
  process.kill(-group, "SIGKILL");
  await expect.poll(isGone, { timeout: 30_000, interval: 500 }).toBe("engine_unavailable");
});
