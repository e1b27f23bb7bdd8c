import { createRunner, type Runner } from "../../run/runner.ts";
import type { RunInput } from "../../run/input.ts";
import type { RunOptions } from "../../run/options.ts";
import type { Recorder } from "../../run/recorder.ts";
import type { RunResult } from "../../run/result.ts";
import type { Clock } from "../../run/clock.ts";
import type { AttemptsResult } from "../../run/attempts/result.ts";
import { equal } from "../../grade/equal.ts";
import type { Policy } from "../../grade/policy.ts";
import type { Problem } from "../datasets/problem.ts";
import type { ArmInfo } from "../ledger/header.ts";
import { hasCutThread, type Sample } from "../ledger/sample.ts";
import type { Protocol } from "../protocol/protocol.ts";
import { inputOf } from "../protocol/input.ts";
import { policiesOf } from "./arm.ts";
import { runInBudget } from "./budget.ts";
import type { OpenEndpoint } from "./endpoint.ts";
import { authorsAcceleration, isWellFormed, measure } from "./measure.ts";
import { scoreAnswer, scoreText } from "./score.ts";

/** What one sample is made of. */
export interface Asked {
  readonly arm: ArmInfo;
  readonly endpoint: OpenEndpoint;
  readonly problem: Problem;
  readonly protocol: Protocol;
  /** What counts as right for this problem. */
  readonly policy: Policy;
  readonly seed: number;
  /** Of the arm `budget`: its tokens. A limit is at least one token, also where the other sample had none. */
  readonly budget: number | undefined;
  readonly signal: AbortSignal | undefined;
  readonly clock: Clock | undefined;
  /** Whether the text is kept. */
  readonly text: boolean;
  readonly recorder: Recorder | undefined;
}

/** What a sample has, without its place in the ledger. */
export type Answered = Omit<Sample, "type" | "arm" | "problem" | "sample" | "seed" | "startedAt">;

/**
 * Answers one problem in the way of an arm.
 *
 * @throws what a run throws.
 */
export async function runArm(asked: Asked): Promise<Answered> {
  const { arm, endpoint, problem, protocol, policy, budget } = asked;
  const input = inputOf(protocol, problem.question, endpoint.engine);
  const options = optionsOf(asked);
  switch (arm.kind) {
    case "sequential":
      return ofText(asked, await runnerOf(asked).run(input, { ...options, mode: "sequential" }).result);
    case "one-pass":
    case "fork-join":
    case "threads-in-turn": {
      const mode = arm.kind === "one-pass" ? "one-pass" : "fork-join";
      // One slot makes threads wait for each other.
      const runner = runnerOf(asked, arm.kind === "threads-in-turn" ? 1 : undefined);
      const result = await runner.run(input, { ...options, mode, tree: true }).result;
      const { tags, dialect } = endpoint;
      return {
        ...ofText(asked, result),
        wellFormed: isWellFormed(dialect, result),
        authorsAcceleration: tags === undefined ? null : authorsAcceleration(result.tree, result.tokens.prompt, tags),
      };
    }
    case "budget":
      return ofBudget(asked, input, options, Math.max(1, budget ?? 1));
    case "attempts": {
      const { attempts: count = 1 } = arm;
      const deciders = { policy: policiesOf(arm), answer: protocol.answer };
      const same = (a: string, b: string): boolean => equal(a, b, policy).equal;
      const run = runnerOf(asked).attempts(input, { ...options, ...deciders, equal: same, count });
      return ofAttempts(asked, await run.result);
    }
  }
}

function runnerOf({ endpoint: { engine, dialect }, clock }: Asked, concurrency?: number): Runner {
  return createRunner({ engine, dialect, concurrency, clock });
}

function optionsOf({ arm, protocol: { sampling, limit, specialInPrompt }, seed, signal, recorder }: Asked): RunOptions {
  const tokens = limit?.tokens;
  // Where nothing forks, main is the one thread.
  const isOneThread = arm.kind === "sequential" || arm.kind === "one-pass";
  const of = limit?.of === "thread" && isOneThread ? "critical-path" : limit?.of;
  return {
    ...sampling,
    specialInPrompt,
    seed,
    signal,
    recorder,
    maxCriticalTokens: of === "critical-path" ? tokens : undefined,
    maxTokens: of === "total" ? tokens : undefined,
    maxThreadTokens: of === "thread" ? tokens : undefined,
  };
}

function ofText({ problem, protocol, policy, text }: Asked, result: RunResult): Answered {
  const scored = scoreText(result.content, problem, protocol, policy);
  return {
    ...measure(result),
    ...scored,
    wellFormed: null,
    authorsAcceleration: null,
    ...(text && { text: result.text }),
  };
}

async function ofBudget(asked: Asked, input: RunInput, options: RunOptions, tokens: number): Promise<Answered> {
  const { endpoint, problem, protocol, policy, text } = asked;
  const { engine, dialect } = endpoint;
  const place = { runner: runnerOf(asked), engine, thinkingEnd: dialect.thinkingEnd ?? "</think>" };
  const budgeted = await runInBudget(place, input, { tokens, closing: protocol.closing, options });
  const [first, second] = budgeted.results;
  const measured = second === undefined ? measure(first) : together(measure(first), measure(second));
  return {
    ...measured,
    ...scoreText(budgeted.text, problem, protocol, policy),
    wellFormed: null,
    authorsAcceleration: null,
    budget: { tokens, closed: budgeted.closed },
    ...(text && { text: budgeted.text }),
  };
}

type Measures = ReturnType<typeof measure>;

/** Two runs, one after the other: the second one's prompt is what the first one wrote. */
function together(first: Measures, second: Measures): Measures {
  const [a, b] = [first.tokens, second.tokens];
  return {
    ...second,
    ms: first.ms + second.ms,
    tokens: {
      prompt: a.prompt,
      generated: a.generated + b.generated,
      inserted: a.inserted + Math.max(0, b.prompt - a.prompt - a.generated),
      wasted: a.wasted + b.wasted,
      sent: a.sent + b.sent,
      cached: a.cached === null || b.cached === null ? null : a.cached + b.cached,
      criticalPath: a.criticalPath + b.criticalPath,
      inThreads: 0,
    },
    retries: first.retries + second.retries,
  };
}

function ofAttempts({ problem, policy, text, arm }: Asked, result: AttemptsResult): Answered {
  const { answer, votes, saved } = result;
  const scored =
    answer === undefined
      ? { score: 0 as const, answer: null, found: "no attempt had an answer", decided: null }
      : { ...scoreAnswer(answer, problem, policy), found: "vote" };
  const measured = measure(result);
  return {
    ...measured,
    // Main writes nothing, so what a limit cuts is an attempt.
    truncated: measured.truncated || hasCutThread(measured),
    // The model forked nothing: `attempts` says how many there were.
    threads: 0,
    forks: 0,
    ...scored,
    wellFormed: null,
    authorsAcceleration: null,
    attempts: {
      count: arm.attempts ?? 1,
      votes: votes.map(({ answer: voted, weight }) => ({ answer: voted, weight })),
      savedTokens: saved.tokens,
    },
    ...(text && { text: result.text }),
  };
}
