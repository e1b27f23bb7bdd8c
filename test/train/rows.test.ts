import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { deserializeTrie, serializeTrie } from "../../src/core/trie/serialize.ts";
import { trainingRows } from "../../src/train/rows/row.ts";
import { sftRow } from "../../src/train/rows/sft.ts";
import type { Trajectory } from "../../src/train/trajectory.ts";
import { trainingUnits } from "../../src/train/units.ts";
import { verifiersTrace } from "../../src/train/verifiers/trace.ts";
import { runs } from "../core/drive.ts";
import { play, type Line } from "../core/play.ts";
import { two } from "../core/machine/support.ts";
import { cast, chances, interruptBy, interruptions, runScripted } from "../core/scenarios.ts";
import { driven as trajectory } from "./support.ts";

const lines: Record<string, Line[]> = {
  "0": [`so ${two}`, "</Parallel>end"],
  "0/1.1": [" x</Thread>"],
  "0/1.2": [" y</Thread>"],
};
const run = trajectory(play(threadweaver, lines));

/** The same with odds that are known, and a log-probability a token. */
function withLogprobs(given: Trajectory): Trajectory {
  const { version, segments } = serializeTrie(given.trie);
  const scored = segments.map((segment) => {
    if (segment.maker.by !== "model") return segment;
    const logprobs = segment.ids?.map((id) => [id].flat().map((one) => -((one ?? 0) % 97) / 100));
    return { ...segment, ...(logprobs && { logprobs }) };
  });
  return { ...given, trie: deserializeTrie({ version, segments: scored }), samplingBy: "run" };
}

describe("rows", () => {
  it("have one for each call, in the names of trainers, with what belongs to the whole rollout in each", () => {
    const about = { rolloutId: "r1", groupId: "g", reward: 1, advantage: 0.25, ratio: false };
    const rows = trainingRows(run, about);
    expect(rows.map(({ call_id, parent_call_id, thread_path }) => [call_id, parent_call_id, thread_path])).toEqual([
      [0, null, "0"],
      [1, 0, "0/1.1"],
      [2, 0, "0/1.2"],
      [3, 0, "0"],
    ]);
    for (const row of rows) {
      const same = { rollout_id: "r1", group_id: "g", reward: 1, advantage: 0.25, sampling_by: "server", part: 0 };
      expect(row).toMatchObject({ ...same, weight_version: null, finish_reason: "stop", sampling: null });
      expect(row.response_mask).toEqual(row.response_ids.map(() => 1));
      expect([row.path_tokens, row.total_tokens]).toEqual([run.tokens.criticalPath, run.tokens.generated]);
    }
    expect(trainingRows(run, { rolloutId: "r", ratio: false })[0]).toMatchObject({ group_id: "r", reward: null });
  });

  it("for supervised training have a label where the model wrote, and nowhere else", () => {
    const [, thread] = trainingUnits(run);
    const { input_ids, attention_mask, labels } = sftRow(thread!);
    expect(labels.length).toBe(input_ids.length);
    expect(attention_mask).toEqual(input_ids.map(() => 1));
    expect(labels.filter((label) => label !== -100)).toEqual(thread?.responseIds);
    expect(labels.slice(-thread!.responseIds.length)).toEqual(thread?.responseIds);
  });

  it("for a ratio are refused where the odds are not known, with the call, the reason and what to do", () => {
    expect(() => trainingRows(run, { rolloutId: "r" })).toThrow(
      /^call 0 of thread 0 cannot be trained on by ratio: the server decided how tokens were drawn\. Set temperature/,
    );
    expect(() => trainingRows({ ...run, samplingBy: "run" }, { rolloutId: "r" })).toThrow(/log-probabilities were not/);
    expect(() => trainingRows({ ...run, samplingBy: "unknown" }, { rolloutId: "r" })).toThrow(/Export it for SFT/);
    expect(() => verifiersTrace(run, { rolloutId: "r" })).toThrow(/call 0 of thread 0/);
  });
});

