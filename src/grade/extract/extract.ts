import { ThreadweaverError } from "../../errors.ts";
import { lastBox } from "./box.ts";
import { finalAnswer } from "./final-answer.ts";
import { atPath, parsePath } from "./json-path.ts";
import { lastNumber } from "./last-number.ts";
import { afterThinking } from "./thinking.ts";

/**
 * How an answer is found: the last `\boxed{…}` with balanced braces (`lastBox`); what follows `The final answer is`, `Answer:` or
 * `####` (`finalAnswer`); the last number (`lastNumber`); the text itself (`whole`); the first group, or all, of the last match
 * of a pattern of yours; a value in JSON, such as `{ jsonPath: "$.answer" }`. `auto` tries the first two, and takes a text of
 * neither as a whole.
 */
export type ExtractionRule =
  | "auto"
  | "lastBox"
  | "finalAnswer"
  | "lastNumber"
  | "whole"
  | { readonly pattern: RegExp }
  | { readonly jsonPath: string };

/** What was found, and by which rule; or why nothing was. */
export type Extraction =
  | {
      readonly answer: string;
      /** `boxes`: several boxes that only commas, `and` or `or` part are one list. */
      readonly rule: "lastBox" | "boxes" | "finalAnswer" | "lastNumber" | "whole" | "pattern" | "jsonPath";
    }
  | { readonly answer: undefined; readonly rule: undefined; readonly why: string };

/** The names that rules have. */
export const extractionRules = ["auto", "lastBox", "finalAnswer", "lastNumber", "whole"] as const;

/**
 * Finds the answer in what a model wrote, after the last `</think>`. A box that does not end is no answer, and neither is
 * anything in front of it: the text was cut.
 *
 * @param rule `auto` by default.
 * @throws `invalid_option` for a rule that there is not, or a JSON path that cannot be read.
 */
export function extractAnswer(text: string, rule: ExtractionRule = "auto"): Extraction {
  const written = afterThinking(text);
  if (typeof rule === "object") {
    if ("pattern" in rule) return found(byPattern(written, rule.pattern), "pattern", "the pattern is nowhere in it");
    parsePath(rule.jsonPath);
    return found(atPath(written, rule.jsonPath), "jsonPath", `there is no JSON with ${rule.jsonPath}`);
  }
  switch (rule) {
    case "lastBox":
      return boxed(written);
    case "finalAnswer":
      return found(finalAnswer(written), "finalAnswer", "no final answer is announced");
    case "lastNumber":
      return found(lastNumber(written), "lastNumber", "there is no number");
    case "whole":
      return found(written.trim(), "whole", "the text is empty");
    case "auto":
      return automatic(written);
    default:
      throw unknownRule(rule);
  }
}

function automatic(text: string): Extraction {
  const box = boxed(text);
  if (box.answer !== undefined || box.why !== "there is no box") return box;
  const announced = finalAnswer(text);
  return announced === undefined
    ? found(text.trim(), "whole", "the text is empty")
    : { answer: announced, rule: "finalAnswer" };
}

function boxed(text: string): Extraction {
  const box = lastBox(text);
  if ("why" in box) return { answer: undefined, rule: undefined, why: box.why };
  return { answer: box.content, rule: box.count > 1 ? "boxes" : "lastBox" };
}

function byPattern(text: string, pattern: RegExp): string | undefined {
  let last: string | undefined;
  const everywhere = new RegExp(pattern.source, pattern.flags.includes("g") ? pattern.flags : `${pattern.flags}g`);
  for (const match of text.matchAll(everywhere)) last = match[1] ?? match[0];
  return last?.trim();
}

function found(answer: string | undefined, rule: NonNullable<Extraction["rule"]>, why: string): Extraction {
  if (answer === undefined || answer === "") return { answer: undefined, rule: undefined, why };
  return { answer, rule };
}

function unknownRule(rule: never): ThreadweaverError {
  const names = extractionRules.join(", ");
  return new ThreadweaverError(
    "invalid_option",
    `There is no extraction rule ${JSON.stringify(rule)}. There are ${names}, { pattern: /…/ } and { jsonPath: "$.…" }.`,
  );
}
