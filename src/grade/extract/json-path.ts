import { ThreadweaverError } from "../../errors.ts";

const step = /\.([A-Za-z_$][\w$]*)|\[(\d+)\]|\["([^"\]]*)"\]/y;

/** `$.answer`, `$.steps[0]["final value"]`, as keys. */
export function parsePath(path: string): (string | number)[] {
  const keys: (string | number)[] = [];
  step.lastIndex = 1;
  while (path.startsWith("$") && step.lastIndex < path.length) {
    const found = step.exec(path);
    if (found === null) break;
    keys.push(found[2] === undefined ? (found[1] ?? found[3] ?? "") : Number(found[2]));
    if (step.lastIndex === path.length) return keys;
  }
  if (path === "$") return keys;
  throw new ThreadweaverError(
    "invalid_option",
    `The JSON path ${JSON.stringify(path)} cannot be read: expected $ and then keys, such as $.answer or $.results[0]["final value"].`,
  );
}

/** The value at the path in the text's JSON: all of it, or its last fenced block. */
export function atPath(text: string, path: string): string | undefined {
  const keys = parsePath(path);
  let value = parsed(text.trim()) ?? parsed(lastFence(text));
  for (const key of keys) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = Reflect.get(value, key);
  }
  if (typeof value === "string") return value;
  return value === undefined || value === null ? undefined : JSON.stringify(value);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function lastFence(text: string): string {
  const end = text.lastIndexOf("```");
  const start = end < 0 ? -1 : text.lastIndexOf("```", end - 1);
  return start < 0 ? "" : text.slice(start + 3, end).replace(/^\w*\s/, "");
}
