/** What stands at a dotted path such as `choices.0.text`; undefined where nothing does. */
export function readPath(value: unknown, path: string): unknown {
  let at = value;
  for (const key of keysOf(path)) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, key)) return undefined;
    at = Reflect.get(at, key);
  }
  return at;
}

/** Paths come from profiles, which have a few dozen, and are read for every token. */
const split = new Map<string, readonly string[]>();

function keysOf(path: string): readonly string[] {
  const known = split.get(path);
  if (known !== undefined) return known;
  const keys = path.split(".");
  split.set(path, keys);
  return keys;
}

/** Puts a value at a dotted path, making the objects on the way. */
export function writePath(target: Record<string, unknown>, path: string, value: unknown): void {
  const keys = path.split(".");
  const last = keys.pop() ?? path;
  let at = target;
  for (const key of keys) {
    const next = at[key];
    const child: Record<string, unknown> = isRecord(next) ? next : {};
    at[key] = child;
    at = child;
  }
  at[last] = value;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Token ids at a path; undefined where there are none. */
export function idsAt(value: unknown, path: string): number[] | undefined {
  const found = readPath(value, path);
  return Array.isArray(found) && found.every((id) => Number.isInteger(id)) ? found : undefined;
}

export function textAt(value: unknown, path: string): string | undefined {
  const found = readPath(value, path);
  return typeof found === "string" ? found : undefined;
}

export function numberAt(value: unknown, path: string): number | undefined {
  const found = readPath(value, path);
  return typeof found === "number" ? found : undefined;
}
