import { describe, expect, it } from "vitest";
import { FAIL, PARTIAL, matchAt } from "../../../src/core/scanner/match.ts";
import {
  PatternError,
  bounds,
  compilePattern,
  isOf,
  isSpace,
  literalPattern,
  type CaptureType,
} from "../../../src/core/scanner/pattern.ts";

describe("compiling a pattern", () => {
  it("reads literals, white space and typed captures", () => {
    expect(compilePattern("<Outline>~{id:dotted}~:")).toEqual({
      source: "<Outline>~{id:dotted}~:",
      head: [
        { kind: "literal", text: "<Outline>" },
        { kind: "space" },
        { kind: "capture", name: "id", type: "dotted" },
        { kind: "space" },
        { kind: "literal", text: ":" },
      ],
      tail: undefined,
    });
  });

  it("parts at {text}, and takes an untyped name for what the first one captured", () => {
    const { head, tail } = compilePattern("<F-{id:word}>{text}</F-{id}>");
    expect(head).toEqual([
      { kind: "literal", text: "<F-" },
      { kind: "capture", name: "id", type: "word" },
      { kind: "literal", text: ">" },
    ]);
    expect(tail).toEqual([
      { kind: "literal", text: "</F-" },
      { kind: "same", name: "id" },
      { kind: "literal", text: ">" },
    ]);
  });

  it("takes a character behind a backslash as it is", () => {
    expect(compilePattern(String.raw`\{id\}\~\\x`).head).toEqual([{ kind: "literal", text: String.raw`{id}~\x` }]);
  });

  it("may begin with a capture", () => {
    expect(compilePattern("{n:int}. ").head).toHaveLength(2);
  });

  it("lets white space, or the same again, follow a capture, and a capture follow white space", () => {
    const { head } = compilePattern("a{x:int}~{y:word}:{x}{x}b");
    expect(head.map(({ kind }) => kind)).toEqual([
      "literal",
      "capture",
      "space",
      "capture",
      "literal",
      "same",
      "same",
      "literal",
    ]);
  });

  const mistakes: [pattern: string, message: string][] = [
    ["", 'pattern "", character 1: a pattern begins with a literal or a capture'],
    ["{text}<", 'pattern "{text}<", character 1: a pattern begins with a literal or a capture'],
    ["~a", 'pattern "~a", character 1: a pattern cannot begin with ~'],
    ["ab\\", 'pattern "ab\\\\", character 3: a backslash needs a character after it'],
    ["ab{id", 'pattern "ab{id", character 3: this { is never closed; write \\{ for the character itself'],
    ["{text}b{text}c", 'pattern "{text}b{text}c", character 8: only one {text} is possible'],
    ["a{text}b{text}c", 'pattern "a{text}b{text}c", character 9: only one {text} is possible'],
    [
      "a{Id:int}",
      'pattern "a{Id:int}", character 2: {Id:int} is not a capture: write {name:int}, {name:dotted}, {name:word}, {text}',
    ],
    [
      "a{:int}",
      'pattern "a{:int}", character 2: {:int} is not a capture: write {name:int}, {name:dotted}, {name:word}, {text}',
    ],
    [
      "a{id:int:x}",
      'pattern "a{id:int:x}", character 2: {id:int:x} is not a capture: write {name:int}, {name:dotted}, {name:word}, {text}',
    ],
    [
      "a{xid1:int}",
      'pattern "a{xid1:int}", character 2: {xid1:int} is not a capture: write {name:int}, {name:dotted}, {name:word}, {text}',
    ],
    ["a{id}", 'pattern "a{id}", character 2: {id} has no type: write {id:int}, {id:dotted} or {id:word}'],
    ["a{id:bool}", 'pattern "a{id:bool}", character 2: unknown type "bool": use int, dotted or word'],
    [
      "a{id:int}b{id:int}",
      'pattern "a{id:int}b{id:int}", character 11: {id} is captured twice; the second time write {id}',
    ],
    ["a{text}", 'pattern "a{text}", character 7: {text} ends at the next literal, so a literal must follow it'],
    ["a{text}~b", 'pattern "a{text}~b", character 9: {text} ends at the next literal, so a literal must follow it'],
    [
      "a{id:int}1",
      'pattern "a{id:int}1", character 10: what follows {id:int} begins with a character that it would take itself',
    ],
    [
      "a{id:dotted}.",
      'pattern "a{id:dotted}.", character 13: what follows {id:dotted} begins with a character that it would take itself',
    ],
    [
      "a{id:word}-",
      'pattern "a{id:word}-", character 11: what follows {id:word} begins with a character that it would take itself',
    ],
    ["a~ b", 'pattern "a~ b", character 4: what follows ~ begins with a character that it would take itself'],
    ["a~~b", 'pattern "a~~b", character 4: what follows ~ begins with a character that it would take itself'],
    [
      "a{x:int}{y:int}",
      'pattern "a{x:int}{y:int}", character 15: what follows {x:int} begins with a character that it would take itself',
    ],
    [
      "a{x:int}{x}",
      'pattern "a{x:int}{x}", character 11: what follows {x:int} begins with a character that it would take itself',
    ],
    [
      "a{text}b~\n",
      'pattern "a{text}b~\\n", character 10: what follows ~ begins with a character that it would take itself',
    ],
  ];
  it.each(mistakes)("says what is wrong with %j", (pattern, message) => {
    expect(() => compilePattern(pattern)).toThrow(PatternError);
    expect(() => compilePattern(pattern)).toThrow(expect.objectContaining({ message }));
  });

  it("tells the index of the character in question", () => {
    const error: unknown = (() => {
      try {
        return compilePattern("ab{id");
      } catch (error) {
        return error;
      }
    })();
    expect(error).toBeInstanceOf(PatternError);
    expect((error as PatternError).at).toBe(2);
  });
});

