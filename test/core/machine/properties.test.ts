import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sequential } from "../../../src/core/dialects/dialect.ts";
import { threadweaver } from "../../../src/core/dialects/bundled/index.ts";
import { countTokens, criticalPath } from "../../../src/core/measures/tokens.ts";
import { textBetween, owners, path, textOf } from "../../../src/core/trie/path.ts";
import { threadStops } from "../../../src/core/dialects/markers.ts";
import { step } from "../../../src/core/machine/machine.ts";
import { tokensOf, type Piece } from "../../../src/core/trie/piece.ts";
import {
  createState,
  endingOf,
  forkOf,
  threadsOf,
  type Sequence,
  type State,
} from "../../../src/core/machine/state.ts";
import type { Effect } from "../../../src/core/machine/protocol.ts";
import { deserializeTrie, serializeTrie } from "../../../src/core/trie/serialize.ts";
import { columnsOf, segmentOf, stretches, type Position } from "../../../src/core/trie/trie.ts";
import { piecesOf } from "./support.ts";
import { FLAVOURS, createFlavourVocabulary } from "../../reference/scripted-model.ts";
import { chanceFrom, hasty, runs, type Driven } from "../drive.ts";
import { completesOf, play, type Line } from "../play.ts";
import { cast, chances, interruptBy, interruptions, limits, modes, runScripted } from "../scenarios.ts";

const tokens = (pieces: readonly Piece[]) => pieces.reduce((sum, piece) => sum + tokensOf(piece), 0);

function mainOf({ sequences }: State): Sequence {
  const [main] = sequences;
  if (main === undefined) throw new Error("no main sequence");
  return main;
}

/** All that a model wrote, whatever became of it. */
const delivered = ({ delivered: calls }: Driven) => [...calls.values()].flat();

