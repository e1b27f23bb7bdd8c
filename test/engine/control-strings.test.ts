import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splitControls } from "../../src/engine/tokenizer/control-strings.ts";

describe("splitControls", () => {
  it("cuts a control string after its first character", () => {
    expect(splitControls("a<Thread>b", ["<Thread>"])).toEqual(["a<", "Thread>b"]);
  });

  it("leaves text without control strings whole, and empty text without parts", () => {
    expect(splitControls("a < b > c", ["<Thread>"])).toEqual(["a < b > c"]);
    expect(splitControls("", ["<Thread>"])).toEqual([]);
  });

  it("cuts control strings that overlap, repeat or lie inside each other", () => {
    expect(splitControls("<a><b>", ["<a>", "a><b"])).toEqual(["<", "a", "><b>"]);
    expect(splitControls("aaaa", ["aa"])).toEqual(["a", "a", "a", "a"]);
  });

  it("never cuts inside a character", () => {
    expect(splitControls("😀x>", ["😀x>"])).toEqual(["😀", "x>"]);
    expect(splitControls("😀", ["😀"])).toEqual(["😀"]);
  });

  it("passes over control strings that have nothing inside to cut at", () => {
    expect(splitControls("a\nb", ["\n", ""])).toEqual(["a\nb"]);
  });

  it("gives parts that hold no control string and make the text again", () => {
    const few = fc.string({ unit: fc.constantFrom("<", "/", "a", ">", "😀"), maxLength: 30 });
    const control = fc.string({ unit: fc.constantFrom("<", "/", "a", ">", "😀"), minLength: 2, maxLength: 5 });
    fc.assert(
      fc.property(few, fc.array(control.filter((text) => Array.from(text).length > 1)), (text, controls) => {
        const parts = splitControls(text, controls);
        expect(parts.join("")).toBe(text);
        for (const part of parts) for (const string of controls) expect(part).not.toContain(string);
      }),
    );
  });
});
