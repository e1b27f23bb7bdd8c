/**
 * The pattern language in which a dialect says what a plan item or a spawn looks like. Matching is linear on purpose:
 * model output is untrusted input, and a backtracking expression over it could block every stream of the process.
 *
 * ```
 * <Outline>~{id:dotted}~:        literals, `~` = any white space or none, a named capture
 * <FORK-{id:word}>{text}</FORK-{id}>   `{text}` = up to the next literal; a repeated name must match again
 * ```
 *
 * Captures are greedy and never give back what they took: `int` = digits, `dotted` = digits joined by dots, `word` =
 * ASCII letters, digits and `_ . , -`. A backslash makes the next character literal.
 */
export type Step =
  | { kind: "literal"; text: string }
  | { kind: "space" }
  | { kind: "capture"; name: string; type: CaptureType }
  | { kind: "same"; name: string };

export type CaptureType = "int" | "dotted" | "word";

export interface Pattern {
  readonly source: string;
  /** The whole pattern, or the part before `{text}`. */
  readonly head: readonly Step[];
  /** The part after `{text}`, where there is one. */
  readonly tail: readonly Step[] | undefined;
  /** Whether it is found at the beginning of the stream only. @defaultValue false */
  readonly atStart?: boolean | undefined;
}

/** Longer runs than these do not match, which keeps every buffer bounded. In UTF-16 code units. */
export const bounds = { capture: 128, space: 256, text: 65_536 } as const;

/** A mistake in a pattern. `at` is the index of the character where it is. */
export class PatternError extends Error {
  readonly at: number;
  constructor(source: string, at: number, message: string) {
    super(`pattern ${JSON.stringify(source)}, character ${at + 1}: ${message}`);
    this.at = at;
  }
}

/** Compiles a pattern. Throws `PatternError` on one that could not be scanned without backtracking. */
export function compilePattern(source: string): Pattern {
  const steps: Step[] = [];
  const names = new Set<string>();
  let hole = -1;
  let literal = "";
  const flush = () => {
    if (literal !== "") steps.push({ kind: "literal", text: literal });
    literal = "";
  };
  for (let at = 0; at < source.length; at += 1) {
    const char = source.charAt(at);
    if (char === "\\") {
      at += 1;
      if (at === source.length) throw new PatternError(source, at - 1, "a backslash needs a character after it");
      literal += source.charAt(at);
    } else if (char === "~") {
      flush();
      steps.push({ kind: "space" });
    } else if (char === "{") {
      flush();
      const close = source.indexOf("}", at);
      if (close < 0) throw new PatternError(source, at, "this { is never closed; write \\{ for the character itself");
      const step = captureStep(source, at, source.slice(at + 1, close), names);
      if (step === "text") {
        if (hole >= 0) throw new PatternError(source, at, "only one {text} is possible");
        hole = steps.length;
      } else {
        steps.push(step);
      }
      at = close;
    } else {
      literal += char;
    }
  }
  flush();
  const pattern: Pattern =
    hole < 0
      ? { source, head: steps, tail: undefined }
      : { source, head: steps.slice(0, hole), tail: steps.slice(hole) };
  check(pattern);
  return pattern;
}

/** The pattern of a marker: one literal, in which no character is special. */
export function literalPattern(text: string): Pattern {
  if (text === "") throw new PatternError(text, 0, "a marker cannot be empty");
  return { source: text, head: [{ kind: "literal", text }], tail: undefined };
}

/** The pattern of a text that counts at the beginning of the stream only. */
export function startPattern(text: string): Pattern {
  return { ...literalPattern(text), atStart: true };
}

function captureStep(source: string, at: number, body: string, names: Set<string>): Step | "text" {
  if (body === "text") return "text";
  const [name = "", type, more] = body.split(":");
  if (!/^[a-z]+$/.test(name) || more !== undefined) {
    throw new PatternError(
      source,
      at,
      `{${body}} is not a capture: write {name:int}, {name:dotted}, {name:word}, {text}`,
    );
  }
  if (type === undefined) {
    if (names.has(name)) return { kind: "same", name };
    throw new PatternError(
      source,
      at,
      `{${name}} has no type: write {${name}:int}, {${name}:dotted} or {${name}:word}`,
    );
  }
  if (type !== "int" && type !== "dotted" && type !== "word") {
    throw new PatternError(source, at, `unknown type ${JSON.stringify(type)}: use int, dotted or word`);
  }
  if (names.has(name))
    throw new PatternError(source, at, `{${name}} is captured twice; the second time write {${name}}`);
  names.add(name);
  return { kind: "capture", name, type };
}

/**
 * Captures and white space never give back what they took, so what follows must not begin with a character of theirs.
 */
function check({ source, head, tail }: Pattern): void {
  const first = head[0];
  if (first === undefined) throw new PatternError(source, 0, "a pattern begins with a literal or a capture");
  if (first.kind === "space") throw new PatternError(source, 0, "a pattern cannot begin with ~");
  if (tail !== undefined && tail[0]?.kind !== "literal") {
    throw new PatternError(source, source.length - 1, "{text} ends at the next literal, so a literal must follow it");
  }
  for (const steps of [head, tail ?? []]) {
    for (const [i, step] of steps.entries()) {
      const next = steps[i + 1];
      if (next === undefined) continue;
      const clash =
        next.kind === "literal"
          ? takes(step, next.text.charCodeAt(0))
          : next.kind === "space"
            ? step.kind === "space"
            : step.kind === "capture";
      if (clash) {
        throw new PatternError(
          source,
          source.length - 1,
          `what follows ${describe(step)} begins with a character that it would take itself`,
        );
      }
    }
  }
}

function describe(step: Step): string {
  return step.kind === "capture" ? `{${step.name}:${step.type}}` : "~";
}

function takes(step: Step, code: number): boolean {
  if (step.kind === "space") return isSpace(code);
  return step.kind === "capture" && isOf(step.type, code);
}

/** The white space of JavaScript's `\s`. */
export function isSpace(code: number): boolean {
  if (code < 128) return code === 32 || (code >= 9 && code <= 13);
  return /\s/.test(String.fromCharCode(code));
}

export function isOf(type: CaptureType, code: number): boolean {
  const digit = code >= 48 && code <= 57;
  if (type === "int") return digit;
  if (type === "dotted") return digit || code === 46;
  return (
    digit || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95 || (code >= 44 && code <= 46)
  );
}
