import { z } from "zod";
import type { ChatMessage } from "../core/trie/piece.ts";
import type { Input } from "../core/machine/state.ts";
import { ThreadweaverError } from "../errors.ts";

/** What to go on from: exactly one of the three. */
export type RunInput =
  /** Chat messages, rendered with the model's own template. Untrusted: control strings in them stay text. */
  | { messages: readonly ChatMessage[] }
  /** Sent byte for byte, nothing trimmed or appended; begin-of-sequence by the tokenizer's own rule. */
  | { prompt: string }
  /** Sent as they are; begin-of-sequence is the caller's business. */
  | { promptIds: readonly number[] };

const optionsSchema = z.strictObject({
  mode: z.enum(["fork-join", "sequential"]).default("fork-join"),
  temperature: z.number().min(0).max(10).default(0),
  topP: z.number().gt(0).max(1).default(1),
  repetitionPenalty: z.number().gt(0).max(10).default(1),
  seed: z.int().min(0).optional(),
  maxTokens: z.int().min(1).optional(),
  maxThreadTokens: z.int().min(1).optional(),
  maxThreads: z.int().min(1).max(4096).optional(),
  maxForks: z.int().min(1).max(4096).optional(),
  logprobs: z.boolean().default(false),
  specialInPrompt: z.enum(["parse", "text"]).optional(),
});

export interface RunOptions {
  /** `sequential` is the same dialect without its trigger: nothing forks. @defaultValue "fork-join" */
  mode?: "fork-join" | "sequential" | undefined;
  /** 0 is greedy. A dialect's own setting for threads wins. @defaultValue 0 */
  temperature?: number | undefined;
  /** @defaultValue 1 */
  topP?: number | undefined;
  /** @defaultValue 1 */
  repetitionPenalty?: number | undefined;
  /**
   * Every call's seed is derived from it and from the thread's place (`callSeed`), so one number repeats a run.
   * Undefined: a random one (`random` of the runner); it is in the result's tree.
   */
  seed?: number | undefined;
  /** Generated tokens of the whole run, all threads together. @defaultValue the room in the context */
  maxTokens?: number | undefined;
  /** Generated tokens of one thread, those of its own threads not. @defaultValue the room in the context */
  maxThreadTokens?: number | undefined;
  /** A fork of more threads than this is refused. @defaultValue the dialect's, else 64 */
  maxThreads?: number | undefined;
  /** @defaultValue the dialect's, else 32 */
  maxForks?: number | undefined;
  /** Keep the log-probability of each generated token in the tree. @defaultValue false */
  logprobs?: boolean | undefined;
  /** What a control string in `prompt` means. Undefined: such a prompt is refused. */
  specialInPrompt?: "parse" | "text" | undefined;
  /** Ends the run; its reason travels with the error. */
  signal?: AbortSignal | undefined;
  /** Hears all that goes into the machine, to record a trace: the run follows from it again. */
  onInput?: ((input: Input, at: number) => void) | undefined;
}

export type CheckedOptions = z.output<typeof optionsSchema>;

/** Throws `invalid_option`, naming each option that cannot be used and why. */
export function checkOptions({ signal, onInput, ...rest }: RunOptions): CheckedOptions {
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new ThreadweaverError("invalid_option", "signal must be an AbortSignal");
  }
  if (onInput !== undefined && typeof onInput !== "function") {
    throw new ThreadweaverError("invalid_option", "onInput must be a function");
  }
  const parsed = optionsSchema.safeParse(rest);
  if (!parsed.success) throw new ThreadweaverError("invalid_option", `run options:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
