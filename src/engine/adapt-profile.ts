import { isRefusal } from "./http/refusal.ts";
import { readPath } from "./wire/json-path.ts";
import type { EngineProfile } from "./profile.ts";

/** Fields of the request that a call can do without. */
const expendable = ["temperature", "topP", "seed", "interval", "id", "stopStrings"] as const;

/** How servers say that they do not take a field at all, and not that its value is wrong. */
const refusing =
  /unsupported|not supported|n[o']t support|unknown|unrecogni[sz]ed|unexpected|not permitted|not allowed|extra[ _]|forbidden|invalid (?:field|param|arg)|no such|only the default|deprecated/i;

/** What servers speak of that cannot keep an answer to a form, or not to this one. */
const constraining = /structured|guided|grammar|regex|regular expression|pattern/i;

/** Where servers list the fields that they do take. */
const known = /,? expected one of .*$/is;

/** Statuses of a request with a wrong field. */
const mayMeanFields: ReadonlySet<number | undefined> = new Set([undefined, 400, 422]);

/** OpenAI's reasoning models take this one instead of `max_tokens`. */
const newMaxTokens = "max_completion_tokens";

export interface Adapted {
  profile: EngineProfile;
  /** The fields that are no longer sent. */
  without: readonly string[];
}

/**
 * The profile without the fields that a server refuses, or with the name that it asks for. Undefined where the error says
 * nothing of that kind.
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
  return withoutNamed(error.message, profile, sent, kept) ?? withoutOptional(error.status, profile);
}

function withoutNamed(
  message: string,
  profile: EngineProfile,
  sent: Readonly<Record<string, unknown>>,
  kept: Readonly<Record<string, unknown>>,
): Adapted | undefined {
  const { request } = profile;
  const isOurs = (field: string): boolean =>
    readPath(sent, field) !== undefined && readPath(kept, topOf(field)) === undefined;
  const constraint = request.constraint?.field;
  if (constraint !== undefined && isOurs(constraint) && constraining.test(message)) {
    return { profile: withoutFields(profile, [constraint]), without: [constraint] };
  }
  if (!refusing.test(message)) return undefined;
  const refused = message.replace(known, "");
  const isNamed = (field: string): boolean => isOurs(field) && nameIn(refused, nameOf(field));
  if (isNamed(request.maxTokens) && request.maxTokens !== newMaxTokens && nameIn(message, newMaxTokens)) {
    return { profile: { ...profile, request: { ...request, maxTokens: newMaxTokens } }, without: [] };
  }
  const roles = expendable.flatMap((role) => request[role] ?? []).filter(isNamed);
  const optional = Object.keys(request.optional).filter(isNamed);
  const counted = Object.keys(request.always).filter((field) => field === "stream_options" && isNamed(field));
  const without = [...roles, ...optional, ...counted];
  return without.length === 0 ? undefined : { profile: withoutFields(profile, without), without };
}

/** The profile without the fields that a server may refuse. A strict one may do so without naming them. */
function withoutOptional(status: number | undefined, profile: EngineProfile): Adapted | undefined {
  const without = Object.keys(profile.request.optional);
  if (without.length === 0 || !mayMeanFields.has(status)) return undefined;
  return { profile: withoutFields(profile, without), without };
}

/** The profile that sends none of these fields, in whatever object they are. */
export function withoutFields(profile: EngineProfile, fields: readonly string[]): EngineProfile {
  const { request } = profile;
  const names = new Set(fields.map(nameOf));
  const isLeftOut = (field: string): boolean => names.has(nameOf(field));
  const less = (all: Record<string, unknown>): Record<string, unknown> =>
    Object.fromEntries(Object.entries(all).filter(([field]) => !isLeftOut(field)));
  const adapted = { ...request, always: less(request.always), optional: less(request.optional) };
  if (isLeftOut(request.constraint?.field ?? "")) adapted.constraint = null;
  for (const role of expendable) if (isLeftOut(request[role] ?? "")) adapted[role] = null;
  return { ...profile, request: adapted };
}

/** The outermost object of a field. */
function topOf(field: string): string {
  return field.split(".", 1)[0] ?? field;
}

/** A field's own name, by which servers refuse it. */
function nameOf(field: string): string {
  return field.slice(field.lastIndexOf(".") + 1);
}

/** Whether a message has a name, and not only as a part of another one. */
function nameIn(message: string, name: string): boolean {
  return new RegExp(`(?<![\\w-])${name.replaceAll(/\W/g, String.raw`\$&`)}(?![\\w-])`).test(message);
}
