import pLimit from "p-limit";
import type { Engine } from "../../src/engine/engine.ts";
import type { Clock } from "../../src/run/clock.ts";
import { scriptedEngine } from "../../test/run/scripted-engine.ts";

/** Tokens of a run's calls. A round: main writes so many up to its plan's end, then so many for each thread. */
export interface Story {
  readonly rounds: readonly { readonly main: number; readonly threads: readonly number[] }[];
  /** What main writes after the last round. */
  readonly end: number;
}

export interface Pace {
  readonly clock: Clock;
  readonly stepMs: number;
  /** Tokens that come at once. Infinity: all of a call, at its end. */
  readonly part: number;
}

/** An engine that writes one token a step for each call, however many calls there are. Runs are named by numbers. */
export function pacedEngine(stories: readonly Story[], { clock, stepMs, part }: Pace): Engine {
  const { tokenizer, ...rest } = scriptedEngine(() => ({ text: "" }), 1_000_000);
  return {
    ...rest,
    tokenizer,
    async *complete({ prompt, session, stop }) {
      const story = stories[Number(session)];
      if (story === undefined) throw new RangeError(`there is no run ${session}`);
      const began = clock.now();
      const text = writes(story, await tokenizer.decode(prompt));
      const ids = [...(await tokenizer.encode(text, { controls: "parse" })), ...tokenizer.eos];
      const texts = text.match(/<\/?[A-Za-z]+>|[^]/g) ?? [];
      const last = ids.findIndex((id) => stop.ids.includes(id));
      const count = last < 0 ? ids.length : last + 1;
      for (let n = 0; n < count; n += part) {
        const end = Math.min(count, n + part);
        // oxlint-disable-next-line no-await-in-loop -- one step after the other
        await new Promise<void>((wake) => void clock.schedule(began + end * stepMs, wake));
        yield { type: "pieces", pieces: ids.slice(n, end).map((id, i) => ({ ids: [id], text: texts[n + i] ?? "" })) };
      }
      yield { type: "end", reason: "stop" };
    },
  };
}

/** The same engine, which takes so many calls at once, in the order in which they come. */
export function firstInFirstOut(engine: Engine, count: number): Engine {
  const limit = pLimit(count);
  return {
    ...engine,
    async *complete(request) {
      const { promise: isOver, resolve: end } = Promise.withResolvers<void>();
      await new Promise<void>((begin) => {
        void limit(() => {
          begin();
          return isOver;
        });
      });
      try {
        yield* engine.complete(request);
      } finally {
        end();
      }
    },
  };
}

function writes({ rounds, end }: Story, context: string): string {
  const done = context.split("</Parallel>").length - 1;
  const isJoined = context.split("<Parallel>").length - 1 > done;
  const thread = /\n<Thread>\n(\d+):$/.exec(context)?.[1];
  if (thread !== undefined) return filled(rounds[done]?.threads[Number(thread) - 1] ?? 0, "", "</Thread>");
  const before = isJoined ? "</Parallel>" : "";
  const next = rounds[isJoined ? done + 1 : done];
  if (next === undefined) return filled(end - 1, before, "</think>"); // and the end of sequence
  const outlines = next.threads.map((_, n) => `<Outline>${n + 1}: x</Outline>`).join("");
  return filled(next.main, before, `<Parallel><Outlines>${outlines}</Outlines>`);
}

/** So many tokens: a tag is one, as is every other character. */
function filled(tokens: number, before: string, after: string): string {
  const own = `${before}${after}`.replaceAll(/<\/?[A-Za-z]+>/g, "#").length;
  if (own > tokens) throw new RangeError(`a call of ${tokens} tokens has no room for its ${own} tokens of markers`);
  return `${before}${"x".repeat(tokens - own)}${after}`;
}
