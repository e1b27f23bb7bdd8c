import { describe, expect, it } from "vitest";
import { roomFor } from "../../src/engine/room.ts";

const engine = { name: "here", model: "small", contextTokens: 100 };

describe("the room in a context", () => {
  it("is what the prompt leaves of it, and at least one token", () => {
    expect(roomFor(engine, 1)).toBe(99);
    expect(roomFor(engine, 99)).toBe(1);
  });

  it.each([
    [100, "The prompt has 100 tokens, and small (here) takes 99 at most"],
    [500, "The prompt has 500 tokens, and small (here) takes 99 at most"],
  ])("is none for a prompt of %i tokens ", (promptTokens, message) => {
    expect(() => roomFor(engine, promptTokens)).toThrow(
      expect.objectContaining({ code: "context_exceeded", message: expect.stringContaining(message) as string }),
    );
  });
});
