import { describe, expect, it } from "vitest";
import type { FakeKind } from "../../src/testing/index.ts";
import { connect, outcomeOf } from "./support.ts";

const said = "a".repeat(300);

describe.each<FakeKind>(["vllm", "sglang", "sglang-native"])("parts of at most n tokens, on %s", (kind) => {
  it.each([2, 5, 50, 128, 1000])("hold no more than %i, and no more than 128", async (coalesce) => {
    const { engine } = await connect({ kind, model: () => said });
    const { parts, ids } = await outcomeOf(engine, { coalesce, maxTokens: 400 });
    const sizes = parts.map((pieces) => pieces.flatMap((piece) => [...(piece.ids ?? [])]).length);
    expect(Math.max(...sizes)).toBe(Math.min(coalesce, 128));
    expect(ids).toEqual([...Buffer.from(said), 257]);
  });

  it("hold one, where nothing is said or one is", async () => {
    const { engine } = await connect({ kind, model: () => "abc" });
    for (const coalesce of [undefined, 1]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const { parts } = await outcomeOf(engine, { coalesce });
      expect(parts.map((pieces) => pieces.length)).toEqual([1, 1, 1, 1]);
    }
  });
});
