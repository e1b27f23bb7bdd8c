import type { Header } from "./header.ts";

/** A field that two evaluations do not have in common. */
export interface Difference {
  /** Such as `protocol.sampling.temperature`. */
  readonly field: string;
  /** As JSON; `nothing` where it is missing. */
  readonly before: string;
  readonly now: string;
}

/** What may differ in an evaluation that goes on: when it began, and where its servers are. */
const free = /^(created|endpoints\.\d+\.engine)$/;

/** The settings in which two evaluations differ, field by field. */
export function differences(before: Header, now: Header): Difference[] {
  const [old, own] = [fieldsOf(before), fieldsOf(now)];
  const fields = [...new Set([...old.keys(), ...own.keys()])].filter((field) => !free.test(field));
  return fields
    .filter((field) => old.get(field) !== own.get(field))
    .map((field) => ({ field, before: old.get(field) ?? "nothing", now: own.get(field) ?? "nothing" }));
}

/** The leaves of an object, by their path. */
function fieldsOf(value: unknown, path = "", fields = new Map<string, string>()): Map<string, string> {
  if (typeof value === "object" && value !== null) {
    for (const [key, inner] of Object.entries(value)) fieldsOf(inner, path === "" ? key : `${path}.${key}`, fields);
  } else if (value !== undefined) {
    fields.set(path, JSON.stringify(value));
  }
  return fields;
}
