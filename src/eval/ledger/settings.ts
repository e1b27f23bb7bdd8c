import type { Header } from "./header.ts";
import { compareNames } from "../summary/tally.ts";

/** A setting that differs, by its path, such as `protocol.sampling.temperature`. What a side does not have is undefined. */
export interface SettingDifference {
  readonly field: string;
  readonly a: string | number | boolean | undefined;
  readonly b: string | number | boolean | undefined;
}

/** Which settings differ between two evaluations, in the order of their names. When they were made is none. */
export function settingDifferences(a: Header, b: Header): SettingDifference[] {
  const [left, right] = [settingsOf(a), settingsOf(b)];
  return [...new Set([...left.keys(), ...right.keys()])]
    .sort(compareNames)
    .map((field) => ({ field, a: left.get(field), b: right.get(field) }))
    .filter((setting) => setting.a !== setting.b);
}

type Leaf = SettingDifference["a"];

/** Arms and endpoints have names, so their order does not matter. */
function settingsOf({ type: _type, created: _created, arms, endpoints, ...rest }: Header): Map<string, Leaf> {
  const settings = new Map<string, Leaf>();
  collect(rest, [], settings);
  for (const { name, ...arm } of arms) collect(arm, ["arms", name], settings);
  for (const { name, ...endpoint } of endpoints) collect(endpoint, ["endpoints", name], settings);
  return settings;
}

function collect(value: unknown, path: readonly string[], into: Map<string, Leaf>): void {
  if (typeof value === "object" && value !== null) {
    for (const [name, inner] of Object.entries(value)) collect(inner, [...path, name], into);
  } else if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
    into.set(path.join("."), value);
  }
}
