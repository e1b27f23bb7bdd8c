import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  Ledger,
  LedgerReader,
  seededRandom,
  speedUp,
  summarize,
  type Header,
  type IntervalMethod,
  type Random,
  type Sample,
  type SampleFailure,
} from "../src/eval/index.ts";
import { headerWith, sampleWith } from "../test/eval/ledgers.ts";
import { drawLatencies } from "../test/eval/statistics/simulate.ts";
import { reachable, report } from "./measure.ts";

/** The three speed-ups of a large evaluation with their intervals from 10,000 replicas; a very large ledger, as a file. */
export async function evalBench(): Promise<void> {
  intervalBench(500, 16);
  await ledgerBench(100, 2500);
}

/** In seconds. */
function intervalBench(problems: number, samples: number): void {
  const arms = drawLatencies(seededRandom(1), problems, samples);
  const time = (method: IntervalMethod): string => {
    const began = performance.now();
    speedUp(arms, { method, random: seededRandom(2) });
    return `${((performance.now() - began) / 1000).toFixed(2)} s`;
  };
  const what = `eval: speed-ups of ${problems} problems x ${samples} samples`;
  report(`${what}, t`, time("t"));
  report(`${what}, percentile`, time("percentile"), "goal: seconds");
  report(`${what}, bca`, time("bca"), "goal: seconds");
  report(`${what}, two-stage`, time("two-stage"), "goal: seconds");
}

/** Four arms: written to a file, read and summarized, and gone on with. How long that takes, and what is held meanwhile. */
async function ledgerBench(problems: number, samples: number): Promise<void> {
  const kinds = ["sequential", "one-pass", "fork-join", "budget"] as const;
  const arms = kinds.map((kind) => ({ name: kind, kind, endpoint: "default" }));
  const header = headerWith({ samples, arms, dataset: { ...headerWith().dataset, problems } });
  const total = problems * samples * arms.length;
  const folder = mkdtempSync(join(tmpdir(), "threadweaver-bench-"));
  const path = join(folder, "samples.jsonl");
  const what = `eval: ledger of ${total} samples`;
  try {
    const written = await measured(async () => {
      const ledger = await Ledger.open(path, header);
      for (const sample of samplesOf(header)) ledger.write(sample);
      ledger.close();
    });
    const gigabytes = (statSync(path).size / 1e9).toFixed(2);
    report(`${what}, written`, `${written.seconds.toFixed(1)} s`, `${gigabytes} GB`);

    const before = reachable();
    const held: string[] = [];
    const read = await measured(async () => {
      const reader = await LedgerReader.open(path);
      const watched = eachQuarter(reader.samples(), total, () => held.push(((reachable() - before) / 1e6).toFixed(0)));
      const summary = await summarize(reader.header, watched, { draws: 100 });
      if (summary.arms.some(({ samples: count }) => count !== problems * samples))
        throw new Error("samples are missing");
    });
    report(`${what}, MB held after each quarter`, held.join(", "), "goal: flat");
    report(`${what}, read and summarized`, `${read.seconds.toFixed(1)} s`, read.held);

    const resumed = await measured(async () => {
      const ledger = await Ledger.open(path, header, { resume: true });
      if (ledger.count !== total) throw new Error("samples are missing");
      ledger.close();
    });
    report(`${what}, gone on with`, `${resumed.seconds.toFixed(1)} s`, resumed.held);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** How long it takes, and how many MB more are held meanwhile, looked at twice a second. */
async function measured(work: () => Promise<void>): Promise<{ seconds: number; held: string }> {
  const before = reachable();
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, reachable());
  }, 500);
  const began = performance.now();
  await work();
  const seconds = (performance.now() - began) / 1000;
  clearInterval(timer);
  return { seconds, held: `${((most - before) / 1e6).toFixed(0)} MB held at most` };
}

async function* eachQuarter(
  samples: AsyncIterable<Sample | SampleFailure>,
  total: number,
  note: () => void,
): AsyncGenerator<Sample | SampleFailure> {
  let done = 0;
  for await (const sample of samples) {
    yield sample;
    done += 1;
    if (done % (total / 4) === 0) note();
  }
}

function* samplesOf({ arms, dataset, protocol }: Header): Generator<Sample> {
  const random = seededRandom(3);
  const text = "Let me think about it once more. ".repeat(12);
  for (let sample = 0; sample < protocol.samples; sample += 1) {
    for (let problem = 0; problem < dataset.problems; problem += 1) {
      for (const { name } of arms) {
        const criticalPath = 100 + Math.floor(random() * 4000);
        yield sampleWith({
          arm: name,
          problem: `p${problem}`,
          sample,
          ms: criticalPath * 10.5,
          tokens: { criticalPath, generated: criticalPath },
          text: text + String(random()),
          ...answerOf(random),
        });
      }
    }
  }
}

/** Six of ten are right; of the others most are a few numbers, and some are what no other sample says, or too long. */
function answerOf(random: Random): Partial<Sample> {
  if (random() < 0.6) return { score: 1, answer: random() < 0.5 ? "42" : "42.0" };
  const kind = random();
  if (kind < 0.1) return { score: 0, answer: null, found: "there is no box", decided: null };
  if (kind < 0.7) return { score: 0, answer: `${Math.floor(20 * random())}` };
  if (kind < 0.95) return { score: 0, answer: String.raw`\frac{${Math.floor(1e6 * random())}}{7}` };
  return { score: 0, answer: `${random()} `.repeat(100), decided: "unreadable" };
}
