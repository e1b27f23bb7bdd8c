import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeLines } from "../src/cli/data/output-file.ts";
import { columns, writeParquet } from "../src/cli/data/parquet.ts";
import { append, copyAfter, createTrie, segmentOf, type Position, type Trie } from "../src/core/trie/trie.ts";
import { flatten } from "../src/train/flat/flatten.ts";
import { trainingRows, type TrainingRow } from "../src/train/rows/row.ts";
import type { Trajectory } from "../src/train/trajectory.ts";
import { alternate, reachable, report } from "./measure.ts";

const longest = 40_960;
const trajectories = 100_000;

/** A run of blocks with four threads each, until its main path has so many tokens. */
function build(tokens: number, inCall: number): Trajectory {
  const trie = createTrie();
  let call = 0;
  let generated = 0;
  const write = (at: Position, threadId: string): Position => {
    const { segment } = append(trie, at, { by: "model", call, threadId, role: "body" }, []);
    const made = segmentOf(trie, segment);
    for (let i = 0; i < inCall; i += 1) made.pieces?.push({ ids: [(call * 7 + i) % 50_000], text: "four" });
    made.sampled = made.context = inCall;
    call += 1;
    generated += inCall;
    return { segment, n: inCall };
  };
  const insert = (at: Position, length: number): Position =>
    append(trie, at, { by: "runtime", why: "header" }, [{ ids: Array.from({ length }, () => 7), text: "h" }]);
  let main = append(trie, null, { by: "prompt" }, [{ ids: Array.from({ length: 100 }, () => 9), text: "p" }]);
  for (let fork = 1; pathLength(trie, main) + inCall * 5 < tokens; fork += 1) {
    main = write(main, "0");
    const from = main;
    for (let thread = 1; thread <= 4; thread += 1) {
      const body = insert(from, 4);
      const head = write(body, `0/${fork}.${thread}`);
      main = thread === 1 ? head : copyAfter(trie, insert(main, 4), { from: body, to: head });
    }
    main = insert(main, 1);
  }
  write(main, "0");
  const finishOf = (): "stop" => "stop";
  return { trie, source: "trace", samplingBy: "run", tokens: { generated, criticalPath: generated }, finishOf };
}

function pathLength(trie: Trie, at: Position): number {
  let length = 0;
  for (let position: Position | null = at; position !== null;) {
    length += position.n;
    position = segmentOf(trie, position.segment).parent;
  }
  return length;
}

/** Rows of so many small trajectories, made one at a time. */
async function* rows(count: number, watch: () => void): AsyncGenerator<TrainingRow> {
  for (let n = 0; n < count; n += 1) {
    if (n % 5_000 === 0) watch();
    yield* trainingRows(build(120, 20), { rolloutId: `${n}`, ratio: false });
  }
}

export async function trainBench(): Promise<void> {
  const long = build(longest, 512);
  const before = reachable();
  const flat = flatten(long);
  const bytes = reachable() - before;
  const ms = await alternate({ trie: () => flatten(long), spliced: () => flatten(long, { layout: "spliced" }) });
  report(
    `train: flatten a path of 40,960 tokens (${flat.ids.length} in all)`,
    `${ms["trie"]?.toFixed(1)} ms`,
    "goal < 50 ms",
  );
  report("train: the same, spliced", `${ms["spliced"]?.toFixed(1)} ms`, "goal < 50 ms");
  report("train: what the flat trie keeps", `${(bytes / 1e6).toFixed(1)} MB`, "goal < 100 MB");
  const folder = mkdtempSync(join(tmpdir(), "threadweaver-bench-"));
  try {
    for (const kind of ["jsonl", "parquet"]) await exporting(kind, join(folder, `rows.${kind}`));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function exporting(kind: string, path: string): Promise<void> {
  const memory: number[] = [];
  const began = performance.now();
  const all = rows(trajectories, () => memory.push(reachable()));
  await (kind === "parquet" ? writeParquet(path, columns.rows, all) : writeLines(path, all));
  const seconds = (performance.now() - began) / 1000;
  const half = memory.length >> 1;
  const growth = Math.max(...memory.slice(half)) - Math.max(...memory.slice(1, half));
  const size = `${(statSync(path).size / 1e6).toFixed(0)} MB`;
  report(`train: export 100,000 trajectories as ${kind} (${size})`, `${seconds.toFixed(1)} s`);
  report(
    "train: what the second half of them added to memory",
    `${(growth / 1e6).toFixed(2)} MB`,
    "goal: flat, < 5 MB",
  );
}
