import { randomInt } from "node:crypto";

/**
 * What a fork costs besides its own tokens. `shared`: nothing. `aligned(n)`: the rest of a block of n tokens.
 * `recomputed`: the whole prefix. `unknown`: the server does not report what it had cached.
 */
export type ForkCost = "shared" | `aligned(${number})` | "recomputed" | "unknown";

/** What was measured about the prefix cache of a server. */
export interface CacheMeasurement {
  forkCost: ForkCost;
  /** For children of an earlier prompt: how many tokens each shared with it, and how many of its tokens were cached. */
  samples: { sharedTokens: number; cachedTokens: number | undefined }[];
  /** For three children that were sent at once, of a prefix that had not been sent before: what each found cached. */
  coldSiblings: { sharedTokens: number; cachedTokens: (number | undefined)[] };
}

export interface CacheMeasurementSetup {
  /** Sends a prompt, waits for one token, and returns what was cached. */
  ask: (prompt: readonly number[]) => Promise<number | undefined>;
  /** Ordinary tokens to make prompts of. */
  alphabet: readonly number[];
  /** Put before each prompt. */
  bos: number | undefined;
  /** Most tokens of one call, prompt and generated tokens together. */
  contextTokens: number;
  /** A whole number from 0 to `end` - 1. */
  random?: ((end: number) => number) | undefined;
}

/**
 * Lengths of shared prefixes. None is a multiple of a block in use, so that children leave their parents inside a
 * block. Each is less than twice the one before, so that for every block one of them holds exactly one of it.
 */
const sharedLengths = [27, 45, 77, 141, 269, 525, 1041, 2071, 4139, 8271, 16_537] as const;
const suffixTokens = 8;
const siblings = 3;

/**
 * Measures what forks cost, instead of trusting a version. On hybrid models the cache may be on and still never be hit,
 * because its blocks are longer than what forks share.
 */
export async function measureCache(setup: CacheMeasurementSetup): Promise<CacheMeasurement> {
  const { ask, contextTokens } = setup;
  const samples: CacheMeasurement["samples"] = [];
  for (const sharedTokens of sharedLengths) {
    if (sharedTokens + suffixTokens >= contextTokens) break;
    const prefix = randomPrompt(setup, sharedTokens);
    // oxlint-disable no-await-in-loop -- a child that comes while its parent runs would measure something else
    await ask(childOf(setup, prefix, 0));
    samples.push({ sharedTokens, cachedTokens: await ask(childOf(setup, prefix, 1)) });
    // oxlint-enable no-await-in-loop
    if (isSettled(samples)) break;
  }
  return { forkCost: forkCostOf(samples), samples, coldSiblings: await measureSiblings(setup) };
}

async function measureSiblings(setup: CacheMeasurementSetup): Promise<CacheMeasurement["coldSiblings"]> {
  const sharedTokens = Math.min(301, setup.contextTokens - 1 - suffixTokens);
  const prefix = randomPrompt(setup, sharedTokens);
  const children = Array.from({ length: siblings }, (_, index) => setup.ask(childOf(setup, prefix, index)));
  return { sharedTokens, cachedTokens: await Promise.all(children) };
}

/**
 * Whether the samples suffice. Short prompts do where blocks are short. Longer ones are sent only while nothing was
 * hit.
 */
function isSettled(samples: CacheMeasurement["samples"]): boolean {
  return samples.filter(({ cachedTokens }) => cachedTokens !== undefined && cachedTokens > 0).length >= 3;
}

/** Finds the block length that explains every sample. */
export function forkCostOf(samples: CacheMeasurement["samples"]): ForkCost {
  const reported = samples.flatMap(({ sharedTokens, cachedTokens }) =>
    cachedTokens === undefined ? [] : [{ sharedTokens, cachedTokens }],
  );
  if (reported.length === 0) return "unknown";
  // The last token that both prompts share may be computed again.
  if (reported.every(({ sharedTokens, cachedTokens }) => cachedTokens >= sharedTokens - 1)) return "shared";
  const block = reported.reduce((divisor, { cachedTokens }) => greatestCommonDivisor(divisor, cachedTokens), 0);
  if (block === 0) return "recomputed";
  const explained = reported.every(({ sharedTokens, cachedTokens }) => sharedTokens - cachedTokens < block + 1);
  return explained ? `aligned(${block})` : "unknown";
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

function randomPrompt({ alphabet, bos, random = randomInt }: CacheMeasurementSetup, length: number): number[] {
  const ids = Array.from(
    { length: bos === undefined ? length : length - 1 },
    () => alphabet[random(alphabet.length)] ?? 0,
  );
  return bos === undefined ? ids : [bos, ...ids];
}

/** The first token after the prefix differs between the children, so that nothing more is shared by chance. */
function childOf({ alphabet }: CacheMeasurementSetup, prefix: readonly number[], index: number): number[] {
  return [...prefix, ...Array.from({ length: suffixTokens }, () => alphabet[index % alphabet.length] ?? 0)];
}
