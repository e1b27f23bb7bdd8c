import { describe, expect, it } from "vitest";
import type { FakeEnding, FakeKind } from "../../src/testing/index.ts";
import { connect, idWays, outcomeOf } from "./support.ts";

/** Three letters, and two of the three tokens of a character. */
const sent = [97, 98, 99, 226, 130];

const ways: [kind: FakeKind, coalesce: number][] = [...idWays, ["llamacpp", 1]];

describe.each(ways)("tokens inside a character, on %s with parts of %i", (kind, coalesce) => {
  it.each<FakeEnding>(["drop", "end", "error", "abort", "silence"])(
    "are held, and become no pieces, when the server breaks off by %s",
    async (ending) => {
      // llama.cpp has no such reason.
      if (kind === "llamacpp" && ending === "abort") return;
      const { engine } = await connect(
        { kind, model: () => ({ text: "", ids: sent, ending }), tellsHalfCharacters: true },
        { timeouts: ending === "silence" ? { idleMs: 1000 } : undefined },
      );
      const { ids, broken, end, error } = await outcomeOf(engine, { coalesce });
      expect(ids).toEqual([97, 98, 99]);
      expect(broken).toMatchObject({ held: { ids: [226, 130], text: "\uFFFD" } });
      expect(end).toBeUndefined();
      expect(error).toMatchObject({ code: ending === "silence" ? "timeout" : "engine_failed" });
    },
  );
});
