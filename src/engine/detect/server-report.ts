import type { EngineWarning } from "../engine.ts";
import type { EngineProfile } from "../profile.ts";
import type { Tier } from "../tier.ts";
import type { Marker } from "../vocabulary.ts";
import type { CacheMeasurement, ForkCost } from "./measure-cache.ts";

/** What was found out about a server. Plain data: `createEngine({ report })` takes it back. */
export interface ServerReport {
  address: string;
  /** What stands between the address and the paths of the API: `/v1`, or nothing. */
  base: string;
  kind: EngineProfile["kind"];
  version: string | undefined;
  model: string;
  /** Most tokens of one call, prompt and generated tokens together. Undefined: unknown. */
  contextTokens: number | undefined;
  tier: Tier;
  /** The bundled dialects that can run there. */
  dialects: readonly string[];
  bos: number | undefined;
  eos: readonly number[];
  vocabularySize: number | undefined;
  /** Every string that was tried and is one token on this server, with its id. */
  controls: Record<string, number>;
  /** How the tokenizer encodes the markers of the bundled dialects, and those that the caller asked about. */
  markers: readonly Marker[];
  /** The path that completions are requested from. */
  completions: string | undefined;
  /** How the server is talked to. */
  profile: EngineProfile;
  /** The server's own length of its context, in tokens. */
  serverContext: number | undefined;
  /** How many calls the server runs at once, where it says so. */
  slots: number | undefined;
  reportsCachedTokens: boolean;
  forkCost: ForkCost;
  /** The measurement, where one was made. */
  cache?: CacheMeasurement | undefined;
  warnings: readonly EngineWarning[];
  /** How the server could be started better. */
  advice: readonly string[];
}
