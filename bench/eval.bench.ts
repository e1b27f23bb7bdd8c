import { seededRandom, speedUp, summarize, type Header, type IntervalMethod, type Sample } from "../src/eval/index.ts";
import { drawLatencies } from "../test/eval/statistics/simulate.ts";
import { headerWith, sampleWith } from "../test/eval/ledgers.ts";
import { reachable, report } from "./measure.ts";

/** The three speed-ups of a large evaluation with their intervals from 10,000 replicas; a very large ledger in one pass. */
export async function evalBench(): Promise<void> {
  intervalBench(500, 16);
  await ledgerBench(500, 500);
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

/** Four arms, each sample a line of JSON with a text of 2,000 characters: what is held after each quarter, and how long it takes. */
async function ledgerBench(problems: number, samples: number): Promise<void> {
  const kinds = ["sequential", "one-pass", "fork-join", "budget"] as const;
  const arms = kinds.map((kind) => ({ name: kind, kind, endpoint: "default" }));
  const { dataset } = headerWith();
  const header = headerWith({ samples, arms, dataset: { ...dataset, problems } });
  const total = problems * samples * arms.length;
  const before = reachable();
  const held: string[] = [];
  let samplesDone = 0;
  async function* watched(): AsyncGenerator<Sample> {
    for (const sample of ledgerOf(header)) {
      yield sample;
      samplesDone += 1;
      if (samplesDone % (total / 4) === 0) held.push(((reachable() - before) / 1e6).toFixed(0));
    }
  }
  const began = performance.now();
  const { arms: done } = await summarize(header, watched());
  const seconds = (performance.now() - began) / 1000;
  const what = `eval: ledger of ${total} samples`;
  report(`${what}, MB held after each quarter`, held.join(", "), "goal: flat");
  report(`${what}, MB resident at most`, (process.resourceUsage().maxRSS / 1024).toFixed(0), "goal: flat");
  report(`${what}, read and summarized`, `${seconds.toFixed(1)} s`);
  if (done.some(({ samples: count }) => count !== problems * samples)) throw new Error("samples are missing");
}

function* ledgerOf({ arms, dataset, protocol }: Header): Generator<Sample> {
  const random = seededRandom(3);
  const text = "x".repeat(2000);
  for (let sample = 0; sample < protocol.samples; sample += 1) {
    for (let problem = 0; problem < dataset.problems; problem += 1) {
      for (const { name } of arms) {
        const score = random() < 0.6 ? 1 : 0;
        const criticalPath = 100 + Math.floor(random() * 4000);
        const answer = score === 1 ? "42" : `${Math.floor(random() * 20)}`;
        const made = sampleWith({
          arm: name,
          problem: `p${problem}`,
          sample,
          score,
          answer,
          ms: criticalPath * 10.5,
          tokens: { criticalPath, generated: criticalPath },
          text: text + String(random()),
        });
        yield JSON.parse(JSON.stringify(made)) as Sample;
      }
    }
  }
}
