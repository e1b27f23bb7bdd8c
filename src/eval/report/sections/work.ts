import type { ArmSummary, Summary } from "../../summary/summary.ts";
import { tableOf, textOf, type Section } from "../document.ts";
import { amount, bounded, counts, percent, ratio, share, shown } from "../numbers.ts";
import { endpointOf } from "./settings.ts";

export function latencySection({ arms, header }: Summary): Section {
  const { concurrency, endpoints } = header;
  const servers = endpoints.map((endpoint) => `${endpoint.name}: ${endpointOf(endpoint)}`).join("; ");
  return {
    title: "Latency",
    blocks: [
      textOf(
        `Wall clocks were taken with ${concurrency} ${concurrency === 1 ? "problem" : "problems"} at once on ${servers}.`,
        concurrency === 1 ? undefined : "So they are not what one user waits for alone.",
        "A cut sample is shorter than it would have been.",
      ),
      tableOf(arms, [
        ["Arm", ({ name }) => name],
        ["Critical path, tokens", ({ criticalPath }) => bounded(criticalPath, amount)],
        ["Milliseconds", ({ milliseconds }) => bounded(milliseconds, amount)],
        ["Median ms", ({ wallClock }) => shown(wallClock?.median, amount)],
        ["90th percentile ms", ({ wallClock }) => shown(wallClock?.p90, amount)],
        ["Waiting for threads, ms", ({ waiting }) => shown(waiting, amount)],
        ["Cut by a limit", ({ truncated }) => shown(truncated.share, percent)],
        ["With a cut thread", ({ cutThreads }) => shown(cutThreads.share, percent)],
      ]),
    ],
  };
}

export function tokensSection({ arms }: Summary): Section {
  return {
    title: "Tokens of a sample",
    blocks: [
      tableOf(arms, [
        ["Arm", ({ name }) => name],
        ["Generated", ({ tokens }) => shown(tokens?.generated, amount)],
        ["Critical path", ({ tokens }) => shown(tokens?.criticalPath, amount)],
        ["In threads", ({ tokens }) => shown(tokens?.inThreads, amount)],
        ["Inserted", ({ tokens }) => shown(tokens?.inserted, amount)],
        ["Wasted", ({ tokens }) => shown(tokens?.wasted, amount)],
        ["Prompt", ({ tokens }) => shown(tokens?.prompt, amount)],
        ["Sent", ({ tokens }) => shown(tokens?.sent, amount)],
        ["Cached, of what was sent", ({ parallelism, samples }) => share(parallelism.cached, samples)],
        ["Attempts", ({ attempts }) => shown(attempts?.mean, ratio)],
        ["Saved by cutting (an estimate)", ({ attempts }) => shown(attempts?.savedTokens, amount)],
        ["Closed at the budget", ({ budgetClosed, samples }) => share(budgetClosed, samples)],
      ]),
    ],
  };
}

export function parallelismSection({ arms }: Summary): Section {
  return {
    title: "Parallelism",
    blocks: [
      tableOf(arms, [
        ["Arm", ({ name }) => name],
        ["Activation", ({ parallelism }) => shown(parallelism.activation, percent)],
        ["Threads per fork", ({ parallelism }) => shown(parallelism.threadsPerFork, ratio)],
        ["Parallel share", ({ parallelism }) => shown(parallelism.parallelShare, percent)],
        ["Acceleration", ({ parallelism }) => shown(parallelism.acceleration, percent)],
        ["Acceleration, the authors'", ({ parallelism, samples }) => share(parallelism.authorsAcceleration, samples)],
        ["Well-formed", ({ parallelism, samples }) => share(parallelism.wellFormed, samples)],
        ["Idle for stragglers", ({ parallelism }) => shown(parallelism.stragglerIdle, percent)],
        ["Early ends of threads", ({ earlyEnds }) => counts(earlyEnds)],
        ["Endings", ({ endings }) => counts(endings)],
        ["Retries", ({ retries }: ArmSummary) => `${retries}`],
      ]),
    ],
  };
}
