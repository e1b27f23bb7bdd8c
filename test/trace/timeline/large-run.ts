import { threadweaver } from "../../../src/core/dialects/bundled/index.ts";
import { step } from "../../../src/core/machine/machine.ts";
import type { Effect, Input } from "../../../src/core/machine/protocol.ts";
import type { Piece } from "../../../src/core/trie/piece.ts";
import { stateOf } from "../../../src/run/resume.ts";
import type { RunHeader } from "../../../src/run/recorder.ts";
import { createRunner } from "../../../src/run/runner.ts";
import { createTrace } from "../../../src/trace/writer.ts";
import { scriptedEngine } from "../../run/scripted-engine.ts";

const words = ["all ", "of ", "this ", "is ", "text ", "that ", "a ", "thread ", "might ", "write.\n"];
/** The id of the first word: no tag and no end of sequence. */
const firstWord = 50;

export interface Large {
  readonly forks: number;
  /** Of each fork. */
  readonly threads: number;
  /** Of each thread, but for the marker that ends it. */
  readonly tokens: number;
}

/**
 * Writes the trace of a large run, token by token. The machine is driven without an engine: what an engine would read
 * for so many threads takes minutes.
 */
export async function traceLargeRun(path: string, { forks, threads, tokens }: Large): Promise<void> {
  const header = await headerOf({ threads, forks, runTokens: 10_000_000, threadTokens: 10_000_000 });
  const { markers } = header.vocabulary;
  const state = stateOf(header, threadweaver);
  const recorder = createTrace(path, { overwrite: true });
  recorder.begin?.(header);
  let at = header.began;
  const feed = (input: Input): void => {
    recorder.input(input);
    open.push(...step(state, input));
  };
  const open: Effect[] = [];
  const pieces = (text: string): Piece[] =>
    (text.match(/<\/?[A-Za-z]+>|[^]/g) ?? []).map((part) => tokenOf(part, markers));
  const plan = Array.from({ length: threads }, (_, n) => `<Outline>${n + 1}: x</Outline>`).join("");
  const written = Array.from({ length: tokens }, (_, n): Piece => {
    const word = n % words.length;
    return { ids: [firstWord + word], text: words[word] ?? "" };
  });
  const closing = pieces("</Thread>");
  let round = 0;
  feed({ t: "start", at, prompt: { ids: [1], text: "Q" }, vocabulary: header.vocabulary });
  for (let effect = open.shift(); effect !== undefined; effect = open.shift()) {
    if (effect.e !== "complete") continue;
    const { call, threadId } = effect;
    const ends = round === forks;
    const own = ends ? `</Parallel>the end</think>` : `Split.<Parallel><Outlines>${plan}</Outlines>`;
    if (threadId === "0") round += 1;
    feed({ t: "sent", at: (at += 1), call, attempt: 1, promptTokens: 100 });
    const said = threadId === "0" ? pieces(own) : [...written, ...closing];
    for (const piece of said) feed({ t: "pieces", at: (at += 0.01), call, pieces: [piece] });
    feed({ t: "ended", at, call, reason: { kind: "stop" }, usage: { cachedTokens: 60 } });
    // The writer gives its lines to the disk between turns of the event loop.
    // oxlint-disable-next-line no-await-in-loop -- one call after the other
    await new Promise((resolve) => void setImmediate(resolve));
  }
  recorder.end?.({ result: undefined, error: undefined });
  await recorder.close();
}

function tokenOf(text: string, markers: Readonly<Record<string, number>>): Piece {
  return { ids: [markers[text] ?? text.codePointAt(0) ?? 0], text };
}

/** What a run with these limits is recorded with. */
async function headerOf(limits: RunHeader["limits"]): Promise<RunHeader> {
  let header: RunHeader | undefined;
  const runner = createRunner({ engine: scriptedEngine(() => ({ text: "</think>" })), dialect: threadweaver });
  await runner.run({ prompt: "Q" }, { recorder: { begin: (begun) => void (header = begun), input: () => {} } }).result;
  if (header === undefined) throw new Error("the run did not begin");
  return { ...header, limits };
}
