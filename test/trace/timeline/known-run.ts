import { VirtualClock } from "../../../bench/slots/virtual-clock.ts";
import { threadweaver } from "../../../src/core/dialects/bundled/index.ts";
import type { JoinPolicy } from "../../../src/core/policies/policy.ts";
import type { Engine } from "../../../src/engine/engine.ts";
import { ThreadweaverError } from "../../../src/errors.ts";
import { createRunner } from "../../../src/run/runner.ts";
import { createTrace } from "../../../src/trace/writer.ts";
import { scriptedEngine } from "../../run/scripted-engine.ts";

/** Milliseconds before a call's first token, and for each token. */
export const prefillMs = 50;
export const stepMs = 10;

interface Thread {
  /** What it writes between its header and its end. */
  readonly text: string;
  /** After so many tokens its first attempt breaks off. */
  readonly breaksAt?: number;
}

/** Four threads for three slots: the second takes longest, the third breaks off once, the fourth waits for a slot. */
export const threads: Readonly<Record<string, Thread>> = {
  "1": { text: " a short one." },
  "2": { text: " the long one, for which all others have to wait at the end." },
  "3": { text: " broken once.", breaksAt: 5 },
  "4": { text: " queued, and then cut before it is done." },
};
const end = "</Parallel>\nand so the answer is</think>42";

/** Cuts the fourth thread as soon as it has written ten tokens. */
const impatient: JoinPolicy = {
  name: "impatient",
  subtasks: true,
  needs: { tokens: true },
  decide: ({ siblings }) => {
    const slow = siblings.filter(({ name, tokens, ending }) => name === "4" && tokens >= 10 && ending === undefined);
    return slow.length === 0 ? undefined : { cut: slow };
  },
};

/**
 * Writes the trace of a run of which every time is known: its clock is virtual, and its engine writes a token in ten
 * milliseconds. The same bytes each time, but for the id of the run.
 */
export async function traceKnownRun(
  path: string,
  { texts = threads, mode = "fork-join" }: { texts?: typeof threads; mode?: "fork-join" | "sequential" } = {},
): Promise<void> {
  const clock = new VirtualClock();
  const engine = pacedEngine(clock, texts, mode);
  const runner = createRunner({ engine, dialect: threadweaver, clock, random: () => 0.5, concurrency: 3 });
  const recorder = createTrace(path, { overwrite: true });
  const policies = mode === "sequential" ? {} : { policy: [impatient] };
  const run = runner.run({ prompt: "Q" }, { recorder, seed: 7, mode, ...policies });
  await clock.run();
  await run.result;
  await recorder.close();
}

function pacedEngine(clock: VirtualClock, texts: typeof threads, mode: string): Engine {
  const { tokenizer, ...rest } = scriptedEngine(() => ({ text: "" }));
  const broken = new Set<string>();
  return {
    ...rest,
    tokenizer,
    async *complete({ prompt, stop, signal }) {
      const context = await tokenizer.decode(prompt);
      const { key, text } = next(context, texts, mode);
      const ids = [...(await tokenizer.encode(text, { controls: "parse" })), ...tokenizer.eos];
      const pieces = await Promise.all(ids.map(async (id) => ({ ids: [id], text: await tokenizer.decode([id]) })));
      const breaksAt = broken.has(key) ? undefined : texts[key]?.breaksAt;
      broken.add(key);
      const cachedTokens = context.includes("</Outlines>") ? Math.floor(prompt.length / 2) : 0;
      await pause(clock, prefillMs, signal);
      for (const [n, piece] of pieces.entries()) {
        if (n === breaksAt) {
          yield { type: "broken", cachedTokens };
          throw new ThreadweaverError("engine_failed", "the connection was closed", { status: 503, retryable: true });
        }
        // oxlint-disable-next-line no-await-in-loop -- one token after the other
        await pause(clock, stepMs, signal);
        yield { type: "pieces", pieces: [piece] };
        if (stop.ids.includes(piece.ids[0] ?? -1)) break;
      }
      yield { type: "end", reason: "stop", cachedTokens };
    },
  };
}

/** What a call writes, which follows from what it was sent. */
function next(context: string, texts: typeof threads, mode: string): { key: string; text: string } {
  const plan = Object.keys(texts).map((id) => `<Outline>${id}: part</Outline>\n`);
  const outlines = `Split.<Parallel>\n<Outlines>\n${plan.join("")}</Outlines>`;
  const written = Object.entries(texts).map(([id, { text }]) => `\n<Thread>\n${id}:${text}</Thread>`);
  if (mode === "sequential") return { key: "", text: `${outlines}${written.join("")}\n${end}` };
  if (!context.includes("</Outlines>")) return { key: "", text: outlines };
  const [, id, begun] = /\n<Thread>\n([0-9]):([^<]*)$/.exec(context) ?? [];
  if (id === undefined) return { key: "", text: end };
  return { key: id, text: `${(texts[id]?.text ?? "").slice((begun ?? "").length)}</Thread>` };
}

function pause(clock: VirtualClock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      cancel();
      reject(new ThreadweaverError("aborted", "aborted", { cause: signal.reason }));
    };
    const cancel = clock.schedule(clock.now() + ms, () => {
      signal.removeEventListener("abort", stop);
      resolve();
    });
    signal.addEventListener("abort", stop, { once: true });
  });
}
