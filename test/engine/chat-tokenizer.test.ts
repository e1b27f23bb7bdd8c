import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ChatTokenizer } from "../../src/engine/tokenizer/chat/chat-tokenizer.ts";

const user = { role: "user", content: "2 + 2?" };
const chat = (): ChatTokenizer => new ChatTokenizer(["<Thread>", "</think>"]);
const parse = { controls: "parse" } as const;
const inserted = { controls: "parse", inserted: true } as const;

describe("a chat as token ids", () => {
  it("comes back as it was, whatever anybody typed", () => {
    const message = fc.record({
      role: fc.constantFrom("system", "user", "assistant", "tool"),
      content: fc.string({ unit: "grapheme" }),
    });
    fc.assert(
      fc.property(fc.array(message, { minLength: 1 }), fc.string({ unit: "grapheme", minLength: 1 }), (given, said) => {
        const tokenizer = chat();
        const ids = [...tokenizer.renderChat([...given, user]), ...tokenizer.encode(said, parse)];
        expect(tokenizer.messages(ids, true)).toEqual([...given, user, { role: "assistant", content: said }]);
      }),
    );
  });

  it("has no turn of the assistant before it has said anything", () => {
    const tokenizer = chat();
    expect(tokenizer.messages(tokenizer.renderChat([user]), true)).toEqual([user]);
    expect(tokenizer.messages(tokenizer.renderChat([user]), false)).toEqual([user]);
  });

  it("begins the assistant's turn with what the program puts in its mouth", () => {
    const tokenizer = chat();
    const ids = tokenizer.renderChat([user], { prefill: "<Thread> 1:" });
    expect(tokenizer.messages(ids, true)).toEqual([user, { role: "assistant", content: "<Thread> 1:" }]);
  });

  it("makes turns of what was inserted, where the endpoint takes whole turns only", () => {
    const tokenizer = chat();
    const ids = [
      ...tokenizer.renderChat([user]),
      ...tokenizer.encode("ask <JOIN-1>", parse),
      ...tokenizer.encode("4</JOIN-1>", inserted),
      ...tokenizer.encode("so <JOIN-2>", parse),
      ...tokenizer.encode("5</JOIN-2>", inserted),
    ];
    expect(tokenizer.messages(ids, false)).toEqual([
      user,
      { role: "assistant", content: "ask <JOIN-1>" },
      { role: "user", content: "4</JOIN-1>" },
      { role: "assistant", content: "so <JOIN-2>" },
      { role: "user", content: "5</JOIN-2>" },
    ]);
    expect(tokenizer.messages(ids, true).at(-1)?.content).toBe("ask <JOIN-1>4</JOIN-1>so <JOIN-2>5</JOIN-2>");
  });

  it("cannot go on inside a turn there", () => {
    const tokenizer = chat();
    const ids = [...tokenizer.renderChat([user]), ...tokenizer.encode("half a", parse)];
    expect(() => tokenizer.messages(ids, false)).toThrow("takes whole turns only");
  });

  it("is shown by turns", () => {
    const tokenizer = chat();
    expect(tokenizer.decode(tokenizer.renderChat([user], { prefill: "4" }))).toBe("\nuser: 2 + 2?\nassistant: 4");
  });

  it("refuses control strings that people typed, since it cannot keep them text", () => {
    for (const content of ["a <Thread>", "</think>"]) {
      expect(() => chat().renderChat([{ role: "user", content }])).toThrow("remove them");
    }
  });
});
