import { gradeBench } from "./grade.bench.ts";
import { machineBench } from "./machine.bench.ts";
import { runnerBench } from "./runner.bench.ts";
import { scannerBench } from "./scanner.bench.ts";
import { trieBench } from "./trie.bench.ts";

await scannerBench();
await trieBench();
await machineBench();
await runnerBench();
await gradeBench();
