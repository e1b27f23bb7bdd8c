import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import type { Dialect } from "../../core/dialects/schema.ts";
import type { Engine } from "../../engine/engine.ts";
import { RolloutLedger } from "../../rollout/ledger/ledger.ts";
import type { RolloutSettings } from "../../rollout/ledger/lines.ts";
import { RolloutReader } from "../../rollout/ledger/reader.ts";
import type { RolloutProblem } from "../../rollout/options.ts";
import { rollOut } from "../../rollout/roll-out.ts";
import { drawSeed } from "../../run/calls/seed.ts";
import { createClock } from "../../run/clock.ts";
import { createRunner } from "../../run/runner.ts";
import { visible } from "../../visible.ts";
import { Progress } from "../batch/progress.ts";
import { settingsOf } from "../batch/settings.ts";
import { asChat } from "../chat.ts";
import { requestsAtOnce } from "../run-options.ts";
import { counted } from "../view/describe.ts";
import type { World } from "../world.ts";
import { limitsOf, type RolloutFlags } from "./options.ts";

export interface Sampling {
  readonly flags: RolloutFlags;
  /** The file of the ledger. */
  readonly path: string;
  readonly problems: readonly RolloutProblem[];
  readonly dialect: Dialect;
  readonly engine: Engine;
}

export interface Sampled {
  readonly failed: number;
  /** What ended it before all rollouts were sampled. */
  readonly early: { readonly error: unknown } | undefined;
}

/** Samples the rollouts that the ledger lacks. */
export async function sampleMissing(
  { flags, path, problems, dialect, engine }: Sampling,
  world: World,
): Promise<Sampled> {
  const { group, answer: extract, grading, concurrency, "stop-after": stopAfter } = flags;
  const seed = flags.seed ?? (await seedIn(path, flags)) ?? drawSeed(() => world.random());
  const limits = limitsOf(flags);
  const decided = settingsOf({ model: engine.model, dialect, mode: "fork-join", seed, options: limits });
  const digest = digestOf(problems);
  const weightVersion = flags["weight-version"];
  const settings = { ...decided, group, extract, grading, problems: digest, weightVersion };
  const ledger = await RolloutLedger.open(path, withoutGaps(settings), flags);
  const total = problems.length * group - ledger.count;
  const there = ledger.count === 0 ? "" : ` (${ledger.count} are there)`;
  world.stderr.write(`${counted(total, "rollout")} to sample${there}\n`);
  const progress = new Progress({ stream: world.stderr, now: () => world.now(), total, concurrency });
  progress.begin(total);
  const clock = createClock(() => world.now());
  const runner = createRunner({ engine, dialect, concurrency: requestsAtOnce(flags, engine, concurrency), clock });
  const asked = problems.map((problem) => ({ ...problem, input: asChat(problem.input, engine) }));
  const skip = ({ id }: { id?: unknown }, sample: number): boolean => ledger.has({ id: String(id), sample });
  const onPause = (pause: Parameters<typeof progress.pause>[0]): void => progress.pause(pause, stopAfter);
  const how = { ...limits, seed, group, extract, grading, concurrency, stopAfter, skip, onPause, signal: world.signal };
  let failed = 0;
  try {
    for await (const one of rollOut(runner, asked, how)) {
      ledger.write(one);
      const hasFailed = "error" in one;
      if (hasFailed) world.stderr.write(`${visible(`${one.id}/${one.sample}: ${one.error.message}`)}\n`);
      if (hasFailed) failed += 1;
      progress.finish({ failed: hasFailed });
    }
    return { failed, early: undefined };
  } catch (error) {
    return { failed, early: { error } };
  } finally {
    ledger.close();
    progress.end();
  }
}

/** What `--resume` goes on with. */
async function seedIn(path: string, { resume }: RolloutFlags): Promise<number | undefined> {
  if (!resume || !existsSync(path) || !(await RolloutReader.hasBegun(path))) return undefined;
  const { seed } = (await RolloutReader.open(path)).header.settings;
  return typeof seed === "number" ? seed : undefined;
}

function withoutGaps(settings: Readonly<Record<string, string | number | undefined>>): RolloutSettings {
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, value ?? null]));
}

function digestOf(problems: readonly RolloutProblem[]): string {
  const hash = createHash("sha256");
  for (const { id, input, answer, options } of problems)
    hash.update(`${JSON.stringify([id, input, answer, options])}\n`);
  return hash.digest("hex").slice(0, 16);
}
