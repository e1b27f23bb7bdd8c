import { dialectData } from "../core/dialects/dialect.ts";
import { protocolVersion, type Vocabulary } from "../core/machine/protocol.ts";
import type { Dialect } from "../core/dialects/schema.ts";
import type { Piece } from "../core/trie/piece.ts";
import type { Engine } from "../engine/engine.ts";
import type { AttemptVote } from "./attempts/options.ts";
import { recordOf } from "./policies/record.ts";
import type { Combine } from "./fork/template.ts";
import { limitsOf, type CheckedOptions } from "./options.ts";
import { headerVersion, type RunHeader } from "./recorder.ts";

export interface HeaderSetup {
  engine: Engine;
  dialect: Dialect;
  id: string;
  seed: number;
  options: CheckedOptions;
  combine?: Combine | undefined;
  vote?: AttemptVote | undefined;
}

/** What a run is started with, for its record. */
export function headerOf(
  { engine, dialect, id, seed, options, combine, vote }: HeaderSetup,
  { began, prompt, vocabulary }: { began: number; prompt: Piece; vocabulary: Vocabulary },
): RunHeader {
  const { name, model, tier = "ids", contextTokens, tokenizer } = engine;
  const { mode, stop, temperature, topP, topK, minP, repetitionPenalty } = options;
  const { threadSampling, templateOptions, logprobs, metadata } = options;
  const deciders = recordOf(options, vote);
  return {
    version: headerVersion,
    protocol: protocolVersion,
    id,
    began,
    seed,
    mode,
    dialect: { ...dialectData(dialect) },
    limits: limitsOf(options),
    stop,
    ...(typeof combine === "string" && { combine }),
    ...(deciders && { deciders }),
    sampling: { temperature, topP, topK, minP, repetitionPenalty },
    threadSampling,
    templateOptions,
    logprobs,
    engine: { name, model, tier, ...(Number.isFinite(contextTokens) && { contextTokens }) },
    vocabulary: { eos: [...vocabulary.eos], markers: { ...vocabulary.markers }, size: tokenizer.vocabularySize },
    promptTokens: prompt.ids?.length ?? 0,
    metadata,
  };
}
