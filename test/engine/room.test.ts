import { describe, expect, it } from "vitest";
import { roomFor } from "../../src/engine/room.ts";

const engine = { name: "here", model: "small", contextTokens: 100 };

describe("the room in a context", () => {
  it("is what the prompt leaves of it, and at least one token", () => {
    expect(roomFor(engine, 1)).toBe(99);
    expect(roomFor(engine, 99)).toBe(1);
    expect(roomFor({ ...engine, maxPromptTokens: 90 }, 90)).toBe(10);
  });

  it.each([
    [100, undefined, "The prompt has 100 tokens, and small (here) takes 99 at most"],
    [500, undefined, "The prompt has 500 tokens, and small (here) takes 99 at most"],
    [91, 90, "The prompt has 91 tokens, and small (here) takes 90 at most"],
  ])("is none for a prompt of %i tokens where the longest is %s", (promptTokens, maxPromptTokens, message) => {
    expect(() => roomFor({ ...engine, maxPromptTokens }, promptTokens)).toThrow(
      expect.objectContaining({ code: "context_exceeded", message: expect.stringContaining(message) as string }),
    );
  });
});