describe.each(cast)("whatever a model of %s writes, is limited to, and is interrupted by", (_, dialect, flavour) => {
  const every = (name: string, check: (driven: Driven, input: { order: number; seed: number }) => void, n = 120) => {
    it(name, () => {
      fc.assert(
        fc.property(chances, limits, interruptions, modes, (chance, limit, interruption, mode) => {
          const options = { limits: limit, interrupt: interruptBy(interruption), mode };
          check(runScripted(dialect, flavour, chance, options), chance);
        }),
        { numRuns: runs(n) },
      );
    });
  };

  every("the same inputs give the same effects and the same state again", ({ state, inputs, effects }) => {
    const again = createState({ dialect, limits: state.limits });
    const replayed: Effect[] = [];
    for (const input of structuredClone(inputs)) replayed.push(...step(again, input));
    expect(replayed).toEqual(effects);
    expect(serializeTrie(again.trie)).toEqual(serializeTrie(state.trie));
    expect(again.sequences).toEqual(state.sequences);
    expect(again.calls.map((call) => ({ ...call, scanner: undefined }))).toEqual(
      state.calls.map((call) => ({ ...call, scanner: undefined })),
    );
  });

  every("every piece stands in the trie once, and every token is counted once", (driven) => {
    const { state } = driven;
    let pieces = 0;
    for (const call of state.calls) {
      const segment = segmentOf(state.trie, call.segment);
      const given = driven.delivered.get(call.id) ?? [];
      const { sampled = -1, context = -1 } = segment;
      expect(piecesOf(state, call.segment)).toEqual(given);
      expect(call.tokens + call.wasted).toBe(tokens(given));
      // What was sampled is what was counted; what may be sent is never more.
      expect(tokens(given.slice(0, sampled))).toBe(call.tokens);
      expect(context).toBeLessThanOrEqual(sampled);
      pieces += given.length;
    }
    const made = state.trie.segments.filter(({ maker }) => maker.by === "model");
    expect(made.reduce((sum, segment) => sum + columnsOf(segment).length, 0)).toBe(pieces);
    const counts = countTokens(state);
    expect(counts.generated + counts.wasted).toBe(tokens(delivered(driven)));
    expect(counts.generated).toBe(state.calls.reduce((sum, call) => sum + call.tokens, 0));
    for (const sequence of state.sequences) {
      const own = state.calls.filter((call) => call.sequence === sequence.id);
      expect(sequence.tokens).toBe(own.reduce((sum, call) => sum + call.tokens, 0));
    }
  });

  every("what a call was sent stands in the trie to the end", ({ state, sent, effects }) => {
    const at = new Map(completesOf(effects).map((effect) => [effect.call, effect.at]));
    const { decode } = createFlavourVocabulary(flavour);
    for (const { call, context } of sent) {
      expect(textOf(path(state.trie, at.get(call) ?? { segment: -1, n: 0 }))).toBe(decode(context));
    }
  });

  every("no call is sent an end of sequence, and a text has one at its end at most", ({ sent, final, state }) => {
    const [eos] = state.vocabulary.eos;
    for (const { context } of sent) expect(context).not.toContain(eos);
    expect(final.slice(0, -1)).not.toContain(eos);
  });

  every("each call that was asked for ends once, each sequence once, and the run last of all", (driven) => {
    const { effects, answered, state } = driven;
    const asked = completesOf(effects).map(({ call }) => call);
    expect(new Set(asked).size).toBe(asked.length);
    expect(new Set(answered.keys())).toEqual(new Set(asked));
    for (const times of answered.values()) expect(times).toBe(1);
    for (const call of state.calls) expect([call.live, call.ending === undefined]).toEqual([false, false]);
    for (const sequence of state.sequences) {
      expect(sequence.phase.is).toBe("over");
      expect(sequence.endedAt).toBeGreaterThanOrEqual(sequence.startedAt);
    }
    expect(effects.filter(({ e }) => e === "finish")).toHaveLength(1);
    expect(effects.at(-1)).toEqual({ e: "finish", ending: state.ending });
    expect(endingOf(mainOf(state))).toEqual(state.ending);
    const cancelled = effects.flatMap((effect) => (effect.e === "cancel" ? [effect.call] : []));
    expect(new Set(cancelled).size).toBe(cancelled.length);
    const ended = effects.flatMap((effect) => (effect.e === "thread-end" ? [effect.sequence] : []));
    expect(ended).toHaveLength(state.sequences.length - 1);
    expect(new Set(ended)).toEqual(new Set(state.sequences.slice(1).map(({ id }) => id)));
    const forked = effects.flatMap((effect) => (effect.e === "fork" ? [effect.fork] : []));
    expect(forked).toEqual(state.forks.map(({ id }) => id));
    expect(state.forks.every(({ pending }) => pending === 0)).toBe(true);
    expect(state.queue).toEqual([]);
  });

  every("places, ordinals and depths say where a sequence stands", ({ state, effects }) => {
    const next = new Map<string, number>();
    for (const { threadId, callIndex } of completesOf(effects)) {
      // A call for which nothing was left has an callIndex too.
      expect(callIndex).toBeGreaterThanOrEqual(next.get(threadId) ?? 0);
      next.set(threadId, callIndex + 1);
    }
    for (const { threadId, depth, calls, id, parent } of state.sequences) {
      expect(threadId.split("/")).toHaveLength(depth + 1);
      expect(calls).toBe(state.calls.filter(({ sequence }) => sequence === id).length);
      if (parent === undefined) continue;
      const fork = forkOf(state, parent.fork);
      expect(fork.threads[parent.index]).toBe(id);
      expect(threadId).toBe(`${fork.forkId}.${parent.index + 1}`);
      expect(fork.by).toBe(parent.sequence);
    }
  });

  every("a hint what a call extends is true: it stands on its way, and on that of the call it names", (driven) => {
    const { state, effects } = driven;
    const asked = new Set(completesOf(effects).map(({ call }) => call));
    for (const { from, at } of completesOf(effects)) {
      if (from === undefined) continue;
      expect(asked.has(from.call)).toBe(true);
      expect(() => stretches(state.trie, at, from.shared)).not.toThrow();
      const segment = segmentOf(state.trie, state.calls[from.call]?.segment ?? -1);
      const whole = { segment: segment.id, n: columnsOf(segment).length };
      expect(() => stretches(state.trie, whole, from.shared)).not.toThrow();
    }
  });

  every("limits hold", ({ state }) => {
    const { runTokens = Infinity, threadTokens = Infinity, criticalTokens = Infinity, threads, forks } = state.limits;
    // A piece is not parted: the last one may hold one token more than were left.
    expect(state.generated).toBeLessThanOrEqual(runTokens + 1);
    for (const { critical } of state.sequences) expect(critical).toBeLessThanOrEqual(criticalTokens + 1);
    for (const { depth, tokens: own, maxTokens = threadTokens } of state.sequences) {
      if (depth > 0) expect(own).toBeLessThanOrEqual(maxTokens + 1);
      expect(depth).toBeLessThanOrEqual(dialect.thread.maxDepth);
    }
    for (const fork of state.forks) expect(fork.threads.length).toBeLessThanOrEqual(threads);
    expect(state.forks.length).toBeLessThanOrEqual(forks);
    for (const { calls } of state.sequences) expect(calls).toBeLessThanOrEqual(state.limits.calls);
  });

  every("the critical path is the longest chain of tokens, and none where nothing was", ({ state }) => {
    const { generated, criticalPath: longest } = countTokens(state);
    expect(longest).toBeLessThanOrEqual(generated);
    const own = (sequence: Sequence) =>
      state.calls.filter((call) => call.sequence === sequence.id).reduce((sum, call) => sum + call.tokens, 0);
    if (dialect.trigger.kind === "inline") {
      expect(longest).toBeGreaterThanOrEqual(own(mainOf(state)));
      return;
    }
    const chain = (sequence: Sequence): number =>
      own(sequence) +
      sequence.forks
        .map((id) => forkOf(state, id))
        .filter(({ joined }) => joined)
        .reduce((sum, fork) => sum + Math.max(...threadsOf(state, fork).map(chain)), 0);
    expect(longest).toBe(chain(mainOf(state)));
  });

  every("the trie is the same when it was written and read, also who made what", ({ state }) => {
    const again = deserializeTrie(JSON.parse(JSON.stringify(serializeTrie(state.trie))));
    expect(serializeTrie(again)).toEqual(serializeTrie(state.trie));
    for (const { head } of state.sequences) expect(owners(again, head)).toEqual(owners(state.trie, head));
  });

  every("all that was kept of a joined thread stands in its parent's text, in the order of the plan", ({ state }) => {
    if (dialect.join.shape !== "append") return;
    for (const fork of state.forks.filter(({ joined }) => joined)) {
      const by = state.sequences[fork.by];
      if (by === undefined) throw new Error("a fork of nobody");
      let rest = textBetween(state.trie, fork.position, by.head);
      for (const thread of threadsOf(state, fork)) {
        const own = textBetween(state.trie, thread.body, thread.head);
        const at = rest.indexOf(own);
        expect(at).toBeGreaterThanOrEqual(0);
        rest = rest.slice(at + own.length);
      }
    }
    const made = owners(state.trie, mainOf(state).head);
    // Nothing of the waste, and nothing twice that is not marked as a copy.
    for (const { maker, segment, n } of made) {
      if (maker.by === "model") expect(n).toBeLessThan(segmentOf(state.trie, segment).context ?? 0);
    }
    const once = made.filter(({ copied }) => !copied).map(({ segment, n }) => `${segment}:${n}`);
    expect(new Set(once).size).toBe(once.length);
  });

  it("is one sequence in the sequential mode, all of it on the critical path", () => {
    fc.assert(
      fc.property(chances, (chance) => {
        const { state } = runScripted(sequential(dialect), flavour, chance);
        expect(state.forks).toEqual([]);
        expect(criticalPath(state)).toBe(state.generated);
        expect(state.calls).toHaveLength(1);
        expect(state.calls[0]?.stops).toMatchObject({ markers: [], text: undefined });
      }),
      { numRuns: runs(60) },
    );
  });

  it("can be stopped at any moment, and what stands there then is closed", () => {
    fc.assert(
      fc.property(chances, fc.nat({ max: 80 }), (chance, n) => {
        let pending: Position | undefined;
        let live = new Set<number>();
        const { state, effects } = runScripted(dialect, flavour, chance, {
          interrupt(at, i) {
            if (i !== n) return undefined;
            const { phase } = mainOf(at);
            pending = phase.is === "waiting" ? forkOf(at, phase.fork).position : undefined;
            live = new Set(at.calls.filter((call) => call.live && call.ending === undefined).map(({ id }) => id));
            return { t: "stop" };
          },
        });
        const cancelled = effects.flatMap((effect) => (effect.e === "cancel" ? [effect.call] : []));
        for (const call of live) expect(cancelled).toContain(call);
        if (live.size > 0) expect(state.ending).toEqual({ kind: "cut", by: "user" });
        if (pending === undefined || dialect.join.shape !== "append" || dialect.context.kind !== "prefix") return;
        // It stopped at a fork: every thread of it stands there, closed, and then the block is closed.
        const { close } = dialect.thread;
        const text = textBetween(state.trie, pending, mainOf(state).head);
        expect(text.endsWith(dialect.join.endTail)).toBe(true);
        const fork = forkOf(state, mainOf(state).forks.at(-1) ?? -1);
        for (const thread of threadsOf(state, fork)) {
          const own = textBetween(state.trie, thread.body, thread.head);
          const [stop] = threadStops(dialect, thread.captures["index"] ?? "");
          const closed = endingOf(thread)?.kind === "marker" ? own.includes(stop ?? "?") : own.endsWith(close);
          expect(closed).toBe(true);
        }
      }),
      { numRuns: runs(150) },
    );
  });

  it("cutting one sequence leaves its siblings all that they wrote", () => {
    fc.assert(
      fc.property(chances, fc.nat({ max: 60 }), fc.nat(), (chance, n, whom) => {
        let cut: { threadId: string; parent: Sequence["parent"] } | undefined;
        const whole = runScripted(dialect, flavour, chance);
        const { state } = runScripted(dialect, flavour, chance, {
          interrupt(at, i) {
            const thread = at.sequences[1 + (whom % Math.max(1, at.sequences.length - 1))];
            if (i !== n || thread === undefined) return undefined;
            cut = thread;
            return { t: "cut", sequence: thread.id, by: "straggler" };
          },
        });
        if (cut?.parent === undefined) return;
        const fork = forkOf(state, cut.parent.fork);
        for (const thread of threadsOf(state, fork)) {
          const twin = whole.state.sequences.find(({ threadId }) => threadId === thread.threadId);
          if (twin === undefined || thread.threadId === cut.threadId || endingOf(thread)?.kind === "cut") continue;
          const own = textBetween(state.trie, thread.body, thread.head);
          expect(own).toBe(textBetween(whole.state.trie, twin.body, twin.head));
        }
      }),
      { numRuns: runs(120) },
    );
  });
});

