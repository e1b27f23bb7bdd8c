import { batchBench } from "./batch.bench.ts";
import { chatBench } from "./chat.bench.ts";
import { evalBench } from "./eval.bench.ts";
import { gradeBench } from "./grade.bench.ts";
import { machineBench } from "./machine.bench.ts";
import { policiesBench } from "./policies/cost.bench.ts";
import { runnerBench } from "./runner.bench.ts";
import { scannerBench } from "./scanner.bench.ts";
import { cpuBench } from "./streams/cpu.bench.ts";
import { memoryBench } from "./streams/memory.bench.ts";
import { pageBench } from "./streams/page.bench.ts";
import { paceBench } from "./streams/pace.bench.ts";
import { traceBench } from "./streams/trace.bench.ts";
import { slotsBench } from "./slots/slots.bench.ts";
import { startBench } from "./start.bench.ts";
import { telemetryBench } from "./telemetry.bench.ts";
import { trainBench } from "./train.bench.ts";
import { trieBench } from "./trie.bench.ts";
import { weightBench } from "./weight.bench.ts";

const benches: Record<string, () => Promise<void>> = {
  scanner: scannerBench,
  trie: trieBench,
  train: trainBench,
  machine: machineBench,
  runner: runnerBench,
  grade: gradeBench,
  eval: evalBench,
  cpu: cpuBench,
  memory: memoryBench,
  pace: paceBench,
  trace: traceBench,
  page: pageBench,
  batch: batchBench,
  chat: chatBench,
  policies: policiesBench,
  slots: slotsBench,
  start: startBench,
  telemetry: telemetryBench,
  weight: weightBench,
};

/** `npm run bench`, or `npm run bench -- cpu memory` for some. */
const wanted = process.argv.slice(2);
for (const [name, bench] of Object.entries(benches)) if (wanted.length === 0 || wanted.includes(name)) await bench();