describe("a marker", () => {
  it("is taken literally", () => {
    expect(literalPattern("~{id}\\")).toEqual({
      source: "~{id}\\",
      head: [{ kind: "literal", text: "~{id}\\" }],
      tail: undefined,
    });
  });

  it("cannot be empty", () => {
    expect(() => literalPattern("")).toThrow('pattern "", character 1: a marker cannot be empty');
  });
});

describe("characters", () => {
  it("are white space where JavaScript says so", () => {
    for (let code = 0; code < 0x3100; code += 1) {
      expect(isSpace(code), `U+${code.toString(16)}`).toBe(/\s/.test(String.fromCharCode(code)));
    }
    expect(isSpace(0xfeff)).toBe(true);
  });

  it.each<[CaptureType, RegExp]>([
    ["int", /[0-9]/],
    ["dotted", /[0-9.]/],
    ["word", /[A-Za-z0-9_.,-]/],
  ])("belong to %s or do not", (type, expression) => {
    for (let code = 0; code < 0x300; code += 1) {
      expect(isOf(type, code), `U+${code.toString(16)}`).toBe(expression.test(String.fromCharCode(code)));
    }
  });
});

describe("trying a pattern at one place", () => {
  const tryAt = (pattern: string, text: string, { from = 0, final = false } = {}) => {
    const captures: Record<string, string> = {};
    return { end: matchAt(compilePattern(pattern).head, text, from, captures, final), captures };
  };

  it("gives the end of the match and what was captured", () => {
    expect(tryAt("<n>~{id:dotted}~:", "xx<n> 1.2\n: a", { from: 2 })).toEqual({ end: 11, captures: { id: "1.2" } });
    expect(tryAt("<n>~{id:dotted}~:", "<n>7:")).toEqual({ end: 5, captures: { id: "7" } });
  });

  it("fails where the text cannot become a match", () => {
    for (const text of ["<m>", "x<n>1:", "<n>:", "<n>.1:", "<n>1..2:", "<n>1.:", "<n>x:", "<n>1;"]) {
      expect(tryAt("<n>~{id:dotted}~:", text).end, text).toBe(FAIL);
    }
  });

  it("is undecided while more text could make it one, and only until the stream ends", () => {
    for (const text of ["", "<", "<n", "<n>", "<n> ", "<n>1", "<n>1.", "<n>1.2", "<n>1 ", "<n>1  \n"]) {
      expect(tryAt("<n>~{id:dotted}~:", text).end, text).toBe(PARTIAL);
      expect(tryAt("<n>~{id:dotted}~:", text, { final: true }).end, text).toBe(FAIL);
    }
  });

  it("decides a capture at the end only when nothing can follow", () => {
    expect(tryAt("#{id:int}", "#12").end).toBe(PARTIAL);
    expect(tryAt("#{id:int}", "#12", { final: true })).toEqual({ end: 3, captures: { id: "12" } });
    expect(tryAt("#{id:int}", "#12 ")).toEqual({ end: 3, captures: { id: "12" } });
    expect(tryAt("#{id:int}", "#", { final: true }).end).toBe(FAIL);
    expect(tryAt("#{id:dotted}", "#1.", { final: true })).toEqual({ end: 2, captures: { id: "1" } });
    expect(tryAt("#~", "# ", { final: true }).end).toBe(2);
    expect(tryAt("#~", "# ").end).toBe(PARTIAL);
    expect(tryAt("#~", "#x").end).toBe(1);
  });

  it("wants the same text again where a name is repeated", () => {
    expect(tryAt("{id:word}={id};", "a1=a1;").end).toBe(6);
    expect(tryAt("{id:word}={id};", "a1=a2;").end).toBe(FAIL);
    expect(tryAt("{id:word}={id};", "a1=a").end).toBe(PARTIAL);
  });

  it("leaves a dot that no digit follows to what comes behind a dotted number", () => {
    expect(tryAt("{id:dotted}", "1.2. a")).toEqual({ end: 3, captures: { id: "1.2" } });
    expect(tryAt("{id:dotted}", "1..2")).toEqual({ end: 1, captures: { id: "1" } });
    expect(tryAt("{id:dotted}", ".5 ").end).toBe(FAIL);
    expect(tryAt("v.{id:dotted};", "v.;").end).toBe(FAIL);
    expect(tryAt("{id:word}", "a. ")).toEqual({ end: 2, captures: { id: "a." } });
  });

  it.each([
    ["capture", bounds.capture, (n: number) => `<${"7".repeat(n)}>`, "<{id:int}>"],
    ["space", bounds.space, (n: number) => `<${" ".repeat(n)}>`, "<~>"],
  ] as const)("takes no %s longer than its bound of %i", (_, bound, textOf, pattern) => {
    expect(tryAt(pattern, textOf(bound)).end).toBe(bound + 2);
    expect(tryAt(pattern, textOf(bound + 1)).end).toBe(FAIL);
    // And is sure of that as soon as it can be.
    expect(tryAt(pattern, textOf(bound).slice(0, -1)).end).toBe(PARTIAL);
    expect(tryAt(pattern, textOf(bound + 1).slice(0, -1)).end).toBe(FAIL);
  });

  it.each([
    ["capture", bounds.capture, "1", [{ kind: "capture", name: "n", type: "int" }]],
    ["space", bounds.space, " ", [{ kind: "space" }]],
  ] as const)(
    "reads no further than the bound of a %s, so a hostile text costs no more than a friendly one",
    (_, bound, char, steps) => {
      let reads = 0;
      const endless = {
        length: 60_000,
        charCodeAt: () => {
          reads += 1;
          return char.charCodeAt(0);
        },
      } as unknown as string;
      expect(matchAt(steps, endless, 0, {}, false)).toBe(FAIL);
      expect(reads).toBeLessThanOrEqual(2 * (bound + 1));
    },
  );
});
