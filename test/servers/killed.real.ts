import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { createEngine } from "../../src/engine/openai.ts";
import type { RunEvent } from "../../src/run/events.ts";
import { textsOf } from "../run/texts.ts";
import { apiKey, connect, kind, runnerOn, transcripts, url } from "./support.ts";

/** The process group of a server that was started for this suite: it may be killed, when all else is done. */
const group = Number(process.env["THREADWEAVER_SERVER_GROUP"]);

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

/** The first try ends the server, so there is no second one. */
const once = { retry: 0 };

it.skipIf(!(group > 0))("a server that is killed fails the runs on it, each with all that had come", once, async () => {
  const engine = await connect();
  const runs = transcripts
    .slice(0, 4)
    .map((transcript) => ({ transcript, run: runnerOn(engine).run({ prompt: transcript.prompt }) }));
  // As early as all of them have begun: a machine under load may otherwise bring the rest of a run before we see it.
  const begun = new Set<number>();
  const listening = runs.map(async ({ run }, n) => {
    const events: RunEvent[] = [];
    try {
      for await (const event of run) {
        events.push(event);
        if (begun.size === runs.length || !textsOf(events).get("0")?.includes("<think>\nSplit")) continue;
        begun.add(n);
        if (begun.size === runs.length) kill();
      }
    } catch {
      // What it fails with is the result's.
    }
    return textsOf(events).get("0") ?? "";
  });
  const shown = await Promise.all(listening);
  for (const [n, { transcript, run }] of runs.entries()) {
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
    expect(text).toBe(shown[n]);
    // The trunk at least is what the model writes, as far as it came.
    expect(transcript.pre.startsWith(text.slice(0, transcript.pre.length))).toBe(true);
  }
  const gone = async (): Promise<unknown> =>
    createEngine({ baseURL: url, apiKey }).then(
      (alive) => alive.close(),
      (thrown: { code?: string }) => thrown.code,
    );
  await expect.poll(gone, { timeout: 30_000, interval: 500 }).toBe("engine_unavailable");
});