describe.each(cast)("a trace for verifiers of any run of %s", (_, dialect, flavour) => {
  it("has each sampled token in one node, and each call's context on the way to it", () => {
    fc.assert(
      fc.property(chances, interruptions, (chance, interruption) => {
        const bare = trajectory(runScripted(dialect, flavour, chance, { interrupt: interruptBy(interruption) }));
        const known = withLogprobs(bare);
        const units = trainingUnits(known);
        const { nodes, calls } = verifiersTrace(known, { rolloutId: "r", advantage: 0.5 });
        const ways = nodes.map(({ parent }, i) => {
          expect(parent ?? -1).toBeLessThan(i);
          const way: number[] = [i];
          for (let at = parent; at !== null; at = nodes[at]!.parent) way.unshift(at);
          return way;
        });
        expect(calls).toHaveLength(units.length);
        for (const [i, { promptIds, responseIds }] of units.entries()) {
          const ids = ways[calls[i]!.node]!.flatMap((node) => [...nodes[node]!.token_ids]);
          expect(ids).toEqual([...promptIds, ...responseIds]);
        }
        const sampled = nodes.filter((node) => node.sampled);
        const total = units.reduce((sum, { responseIds }) => sum + responseIds.length, 0);
        expect(sampled.reduce((sum, node) => sum + node.token_ids.length, 0)).toBe(total);
        const logprobs = sampled.flatMap((node) => [...node.logprobs]);
        const up = (a: number, b: number) => a - b;
        expect(logprobs.toSorted(up)).toEqual(units.flatMap((unit) => [...(unit.logprobs ?? [])]).toSorted(up));
        for (const { mask, token_ids, logprobs: own, sampled: is } of nodes) {
          expect(mask).toEqual(token_ids.map(() => is));
          expect(own).toHaveLength(is ? token_ids.length : 0);
        }
        for (const { semantic_parents } of nodes)
          for (const { node } of semantic_parents) expect(nodes[node]?.sampled).toBe(true);
      }),
      { numRuns: runs(25) },
    );
  });
});

describe("the links of a trace for verifiers", () => {
  const linksOf = (given: Trajectory) => {
    const units = trainingUnits(given);
    const { nodes, calls } = verifiersTrace(given, { rolloutId: "r", ratio: false });
    const callAt = new Map(calls.map(({ node }, i) => [node, units[i]!.call]));
    return nodes.flatMap(({ semantic_parents }, i) =>
      semantic_parents.map(({ node, type }) => [type, callAt.get(node), callAt.get(i)]),
    );
  };
  const call = (from: number, to: number) => ["subagent_call", from, to];
  const back = (from: number, to: number) => ["subagent_return", from, to];
  const inAnyOrder = (links: unknown[][]) => links.map((link) => link.join(" ")).toSorted();

  it("go from the call that forked to each thread, and from each thread to the call after the join", () => {
    expect(inAnyOrder(linksOf(run))).toEqual(inAnyOrder([call(0, 1), call(0, 2), back(1, 3), back(2, 3)]));
  });

  it.each(cast)("of %s lead to every thread that the model started, and back from those that were joined", (...one) => {
    const [, dialect, flavour] = one;
    let threads = 0;
    for (let seed = 0; seed < 40; seed += 1) {
      const { state } = runScripted(dialect, flavour, { seed, order: seed });
      const given = trajectory({ state } as never);
      const links = linksOf(given);
      const wrote = new Set(trainingUnits(given).map(({ threadId }) => threadId));
      threads += wrote.size - 1;
      const called = links.filter(([type]) => type === "subagent_call").length;
      const planned = dialect.trigger.kind === "start" || dialect.plan.source === "rounds";
      expect(called).toBe(planned ? called : [...wrote].filter((id) => id !== "0").length);
      if (dialect.join.shape !== "append") continue;
      const joined = state.forks.filter((fork) => fork.joined).flatMap((fork) => fork.threads);
      const returned = links.filter(([type]) => type === "subagent_return").length;
      expect(returned).toBeLessThanOrEqual(joined.length);
    }
    expect(threads).toBeGreaterThan(0);
  });
});
