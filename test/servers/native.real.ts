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
});
