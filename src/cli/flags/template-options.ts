import type * as z from "zod";

/** Values for a chat template: JSON where a value is JSON, else text. Undefined where there are none. */
export function readOptions(given: string[], context: z.RefinementCtx): Record<string, unknown> | undefined {
  const options: Record<string, unknown> = {};
  for (const text of given) {
    const at = text.indexOf("=");
    if (at > 0) options[text.slice(0, at)] = jsonOrText(text.slice(at + 1));
    else context.addIssue({ code: "custom", message: "expected a name, = and a value, such as enable_thinking=false" });
  }
  return given.length === 0 ? undefined : options;
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
