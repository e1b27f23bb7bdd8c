import { ThreadweaverError } from "../../errors.ts";
import type { Sampling } from "../engine.ts";
import type { EngineProfile } from "../profile.ts";

/** The parameters that not every server has a field for, with the value that turns each off. */
const off = { topK: 0, minP: 0, repetitionPenalty: 1 } as const;

/**
 * Refuses parameters that a server has no field for. Leaving them out would change the sampling. @throws
 * `invalid_option`
 */
export function requireSampling(address: string, { request }: EngineProfile, sampling: Sampling): void {
  for (const name of ["topK", "minP", "repetitionPenalty"] as const) {
    const value = sampling[name];
    if (request[name] !== null || value === undefined || value === off[name]) continue;
    throw new ThreadweaverError(
      "invalid_option",
      `${name} is ${value}, but no field for it is known on ${address}: set it to ${off[name]} (off), or name its field ` +
        `in createEngine({ profile: { request: { ${name}: "…" } } }).`,
    );
  }
}
