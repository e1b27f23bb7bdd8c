import * as z from "zod";
import { checkPolicies } from "../../core/policies/check.ts";
import { samplingSchema, type SamplingParameters } from "../../core/trie/sampling.ts";
import { parseOptions } from "../../engine/parse-options.ts";
import { ThreadweaverError } from "../../errors.ts";
import { describe } from "../input.ts";
import type { ThreadResult } from "../result.ts";
import { functionSchema } from "../function-schema.ts";
import { optionsSchema, type CheckedOptions, type RunOptions } from "../options.ts";
import { checkTemplate, type Combine, type CombineFunction } from "./template.ts";

/**
 * One branch of a fork. Its sampling parameters win over `threadSampling` and over those of the run. Control strings in
 * its text stay text.
 */
export type ForkBranch = SamplingParameters & {
  /** How the result and `combine` name it. @defaultValue its place, from "1" */
  name?: string | undefined;
  /** Most tokens that it may generate. @defaultValue `maxThreadTokens` of the fork */
  maxTokens?: number | undefined;
} & (
    | {
        /** A turn of the user after the messages; the branch answers it. */
        ask: string;
        continue?: undefined;
      }
    | {
        /** Text after a prompt; after messages it begins the assistant's turn. The branch goes on from there. */
        continue: string;
        ask?: undefined;
      }
  );

/** Options of a fork: those of a run, without the ones that say how a model may fork. */
export interface ForkOptions extends Omit<
  RunOptions,
  "mode" | "maxThreads" | "maxForks" | "maxDepth" | "answer" | "equal"
> {
  /**
   * What comes after the branches. `none`: nothing, and the text of the run is empty. `combine` makes what the model goes
   * on after: after messages it is a turn of the user, after a prompt it is text. A function gets the results in the order
   * of the branches, with those that failed or were cut. In a template `{results}` stands for all results, each under its
   * name, and `{NAME}` for that of one branch; a record of the run has the template, but no function.
   *
   * @defaultValue "none"
   */
  join?: "none" | { combine: string | ((results: readonly ThreadResult[]) => string) } | undefined;
}

/** The branches of one fork: a fork of more is refused. */
const mostBranches = 4096;

const branchSchema = samplingSchema.extend({
  name: z.string().min(1).optional(),
  maxTokens: z.int().min(1).optional(),
  ask: z.string().min(1).optional(),
  continue: z.string().min(1).optional(),
});

/** Options of a run that mean nothing here. */
const without = { mode: true, maxThreads: true, maxForks: true, maxDepth: true, answer: true, equal: true } as const;

const schema = optionsSchema.omit(without).extend({
  join: z
    .union([z.literal("none"), z.strictObject({ combine: z.union([z.string(), functionSchema<CombineFunction>()]) })], {
      error: 'must be "none" or { combine }, where combine is a function or a template',
    })
    .default("none"),
});

export interface CheckedBranch {
  /** Where it stands among the branches, for messages. */
  readonly where: string;
  readonly name: string;
  readonly kind: "ask" | "continue";
  readonly text: string;
  readonly maxTokens: number | undefined;
  readonly sampling: SamplingParameters | undefined;
}

export interface CheckedFork {
  readonly branches: readonly CheckedBranch[];
  /** Undefined: nothing comes after the branches. */
  readonly combine: Combine | undefined;
  readonly options: CheckedOptions;
}

/** @throws `invalid_option`, naming each branch and each option that cannot be used, and why. */
export function checkFork(branches: readonly ForkBranch[], given: ForkOptions): CheckedFork {
  const { join, threadSampling, ...options } = parseOptions("fork", schema, given);
  const checked = checkBranches(branches, threadSampling);
  const combine = join === "none" ? undefined : join.combine;
  if (typeof combine === "string") {
    checkTemplate(
      combine,
      checked.map(({ name }) => name),
    );
  }
  checkPolicies(options.policy, { kind: "subtasks", what: "the branches of a fork", count: checked.length });
  return { branches: checked, combine, options: { ...options, mode: "fork-join", answer: "auto", equal: "default" } };
}

function checkBranches(branches: unknown, threadSampling: SamplingParameters | undefined): CheckedBranch[] {
  if (!Array.isArray(branches)) throw invalid(`branches is ${describe(branches)}; it must be a list of branches`);
  if (branches.length === 0) throw invalid("branches is empty: a fork needs at least one branch");
  if (branches.length > mostBranches) {
    throw invalid(`there are ${branches.length} branches, and a fork has ${mostBranches} at most`);
  }
  const places = new Map<string, number>();
  return branches.map((branch: unknown, i) => {
    const checked = checkBranch(branch, i, threadSampling);
    const other = places.get(checked.name);
    if (other !== undefined) {
      const name = JSON.stringify(checked.name);
      throw invalid(`branches[${other}] and branches[${i}] are both named ${name}: each needs a name of its own`);
    }
    places.set(checked.name, i);
    return checked;
  });
}

function checkBranch(branch: unknown, i: number, threadSampling: SamplingParameters | undefined): CheckedBranch {
  const where = `branches[${i}]`;
  if (typeof branch !== "object" || branch === null || Array.isArray(branch)) {
    throw invalid(`${where} is ${describe(branch)}; it must be { ask: "…" } or { continue: "…" }`);
  }
  const { name = `${i + 1}`, maxTokens, ask, continue: begun, ...own } = parseOptions(where, branchSchema, branch);
  const text = ask ?? begun;
  if (text === undefined || (ask !== undefined && begun !== undefined)) {
    const has = text === undefined ? "has neither" : "has both";
    throw invalid(
      `${where} ${has} ask (a turn of the user) ${text === undefined ? "nor" : "and"} continue (text): give one`,
    );
  }
  if (!text.isWellFormed())
    throw invalid(`${where} holds half a character (a lone surrogate): was its text cut inside an emoji?`);
  const sampling = { ...threadSampling, ...own };
  const hasSampling = Object.values(sampling).some((value) => value !== undefined);
  const kind = ask === undefined ? "continue" : "ask";
  return { where, name, kind, text, maxTokens, sampling: hasSampling ? sampling : undefined };
}

function invalid(message: string): ThreadweaverError {
  return new ThreadweaverError("invalid_option", message);
}
