import { expect, it } from "vitest";
import { connect, runnerOn, transcripts } from "./support.ts";

it("without token ids the text is the same, and the run is warned of", async () => {
  const engine = await connect({ profile: { answer: { ids: null } } });
  expect(engine.tier).toBe("text");
  for (const { prompt, text } of transcripts.slice(0, 3)) {
    const result = await runnerOn(engine).run({ prompt }).result;
    expect(result.text).toBe(text.slice(prompt.length, -"</s>".length));
    expect(result.ending).toEqual({ kind: "eos" });
    expect(result.warnings).toMatchObject([{ code: "text-mode" }]);
  }
});