describe("however a text is cut into pieces", () => {
  const lines: Record<string, string> = {
    "0#0": "so\n<Parallel>\n<Outlines>\n<Outline>1: a</Outline>\n<Outline>2: b</Outline>\n</Outlines>",
    "0#1": "</Parallel>\nend",
    "0/1.1#0": " x < 3\n</Thread> and a lot behind it",
    "0/1.2#0": " y",
  };
  const expected = play(
    threadweaver,
    byPlace((text) => text),
  );

  function byPlace(make: (text: string) => Line): Record<string, Line[]> {
    const made: Record<string, Line[]> = {};
    for (const [key, text] of Object.entries(lines)) {
      const [threadId = ""] = key.split("#");
      (made[threadId] ??= []).push(make(text));
    }
    return made;
  }

  it("markers found in the text give the same calls and the same text as markers that are tokens", () => {
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom("spelled" as const, "text" as const), (seed, mode) => {
        const chance = chanceFrom(seed);
        const chopped = byPlace((text) => {
          const pieces: string[] = [];
          for (let at = 0; at < text.length;) {
            const length = 1 + chance(9);
            pieces.push(text.slice(at, at + length));
            at += length;
          }
          return pieces;
        });
        const played = play(threadweaver, chopped, { mode, chance, markers: [] });
        expect(played.text).toBe(expected.text);
        expect(played.contexts).toEqual(expected.contexts);
        expect(played.state.ending).toEqual(expected.state.ending);
      }),
      { numRuns: runs(200) },
    );
  });
});

it.skipIf(hasty)("the scripted models do reach every kind of ending, warning and role", () => {
  const seen = new Set<string>();
  for (const [, dialect, flavour] of cast) {
    for (let seed = 0; seed < 250; seed += 1) {
      const { state, effects } = runScripted(dialect, flavour, { seed, order: seed });
      for (const sequence of state.sequences) seen.add(`ending ${endingOf(sequence)?.kind}`);
      for (const { role } of state.calls) seen.add(`role ${role}`);
      for (const effect of effects) if (effect.e === "warning") seen.add(effect.warning.code);
    }
  }
  expect([...seen].sort()).toEqual([
    "ending cut",
    "ending eos",
    "ending failed",
    "ending length",
    "ending marker",
    "ending refused",
    "fork-refused",
    "join-unknown",
    "plan-duplicate",
    "plan-empty",
    "plan-gap",
    "plan-tags",
    "plan-without-opener",
    "role after",
    "role body",
    "role tail",
    "spawn-unclosed",
    "thread-cut",
    "thread-ended-run",
    "thread-failed",
    "thread-not-started",
    "thread-out-of-tokens",
  ]);
  expect(new Set(cast.map(([, , flavour]) => flavour))).toEqual(new Set(Object.keys(FLAVOURS)));
});
