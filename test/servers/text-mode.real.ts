import { expect, it } from "vitest";
import { connect, encode, runnerOn, transcripts } from "./support.ts";

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

it("without token ids the server still counts its tokens", async () => {
  const engine = await connect({ profile: { answer: { ids: null } } });
  const { prompt } = transcripts[0] ?? { prompt: "" };
  const events = engine.complete({
    prompt: [256, ...encode(prompt)],
    stop: { ids: [] },
    maxTokens: 7,
    sampling: { temperature: 0, topP: 1 },
    signal: new AbortController().signal,
  });
  for await (const event of events) {
    if (event.type === "end") expect(event).toMatchObject({ reason: "length", completionTokens: 7 });
  }
  expect.assertions(1);
});
