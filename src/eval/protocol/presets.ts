import { ThreadweaverError } from "../../errors.ts";
import type { Protocol } from "./protocol.ts";

const usual: Protocol = {
  name: "default",
  form: "chat",
  template: "{question}\n\nReason step by step, and put the final answer into \\boxed{}.",
  samples: 1,
  sampling: {},
  answer: "auto",
  grading: "dataset",
  closing: { text: "\n\nThe final answer is \\boxed{", tokens: 64 },
};

const named = (name: string, changes: Partial<Protocol>): Protocol => ({ ...usual, name, ...changes });

/** Protocols of published evaluations, as their code has them. How the question is worded is ours. */
export const protocols: Readonly<Record<string, Protocol>> = {
  default: usual,
  /** ThreadWeaver's evaluator. It limits the context to 40,960 tokens; here that is the critical path. */
  threadweaver: named("threadweaver", {
    samples: 16,
    sampling: { temperature: 0.6, topP: 0.95 },
    limit: { tokens: 40_960, of: "critical-path" },
  }),
  /** Parallel-R1 on AIME and AMC. Its limit is one of the path. */
  "parallel-r1": named("parallel-r1", {
    samples: 16,
    sampling: { temperature: 1 },
    limit: { tokens: 4096, of: "critical-path" },
  }),
  /** Native Parallel Reasoner. */
  npr: named("npr", {
    samples: 8,
    sampling: { temperature: 1, topP: 0.7 },
    limit: { tokens: 40_000, of: "total" },
  }),
  /** DC-CoT on AIME 2024. */
  "dc-cot": named("dc-cot", {
    samples: 50,
    sampling: { temperature: 0.6, topP: 0.95, topK: 10_000 },
    limit: { tokens: 12_000, of: "critical-path" },
  }),
  /** The technical report of Qwen3 on AIME, with thinking. */
  qwen3: named("qwen3", {
    samples: 64,
    sampling: { temperature: 0.6, topP: 0.95, topK: 20 },
    limit: { tokens: 38_912, of: "critical-path" },
  }),
  /** One greedy sample, as the evaluation of Qwen2.5-Math and lm-eval take it. */
  greedy: named("greedy", { samples: 1, sampling: { temperature: 0 } }),
};

/**
 * The protocol of that name.
 *
 * @throws `invalid_option` with the names that there are.
 */
export function protocolOf(name: string): Protocol {
  const found = Object.hasOwn(protocols, name) ? protocols[name] : undefined;
  if (found !== undefined) return found;
  const names = Object.keys(protocols).join(", ");
  throw new ThreadweaverError("invalid_option", `There is no protocol ${JSON.stringify(name)}. There are ${names}.`);
}
