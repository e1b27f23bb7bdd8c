import type { EngineWarning } from "../engine.ts";
import { askContext } from "./context-length.ts";
import { identify } from "./identify.ts";
import type { Identity } from "./identify.ts";
import { inspectChat } from "./inspect-chat.ts";
import { inspectCompletions } from "./inspect-completions.ts";
import type { Inspection } from "./inspection.ts";
import { checkTokenizer } from "./local-vocabulary.ts";
import { overrideProfile } from "../profile-overrides.ts";
import type { EngineProfile } from "../profile.ts";
import { candidates } from "../profiles/candidates.ts";
import { withoutIds } from "../profiles/without-ids.ts";
import type { ServerClient } from "../http/server-client.ts";
import type { ServerOptions } from "../server-options.ts";
import { isOlder } from "./versions.ts";

/**
 * Tries the profiles that a server of this kind may fit, best first. One token is requested with each profile. It fits
 * if the answer has what the profile promises.
 *
 * @throws `engine_refused` for a server with neither completions nor chats.
 */
export async function inspectServer(
  client: ServerClient,
  options: ServerOptions,
  { thorough = false } = {},
): Promise<Inspection> {
  const identity = await identify(client, options);
  const noticed: EngineWarning[] = [...identity.warnings];
  const profiles = candidates[identity.kind].map((candidate) => {
    const overruled = overrideProfile(adjusted(candidate, identity), options.profile);
    return overruled.answer.ids === null ? withoutIds(overruled) : overruled;
  });
  const local = await checkTokenizer(client, identity, profiles[0], options);
  const fitted =
    options.profile?.request?.promptAs === "messages"
      ? undefined
      : await inspectCompletions(
          {
            client,
            identity,
            controls: options.controls ?? [],
            local,
            thorough,
            warn: (warning) => noticed.push(warning),
          },
          profiles,
        );
  const found = fitted ?? (await inspectChat(client, identity, options));
  // A server may say it in a place of its own, if it has to be known.
  const isKnown = identity.serverContext !== undefined || options.contextTokens !== undefined;
  const serverContext = isKnown ? identity.serverContext : await askContext(client, identity.model);
  const contextTokens = contextOf(serverContext, found.profile, options.contextTokens);
  // One warning of a kind is enough.
  const warnings = noticed.filter(({ code }, index) => noticed.findIndex((other) => other.code === code) === index);
  return { identity: { ...identity, serverContext }, ...found, contextTokens, noticed: warnings };
}

/** Adapts a profile to the version of a server. */
function adjusted(profile: EngineProfile, { kind, version }: Identity): EngineProfile {
  if (kind !== "sglang") return profile;
  // A router hides the version, and may hide the server's own routes too.
  if (version === undefined) return { ...profile, bulk: null };
  if (!isOlder(version, "0.5.23")) return profile;
  // Several older versions do not notice that a stream was closed, and decode it to its limit.
  const old: EngineProfile = { ...profile, cancel: "abort-then-close" };
  return isOlder(version, "0.5.16") ? untried(old) : old;
}

/**
 * Leaves out what was not tried on versions before 0.5.16. They may not know these fields, and may crash on an
 * impossible id.
 */
function untried(profile: EngineProfile): EngineProfile {
  const { request, learn } = profile;
  const isNative = request.seed?.startsWith("sampling_params") === true;
  return {
    ...profile,
    bulk: null,
    request: { ...request, interval: null, seed: isNative ? null : request.seed },
    learn: { ...learn, size: null },
  };
}

/**
 * The context that calls may use: as much as the server uses, and no more than the caller allows. Infinity where neither
 * says anything.
 */
export function contextOf(
  serverContext: number | undefined,
  { context: { reserved } }: EngineProfile,
  wanted: number = Infinity,
): number {
  return Math.min(wanted, (serverContext ?? Infinity) - reserved);
}
