/**
 * What it costs that a marker of several tokens is found here, and not by the server: problems of the small model, whose
 * forks and threads end at a stop token, by a cut on our side, and at a stop string. Alternating rounds, one run at a time.
 *
 *     node scripts/servers/run.ts vllm -- node bench/engines/cuts.ts vllm [rounds]
 *     node scripts/servers/run.ts sglang -- node bench/engines/cuts.ts sglang [rounds]
 *     node bench/engines/cuts.ts llama [rounds]
 */
import { readFileSync } from "node:fs";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { defineDialect } from "../../src/core/dialects/dialect.ts";
import { columnsOf } from "../../src/core/trie/trie.ts";
import { deserializeTrie } from "../../src/core/trie/serialize.ts";
import type { Engine } from "../../src/engine/engine.ts";
import type { EngineProfileOverrides } from "../../src/engine/profile-overrides.ts";
import { createEngine } from "../../src/engine/openai.ts";
import { llamaEngine } from "../../src/llama/index.ts";
import type { ResultWithTree } from "../../src/run/result.ts";
import { createRunner } from "../../src/run/runner.ts";
import { report } from "../measure.ts";
import { generatedByServer } from "./generated.ts";
import { watched } from "./gaps.ts";
import type { Gap } from "./gaps.ts";
import { serverNamed } from "./servers.ts";

const [name = "vllm", rounds = "20"] = process.argv.slice(2);
const server = name === "llama" ? undefined : serverNamed(name);
const problems = JSON.parse(
  readFileSync(new URL("../../test/fixtures/reference-transcripts.json", import.meta.url), "utf8"),
) as { prompt: string }[];
const gaps: Gap[] = [];
const hinted = watched(await open({}), gaps);
const plain = watched(await open({ request: { stopStrings: null } }), gaps);

// The same places in the text. One character more, and a marker is no single token any more.
const fork = "\n</Outlines>";
const end = " </Thread>";
const byText = defineDialect({
  ...threadweaver,
  name: "threadweaver-by-text",
  trigger: { kind: "marker", marker: fork },
  thread: { ...threadweaver.thread, stop: [end] },
});

const variants = {
  "stop token": { dialect: threadweaver, isHinted: true },
  cut: { dialect: byText, isHinted: false },
  ...(server !== undefined && { "stop string": { dialect: byText, isHinted: true } }),
};
interface Cost {
  ends: number;
  read: number;
  beyond: number;
  gaps: number[];
}
const costs = new Map<string, Cost>();
const texts = new Map<string, string>();
let unequal = 0;

for (let round = -1; round < Number(rounds); round += 1) {
  for (const [variant, { dialect, isHinted }] of Object.entries(variants)) {
    gaps.length = 0;
    const before = await generatedThere();
    const runner = createRunner({ engine: isHinted ? hinted : plain, dialect });
    const prompt = problems[(round + problems.length) % problems.length]?.prompt ?? "";
    const result = await runner.run({ prompt }, { temperature: 0, tree: true }).result;
    const after = await generatedThere();
    if (round < 0) continue;
    const { generated, wasted } = result.tokens;
    const cost = costs.get(variant) ?? { ends: 0, read: 0, beyond: 0, gaps: [] };
    cost.ends += result.threads.length + Number(result.threads.length > 0);
    cost.read += wasted;
    cost.beyond += after - before - generated - wasted;
    cost.gaps.push(...gaps.map(({ ms }) => ms));
    costs.set(variant, cost);
    const written = writtenIn(result);
    if (written !== (texts.get(`${round}`) ?? written)) unequal += 1;
    texts.set(`${round}`, written);
  }
}
for (const [variant, { ends, read, beyond, gaps: all }] of costs) {
  const sorted = all.toSorted((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(1);
  report(`${name}, ${variant}: ends of forks and threads`, `${ends}`);
  report(`${name}, ${variant}: tokens read after the end`, `${read}`);
  if (server !== undefined) report(`${name}, ${variant}: further tokens that the server counted`, `${beyond}`);
  report(
    `${name}, ${variant}: ms to the next call's first token`,
    at(0.5),
    `median; ${at(0.1)} to ${at(0.9)} (tenths)`,
  );
}
report(`${name}: runs whose tokens differ from those at stop tokens`, `${unequal}`);
await Promise.all([hinted.close(), plain.close()]);

async function open(profile: EngineProfileOverrides): Promise<Engine> {
  const controls = threadweaver.markers;
  if (server !== undefined) {
    return createEngine({ baseURL: `${server.root}/v1`, apiKey: server.apiKey, controls, profile });
  }
  return llamaEngine({ model: new URL("../../models/forkjoin-arith-f16.gguf", import.meta.url).pathname });
}

/** All that the model wrote and that counts, with its ids. */
function writtenIn({ tree }: ResultWithTree): string {
  const { segments } = deserializeTrie(tree);
  const own = segments.filter(({ maker }) => maker.by === "model");
  return JSON.stringify(
    own.map((segment) => Array.from({ length: segment.sampled ?? 0 }, (_, n) => columnsOf(segment).piece(n))),
  );
}

async function generatedThere(): Promise<number> {
  return server === undefined ? 0 : generatedByServer(server.root, server.apiKey);
}
