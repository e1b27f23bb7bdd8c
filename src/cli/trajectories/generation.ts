import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileError } from "../../files/file-error.ts";
import { Answers } from "../../trajectories/ask/answers.ts";
import { JournalFile, type JournalHeader } from "../../trajectories/ask/journal-file.ts";
import { BudgetSpent, Spending } from "../../trajectories/ask/spending.ts";
import { dataCard } from "../../trajectories/card/card.ts";
import { Tally, type Yield } from "../../trajectories/card/tally.ts";
import { DerivedFiles } from "../../trajectories/making/files.ts";
import { generate, type Generated } from "../../trajectories/making/generate.ts";
import type { Outcome } from "../../trajectories/filter/outcome.ts";
import { Progress } from "../batch/progress.ts";
import { exitCodes } from "../exit-codes.ts";
import { reportError } from "../report-error.ts";
import { usageError } from "../usage.ts";
import { packageVersion } from "../version.ts";
import { counted } from "../view/describe.ts";
import { warn } from "../view/report.ts";
import type { World } from "../world.ts";
import { budgetOf, pricesOf, type TrajectoryFlags } from "./settings.ts";

const journalName = "answers.jsonl";

/** What is made in a folder, and how. */
export interface Generation<S extends { readonly id: string }, W> {
  readonly kind: string;
  readonly model: string;
  /** All that the answers of the model depend on. */
  readonly settings: JournalHeader["settings"];
  /** All else that the texts depend on. */
  readonly choices: Readonly<Record<string, unknown>>;
  readonly sources: { readonly name: string; readonly sha256: string; readonly all: readonly S[] };
  /** The files beside the journal and the card. */
  readonly files: readonly string[];
  readonly make: (answers: Answers) => (source: S) => Promise<Outcome<W>>;
  /** The lines that an outcome adds to the files. */
  readonly lines: (outcome: Outcome<W>) => Iterable<readonly [file: string, line: object]>;
  /** What the card says besides, when all is there. */
  readonly more?: () => readonly string[];
}

/** Makes texts in the folder of `--out`: a journal of all answers, the files that follow from it, and a data card. */
export async function generateInto<S extends { readonly id: string }, W>(
  generation: Generation<S, W>,
  flags: TrajectoryFlags,
  world: World,
): Promise<number> {
  const { out, resume, overwrite } = flags;
  if (out === undefined) throw usageError("Give --out: the folder for the texts.", "trajectories");
  if (resume && overwrite) throw usageError("--resume and --overwrite exclude each other.", "trajectories");
  const { kind, model, settings } = generation;
  const header = { type: "header", version: 1, kind, model, created: new Date().toISOString(), settings } as const;
  const spending = new Spending(pricesOf(flags), budgetOf(flags));
  mkdirSync(out, { recursive: true });
  const journal = await JournalFile.open(join(out, journalName), header, { resume, overwrite });
  if (journal.damaged > 0) {
    const lines = counted(journal.damaged, "line");
    warn(world, `${lines} of ${journal.path} could not be read. What they answered is asked for again.`);
  }
  const tally = new Tally();
  try {
    const made = await makeFiles(generation, { out, flags, world, answers: new Answers(journal, spending), tally });
    const numbers = tally.yield(spending);
    const card = cardOf(generation, { to: flags.to, created: journal.created, numbers });
    write(join(out, "card.md"), card);
    write(join(out, "card.json"), `${JSON.stringify(numbers, undefined, 2)}\n`);
    world.stdout.write(flags.json ? `${JSON.stringify(numbers)}\n` : card);
    return over(made, world);
  } finally {
    journal.close();
  }
}

interface Making {
  readonly out: string;
  readonly flags: TrajectoryFlags;
  readonly world: World;
  readonly answers: Answers;
  readonly tally: Tally;
}

/** Makes the files that follow from the answers: all of them, or none. */
async function makeFiles<S extends { readonly id: string }, W>(
  generation: Generation<S, W>,
  { out, flags, world, answers, tally }: Making,
): Promise<Generated> {
  const { all: sources } = generation.sources;
  const { concurrency } = flags;
  const files = new DerivedFiles(out, generation.files);
  const progress = new Progress({
    stream: world.stderr,
    now: () => world.now(),
    total: sources.length,
    concurrency,
    note: () => spent(answers.spending),
  });
  progress.begin(sources.length);
  try {
    const made = await generate({
      sources,
      make: generation.make(answers),
      concurrency,
      stopAfter: flags["stop-after"],
      sequentialShare: flags["sequential-share"],
      onDone: (failed) => progress.finish({ failed }),
      onOutcome: (outcome) => {
        tally.add(outcome);
        for (const [file, line] of generation.lines(outcome)) files.write(file, line);
      },
    });
    progress.end();
    files.finish();
    return made;
  } catch (error) {
    files.abandon();
    throw error;
  }
}

function cardOf<S extends { readonly id: string }, W>(
  { kind, model, settings, choices, sources, more }: Generation<S, W>,
  { to, created, numbers }: { readonly to: string; readonly created: string; readonly numbers: Yield },
): string {
  const subject = {
    kind,
    model,
    dialect: to,
    created,
    version: packageVersion(),
    sources: { name: sources.name, sha256: sources.sha256, count: sources.all.length },
    settings: { ...settings, ...choices },
    unit: "characters",
    more: more?.(),
  };
  return dataCard(subject, numbers);
}

function over({ failed, early }: Generated, world: World): number {
  if (failed > 0 || early !== undefined) world.stderr.write("The same command with --resume makes what is missing.\n");
  if (world.signal.aborted) return exitCodes.interrupted;
  if (early === undefined) return failed > 0 ? exitCodes.failed : exitCodes.ok;
  const { error } = early;
  if (!(error instanceof BudgetSpent)) return reportError(world, error);
  world.stderr.write(`${error.message}\n`);
  return exitCodes.failed;
}

function spent(spending: Spending): string {
  const { tokens, cost } = spending;
  return `${tokens} tokens${cost === undefined ? "" : `, ${cost.toFixed(2)} spent`}`;
}

function write(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (cause) {
    throw fileError(`${path} cannot be written`, cause);
  }
}
