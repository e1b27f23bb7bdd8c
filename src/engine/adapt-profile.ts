import { isRefusal } from "./http/refusal.ts";
import type { EngineProfile } from "./profile.ts";

/** Fields of the request that a call can do without. */
const expendable = ["temperature", "topP", "seed", "interval", "id"] as const;

/** How servers say that they do not take a field at all, and not that its value is wrong. */
const refusing =
  /unsupported|not supported|n[o']t support|unknown|unrecogni[sz]ed|unexpected|not permitted|not allowed|extra[ _]|forbidden|invalid (?:field|param|arg)|no such|only the default|deprecated/i;

/** What servers speak of that cannot keep an answer to a form, or not to this one. */
const constraining = /structured|guided|grammar|regex|regular expression|pattern/i;

/** Statuses of a request with a wrong field. Undefined: the refusal came inside an answer. */
const mayMeanFields: ReadonlySet<number | undefined> = new Set([undefined, 400, 422]);

/** OpenAI's reasoning models take this one instead of `max_tokens`. */
const newMaxTokens = "max_completion_tokens";

export interface Adapted {
  profile: EngineProfile;
  /** The fields that are no longer sent. */
  without: readonly string[];
}

/**
 * The profile without the fields that a server refuses by name, or with the name that it asks for. Undefined where the
 * error says nothing of that kind.
 *
 * @param sent the body that was refused.
 * @param kept fields that must not be left out, because the user asked for them by name.
 */
export function adaptedTo(
  error: unknown,
  profile: EngineProfile,
  sent: Readonly<Record<string, unknown>>,
  kept: Readonly<Record<string, unknown>> = {},
): Adapted | undefined {
  if (!isRefusal(error)) return undefined;
  const { message } = error;
  const constraint = constraintIn(profile);
  if (constraint in sent && !(constraint in kept) && constraining.test(message)) {
    return { profile: withoutFields(profile, [constraint]), without: [constraint] };
  }
  if (!refusing.test(message)) return undefined;
  const isNamed = (field: string): boolean => field in sent && !(field in kept) && nameIn(message, field);
  const { request } = profile;
  if (isNamed(request.maxTokens) && request.maxTokens !== newMaxTokens && nameIn(message, newMaxTokens)) {
    return { profile: { ...profile, request: { ...request, maxTokens: newMaxTokens } }, without: [] };
  }
  const roles = expendable.filter((role) => request[role] !== null && isNamed(request[role]));
  const optional = Object.keys(request.optional).filter(isNamed);
  const counted = Object.keys(request.always).filter((field) => field === "stream_options" && isNamed(field));
  const without = [...roles.flatMap((role) => request[role] ?? []), ...optional, ...counted];
  return without.length === 0 ? undefined : { profile: withoutFields(profile, without), without };
}

/** The profile without the fields that a server may refuse. A strict one may do so without naming them. */
export function withoutOptional(error: unknown, profile: EngineProfile): Adapted | undefined {
  const without = Object.keys(profile.request.optional);
  if (without.length === 0 || !isRefusal(error) || !mayMeanFields.has(error.status)) return undefined;
  return { profile: withoutFields(profile, without), without };
}

/** The profile that sends none of these fields. */
export function withoutFields(profile: EngineProfile, fields: readonly string[]): EngineProfile {
  const { request } = profile;
  const less = (all: Record<string, unknown>): Record<string, unknown> =>
    Object.fromEntries(Object.entries(all).filter(([field]) => !fields.includes(field)));
  const adapted = { ...request, always: less(request.always), optional: less(request.optional) };
  if (fields.includes(constraintIn(profile))) adapted.constraint = null;
  for (const role of expendable) if (fields.includes(request[role] ?? "")) adapted[role] = null;
  return { ...profile, request: adapted };
}

/** The field of the body that keeps an answer to a form. Empty: there is none. */
function constraintIn({ request: { constraint } }: EngineProfile): string {
  return constraint?.field.split(".")[0] ?? "";
}

/** Whether a message has a name, and not only as a part of another one. */
function nameIn(message: string, name: string): boolean {
  return new RegExp(`(?<![\\w-])${name.replaceAll(/\W/g, String.raw`\$&`)}(?![\\w-])`).test(message);
}
