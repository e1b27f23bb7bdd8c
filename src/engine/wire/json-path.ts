/** A dotted path such as `choices.0.text`, split into its keys. */
export type Path = readonly string[];

export function pathOf(path: string): Path {
  return path.split(".");
}

/** Reads what is at a path of a value that was JSON. Undefined where nothing is. */
export function readPath(value: unknown, path: Path | string): unknown {
  const keys = typeof path === "string" ? keysOf(path) : path;
  let at = value;
  for (let i = 0; i < keys.length; i += 1) {
    if (typeof at !== "object" || at === null) return undefined;
    at = Reflect.get(at, keys[i] ?? "");
  }
  // JSON has no functions, so this is a method that lists and objects inherit.
  return typeof at === "function" ? undefined : at;
}

/** Split paths. They come from profiles, which have a few dozen. */
const split = new Map<string, Path>();

function keysOf(path: string): Path {
  const known = split.get(path);
  if (known !== undefined) return known;
  const keys = pathOf(path);
  split.set(path, keys);
  return keys;
}

/** Writes a value at a dotted path, and makes the objects on the way. */
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
export function idsAt(value: unknown, path: Path | string): number[] | undefined {
  const found = readPath(value, path);
  return Array.isArray(found) && found.every((id) => Number.isInteger(id)) ? found : undefined;
}

export function textAt(value: unknown, path: Path | string): string | undefined {
  const found = readPath(value, path);
  return typeof found === "string" ? found : undefined;
}

export function numberAt(value: unknown, path: Path | string): number | undefined {
  const found = readPath(value, path);
  return typeof found === "number" ? found : undefined;
}
