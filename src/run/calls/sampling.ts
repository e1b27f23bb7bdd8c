import { samplingNames, type KnownSampling, type SamplingParameters } from "../../core/trie/sampling.ts";

export interface SamplingSources {
  /** Of the run. */
  own: SamplingParameters & { threadSampling?: SamplingParameters | undefined };
  /** The dialect's own for threads; undefined for main. */
  thread: SamplingParameters | undefined;
  isThread: boolean;
  /** What the engine does where nothing is said, if that is known. */
  defaults: KnownSampling | undefined;
}

/** What a call is sampled with. For threads `threadSampling` wins, then the dialect, then what holds for the run. */
export function samplingOf({ own, thread, isThread, defaults }: SamplingSources): SamplingParameters {
  const layers = isThread ? [own.threadSampling, thread, own, defaults] : [own, defaults];
  return Object.fromEntries(
    samplingNames.flatMap((name) => {
      const value = layers.map((layer) => layer?.[name]).find((given) => given !== undefined);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
