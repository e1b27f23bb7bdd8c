export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function recordAt(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}

const floatMark = "\u0000float ";

/** A number that keeps its `.0`, as Python and C++ write floats. */
export function float(value: number): string {
  return `${floatMark}${Number.isInteger(value) ? value.toFixed(1) : String(value)}`;
}

const floats = /"\\u0000float ([-\d.e+]+)"/g;

const keyMark = "\u0000key ";

/** An object whose keys keep this order. JavaScript moves keys that look like numbers. */
export function keyed(entries: readonly (readonly [key: string, value: unknown])[]): Record<string, unknown> {
  return Object.fromEntries(entries.map(([key, value]) => [keyMark + key, value]));
}

/** Writes JSON without spaces. Values made by `float` become numbers, and those made by `keyed` become objects. */
export function compactJson(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll(floats, "$1")
    .replaceAll(String.raw`"\u0000key `, '"');
}

/** Writes JSON as Python's `json.dumps` does: with spaces after `:` and `,`, and only ASCII. */
export function pythonJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(", ")}]`;
  if (isRecord(value)) {
    const entries = Object.entries(value).map(([key, item]) => `${pythonJson(key)}: ${pythonJson(item)}`);
    return `{${entries.join(", ")}}`;
  }
  return JSON.stringify(value).replaceAll(/[\u007F-\uFFFF]/g, (unit) => {
    return `\\u${(unit.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`;
  });
}

/** A value as Python prints it inside a list. */
export function pythonRepr(value: unknown): string {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "string") return value.includes("'") && !value.includes('"') ? `"${value}"` : `'${value}'`;
  if (Array.isArray(value)) return `[${value.map(pythonRepr).join(", ")}]`;
  if (!isRecord(value)) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, item]) => `${pythonRepr(key)}: ${pythonRepr(item)}`)
    .join(", ")}}`;
}
