import { finishReasonOf, type FinishReason } from "../core/machine/ending.ts";
import type { State } from "../core/machine/state.ts";
import { countTokens } from "../core/measures/tokens.ts";
import { isKnownSampling } from "../core/trie/sampling.ts";
import type { Segment } from "../core/trie/trie.ts";
import type { Trajectory } from "./trajectory.ts";

/** What a machine has come to. */
export function trajectoryOfState(state: State, source: "trace" | "text"): Trajectory {
  const { generated, criticalPath } = countTokens(state);
  return {
    trie: state.trie,
    source,
    samplingBy: source === "text" ? "unknown" : samplingBy(state),
    tokens: { generated, criticalPath },
    finishOf: ({ maker }: Segment): FinishReason | undefined => {
      const ending = maker.by === "model" ? state.calls[maker.call]?.ending : undefined;
      return ending && finishReasonOf(ending);
    },
  };
}

function samplingBy({ trie }: State): "run" | "server" {
  const areKnown = trie.segments.every(({ origins }) =>
    origins.every(({ sampling = {} }) => isKnownSampling(sampling)),
  );
  return areKnown ? "run" : "server";
}
