import { createHash } from "node:crypto";
import { ThreadweaverError } from "../errors.ts";
import type { PolicyName } from "../grade/presets.ts";
import { problemSeed } from "../run/batch/seed.ts";
import { isWithoutChance } from "../run/attempts/options.ts";
import { readArm } from "./arms/arm.ts";
import { endpointInfo, type Endpoint } from "./arms/endpoint.ts";
import type { Problem } from "./datasets/problem.ts";
import { ledgerVersion, type ArmInfo, type Header } from "./ledger/header.ts";
import { checkProtocol, type Protocol } from "./protocol/protocol.ts";
import { drawIndex, seededRandom } from "./statistics/random.ts";

/** What is evaluated. */
export interface EvaluationOptions {
  /** As `loadDataset` gives it. */
  readonly dataset: {
    readonly name: string;
    readonly problems: readonly Problem[];
    readonly policy: PolicyName;
    readonly sha256?: string | undefined;
    readonly known: boolean;
    readonly skipped: readonly unknown[];
  };
  readonly protocol: Protocol;
  /** Such as `sequential`, `fork-join`, `attempts-5:quorum:3`, `fork-join@draft`. */
  readonly arms: readonly string[];
  /** The models that answer. The one named `default` is for arms that name none. */
  readonly endpoints: readonly Endpoint[];
  /** What all seeds follow from: the same one gives the same samples where the engine is deterministic. */
  readonly seed: number;
  /** Problems at once. With more than one, wall clocks are longer than the wait of one user. @defaultValue 1 */
  readonly concurrency?: number | undefined;
  /** Of the program that makes it, for the header. @defaultValue "unknown" */
  readonly version?: string | undefined;
  /** Milliseconds since the epoch. @defaultValue Date.now */
  readonly now?: (() => number) | undefined;
}

/** An evaluation that can begin. */
export interface Evaluation extends Omit<EvaluationOptions, "arms" | "now" | "concurrency" | "version"> {
  /** The first line of its ledger. */
  readonly header: Header;
  readonly now: () => number;
}

/**
 * Checks an evaluation before anything is asked of a model.
 *
 * @throws `invalid_option` for an arm, an endpoint or a protocol that cannot be used, and for a dataset without problems.
 */
export function planEvaluation(options: EvaluationOptions): Evaluation {
  const { dataset, endpoints, seed, concurrency = 1, version = "unknown", now = Date.now, ...rest } = options;
  const checked = checkProtocol(rest.protocol);
  // Reports have to name what counted as right.
  const protocol = checked.grading === "dataset" ? { ...checked, grading: dataset.policy } : checked;
  const arms = rest.arms.map(readArm);
  checkArms(arms, endpoints);
  checkChance(arms, endpoints, protocol);
  if (dataset.problems.length === 0) throw refused(`The dataset ${dataset.name} has no problem that can be graded`);
  const [{ dialect } = { dialect: { name: "" } }] = endpoints;
  const header: Header = {
    type: "header",
    version: ledgerVersion,
    threadweaver: version,
    created: new Date(now()).toISOString(),
    dataset: {
      name: dataset.name,
      ...(dataset.sha256 !== undefined && { sha256: dataset.sha256 }),
      known: dataset.known,
      problems: dataset.problems.length,
      digest: digestOf(dataset.problems),
      skipped: dataset.skipped.length,
    },
    protocol,
    arms,
    endpoints: endpoints.map(endpointInfo),
    dialect: dialect.name,
    seed,
    concurrency,
  };
  return { dataset, protocol, endpoints, seed, header, now };
}

/** One sample of one problem, by all arms. */
export interface Unit {
  readonly problem: Problem;
  readonly sample: number;
  /** The same for all arms. */
  readonly seed: number;
  /** In the order in which they answer. */
  readonly arms: readonly ArmInfo[];
}

/**
 * The work of an evaluation in its order: the first sample of every problem, then the second one, and so on. The arms of a
 * problem follow each other in an order that is drawn for each sample, so that a machine which becomes slower hurts all
 * arms alike. `budget` comes after the fork-join arm that it takes its limit from.
 */
export function* unitsOf({ dataset, protocol, header, seed }: Evaluation): Generator<Unit, void, undefined> {
  for (let sample = 0; sample < protocol.samples; sample += 1) {
    for (const problem of dataset.problems) {
      const own = problemSeed(seed, JSON.stringify(problem.id), sample);
      yield { problem, sample, seed: own, arms: inTurn(header.arms, own) };
    }
  }
}

function inTurn(arms: readonly ArmInfo[], seed: number): ArmInfo[] {
  const random = seededRandom(seed);
  const left = arms.filter(({ kind }) => kind !== "budget");
  const drawn = arms.flatMap(({ kind }) => (kind === "budget" ? [] : left.splice(drawIndex(random, left.length), 1)));
  return [...drawn, ...arms.filter(({ kind }) => kind === "budget")];
}

function checkArms(arms: readonly ArmInfo[], endpoints: readonly Endpoint[]): void {
  if (arms.length === 0) throw refused("An evaluation needs an arm, such as sequential");
  const names = endpoints.map(({ name }) => name);
  const twin = arms.find(({ name }, index) => arms.findIndex((one) => one.name === name) < index);
  if (twin !== undefined) throw refused(`The arm ${twin.name} is there twice`);
  const lost = arms.find(({ endpoint }) => !names.includes(endpoint));
  if (lost !== undefined)
    throw refused(`The arm ${lost.name} is for the endpoint ${lost.endpoint}: there are ${names.join(", ")}`);
  const alone = arms.find((arm) => arm.kind === "budget" && sourceOfBudget(arm, arms) === undefined);
  if (alone !== undefined) throw refused(`The arm ${alone.name} needs fork-join at the same endpoint, for its limit`);
}

/** A run would say it, when other arms have been asked for hours. */
function checkChance(arms: readonly ArmInfo[], endpoints: readonly Endpoint[], { sampling }: Protocol): void {
  for (const { name, attempts = 1, endpoint } of arms) {
    const { engine = {} } = endpoints.find((one) => one.name === endpoint) ?? {};
    if (isWithoutChance(attempts, sampling, engine))
      throw refused(`All attempts of the arm ${name} would be the same at temperature 0: give a higher one`);
  }
}

/** The arm whose critical path is the limit of a `budget` arm. */
export function sourceOfBudget({ endpoint }: ArmInfo, arms: readonly ArmInfo[]): ArmInfo | undefined {
  return arms.find((other) => other.kind === "fork-join" && other.endpoint === endpoint);
}

/** What of a problem decides whether an answer is right. */
type Decisive = Pick<Problem, "id" | "question" | "answer"> & { readonly tolerance?: number | undefined };

/** What tells problems from others: a ledger is gone on with where they are the same ones. */
export function digestOf(problems: readonly Decisive[]): string {
  const hash = createHash("sha256");
  for (const { id, question, answer, tolerance } of problems) {
    const decisive = [id, question, answer, ...(tolerance === undefined ? [] : [tolerance])];
    hash.update(`${JSON.stringify(decisive)}\n`);
  }
  return hash.digest("hex");
}

function refused(what: string): ThreadweaverError {
  return new ThreadweaverError("invalid_option", `${what}.`);
}
