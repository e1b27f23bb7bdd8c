import { expect, it } from "vitest";
import { sglangNative } from "../../src/engine/profiles/sglang.ts";
import { connect, kind, recording, referenceCalls, runnerOn, transcripts } from "./support.ts";

it.skipIf(kind !== "sglang")("SGLang's own interface, for its older versions, brings the same ids", async () => {
  const seen = recording();
  const { paths, request, answer, learn } = sglangNative;
  const engine = await connect({
    fetch: seen.fetch,
    profile: { paths, request, answer, learn, cancel: "abort-then-close" },
  });
  expect(engine.report.completions).toBe("/generate");
  const [transcript] = transcripts;
  if (transcript === undefined) throw new Error("no transcripts");
  const result = await runnerOn(engine).run({ prompt: transcript.prompt }, { logprobs: true }).result;
  expect(result.text).toBe(transcript.text.slice(transcript.prompt.length, -"</s>".length));
  expect(seen.bodies.map(({ prompt }) => prompt)).toEqual(
    referenceCalls(transcript).calls.map(({ context }) => context),
  );
  const generated = result.tree.segments.filter(({ maker }) => maker.by === "model");
  expect(generated).toHaveLength(seen.bodies.length);
  for (const { ids = [], logprobs = [], origins } of generated) {
    expect(logprobs).toHaveLength(ids.length);
    for (const of of logprobs) expect(of).toEqual([expect.any(Number)]);
    expect(origins).toMatchObject([
      { attempt: 1, weightVersion: expect.any(String) as string, cachedTokens: expect.any(Number) as number },
    ]);
  }
});
