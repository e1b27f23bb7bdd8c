import { Template } from "@huggingface/jinja";
import { describe, expect, it } from "vitest";
import { compileChatTemplate } from "../../../src/engine/tokenizer/chat/chat-template.ts";

function given(expression: string): string {
  return compileChatTemplate(
    { Template },
    `{{ (${expression}) | tojson }}`,
    {},
  )([{ role: "user", content: "<a>b</a>" }]);
}

const content = "messages[0].content";

// Each pair is what Python gives.
describe("what templates ask of texts", () => {
  it.each([
    ["'  a b '.strip()", '"a b"'],
    ["'\\u001ca\\ufeff'.strip()", '"a\ufeff"'],
    ["'\\n a \\n'.strip('\\n')", '" a "'],
    ["'xyaxy'.lstrip('yx')", '"axy"'],
    ["'xyaxy'.rstrip('yx')", '"xya"'],
    ["' a '|trim", '"a"'],
    ["'--a--'|trim('-')", '"a"'],
    [`${content}.split('<a>')`, '["", "b</a>"]'],
    [`${content}.split('<', 1)`, '["", "a>b</a>"]'],
    [`${content}.split(sep='<', maxsplit=1)`, '["", "a>b</a>"]'],
    ["'a b  c'.split()", '["a", "b", "c"]'],
    ["' a b  c '.split(none, 1)", '["a", "b  c "]'],
    ["'a-b-c'.rsplit('-', 1)", '["a-b", "c"]'],
    ["'a-b-c'.rsplit('-')", '["a", "b", "c"]'],
    ["'a b c'.rsplit()", '["a", "b", "c"]'],
    [`${content}.replace('<a>', '')`, '"b</a>"'],
    [`${content}|replace('a', 'x')`, '"<x>b</x>"'],
    ["'aaa'.replace('a', 'b', 2)", '"bba"'],
    ["'aaa'|replace('a', 'b', count=1)", '"baa"'],
    [`${content}.startswith('<a>')`, "true"],
    [`${content}.startswith(('x', '<'))`, "true"],
    [`${content}.endswith('>')`, "true"],
    [`${content}.find('b')`, "3"],
    [`${content}.find('z')`, "-1"],
    ["'abab'.rfind('ab')", "2"],
    ["'abab'.count('ab')", "2"],
    ["'abc'.removeprefix('ab')", '"c"'],
    ["'abc'.removeprefix('x')", '"abc"'],
    ["'abc'.removesuffix('bc')", '"a"'],
    ["'<{}-{}>'.format('a', 1)", '"<a-1>"'],
    ["'{1}{0}'.format('a', 'b')", '"ba"'],
    ["'a' in 'cat'", "true"],
    ["'a' not in ['b', 'c']", "true"],
    ["'role' in messages[0]", "true"],
    ["'x' in missing", "false"],
    ["1 == '1'", "false"],
    ["true == 1", "true"],
    ["none != 'a'", "true"],
    ["missing|length", "0"],
    ["missing|list", "[]"],
  ])("%s is %s", (expression, value) => expect(given(expression)).toBe(value));

  it("says what it cannot do", () => {
    expect(() => given("1 in 2")).toThrow("a number cannot be in a number");
    expect(() => given("missing.strip()")).toThrow("a text was expected, not an undefined value");
    expect(() => given("'a'.split('')")).toThrow("empty separator");
  });
});
