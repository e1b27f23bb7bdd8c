import { step } from "../../src/core/machine/machine.ts";
import { callOf, createState, sequenceOf } from "../../src/core/machine/state.ts";
import type { Dialect } from "../../src/core/dialects/schema.ts";
import type { Input } from "../../src/core/machine/protocol.ts";
import type { Recorder } from "../../src/run/recorder.ts";
import { chanceFrom } from "../core/drive.ts";
import { createFlavourVocabulary, createScriptedModel, type Flavour } from "../reference/scripted-model.ts";
import type { Planned } from "../reference/transcript.ts";
import { modelEngine, type EngineMode, type ModelEngine } from "./model-engine.ts";

/** What one run of a scripted model needs. What that model writes depends on where each call stands. */
export interface ScriptedRun {
  engine: ModelEngine;
  /** Must be the run's: it tells the engine where each call stands. */
  recorder: Recorder;
  planned: Planned | undefined;
}

/** A scripted model of a format, for one run without limits. */
export function scriptedRun(
  dialect: Dialect,
  flavour: Flavour,
  { seed, order, mode }: { seed: number; order: number; mode: EngineMode },
): ScriptedRun {
  const model = createScriptedModel({ vocabulary: createFlavourVocabulary(flavour), seed, flavour });
  const shadow = createState({ dialect });
  const engine = modelEngine(model, mode, chanceFrom(order), (id) => {
    const call = callOf(shadow, id);
    return { threadId: sequenceOf(shadow, call.sequence).threadId, callIndex: call.callIndex };
  });
  const recorder = { input: (input: Input) => void step(shadow, JSON.parse(JSON.stringify(input)) as Input) };
  return { engine, recorder, planned: model.planned };
}
