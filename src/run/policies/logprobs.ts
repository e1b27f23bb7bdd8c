import { needsOf } from "../../core/policies/check.ts";
import { tokenConfidence } from "../../core/policies/confidence.ts";
import type { Piece } from "../../core/trie/piece.ts";
import type { Logprobs } from "../../engine/engine.ts";
import { factsOf, ThreadweaverError } from "../../errors.ts";
import { sentence } from "../failure.ts";
import type { CheckedOptions } from "../options.ts";

type Wanted = Pick<CheckedOptions, "logprobs" | "policy">;

/** Which log-probabilities a call asks its engine for: those that the run is to keep, and those that a policy needs. */
export function logprobsFor({ logprobs, policy }: Wanted, threadId: string): Logprobs {
  const needed = neededFor(policy, threadId);
  if (needed === undefined) return logprobs;
  return { top: Math.max(needed, typeof logprobs === "object" ? logprobs.top : 0) };
}

/** Pieces as the run keeps them: of what only a policy needs, there is one number a token. */
export function kept(pieces: readonly Piece[], { logprobs, policy }: Wanted, threadId: string): readonly Piece[] {
  const needed = neededFor(policy, threadId);
  if (needed === undefined) return pieces;
  return pieces.map(({ logprobs: chosen, topLogprobs: tops, ...piece }) => {
    const confidences = tops?.map((top) => tokenConfidence(top, needed)).filter((one) => one !== undefined);
    return {
      ...piece,
      ...(logprobs !== false && chosen && { logprobs: chosen }),
      ...(typeof logprobs === "object" && tops && { topLogprobs: tops.map((top) => top.slice(0, logprobs.top)) }),
      ...(confidences !== undefined && confidences.length === tops?.length && { confidences }),
    };
  });
}

/** The error of an engine that cannot return what a policy needs, with what to do about it. Another one is left as it is. */
export function explained(error: unknown, { policy }: Wanted, threadId: string): unknown {
  if (neededFor(policy, threadId) === undefined || !ThreadweaverError.isInstance(error)) return error;
  if (error.code !== "invalid_option" || !error.message.startsWith("logprobs")) return error;
  const { name = "" } = policy.find(({ needs }) => needs?.confidence !== undefined) ?? {};
  const message = `The policy ${name} measures how sure the model is. ${sentence(error.message)} Policies that need none of it are firstOf, quorum, deadline, criticalTokens and stragglers.`;
  return new ThreadweaverError(error.code, message, { ...factsOf(error), cause: error });
}

/** Policies look at threads only. */
function neededFor(policy: Wanted["policy"], threadId: string): number | undefined {
  return threadId === "0" || policy.length === 0 ? undefined : needsOf(policy).confidence?.topLogprobs;
}
