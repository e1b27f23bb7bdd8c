import { afterAll, beforeAll, expect, it } from "vitest";
import type { Engine } from "../../src/engine/engine.ts";
import { llamaEngine } from "../../src/llama/index.ts";
import { complete, encodePrompt, markerId, modelPath, transcripts } from "./support.ts";
import type { Transcript } from "./support.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await llamaEngine({ model: modelPath });
});
afterAll(() => engine.close());

async function encode(text: string): Promise<number[]> {
  return engine.tokenizer.encode(text, { controls: "parse" });
}

async function expectSequential({ prompt, text }: Transcript): Promise<void> {
  const answer = await complete(engine, await encodePrompt(engine, prompt));
  expect(answer.ids).toEqual(await encode(text.slice(prompt.length)));
  expect(answer.end?.reason).toBe("stop");
}

async function expectForked({ prompt, pre, threads, post }: Transcript): Promise<void> {
  const root = await encodePrompt(engine, prompt);
  const trunk = await complete(engine, root, { stop: { ids: [await markerId(engine, "</Outlines>")] } });
  expect(trunk.ids).toEqual(await encode(pre));
  const forkAt = [...root, ...trunk.ids];

  const stop = { ids: [await markerId(engine, "</Thread>")] };
  const headers = await Promise.all(threads.map((_, index) => encode(`\n<Thread>\n${index + 1}:`)));
  const written = await Promise.all(headers.map((ids) => complete(engine, [...forkAt, ...ids], { stop })));
  expect(written.map(({ ids }) => ids)).toEqual(await Promise.all(threads.map(encode)));
  // The last token of the trunk was sampled, never evaluated.
  for (const { end } of written) expect(end?.cachedTokens).toBe(forkAt.length - 1);

  const spliced = written.map(({ text }, index) => `<Thread>\n${index + 1}:${text}`).join("");
  const join = await complete(engine, [...forkAt, ...(await encode(`\n${spliced}\n</Parallel>\n`))]);
  expect(join.ids).toEqual(await encode(post));
  // The first thread's sequence is the joined path; the others have to be evaluated after it.
  const firstThread = (headers[0]?.length ?? 0) + (written[0]?.ids.length ?? 0);
  expect(join.end?.cachedTokens).toBe(forkAt.length + firstThread - 1);
}

it("decodes every reference transcript in one sequence, token for token", async () => {
  for (const transcript of transcripts) await expectSequential(transcript);
}, 300_000);

it("decodes every reference transcript forked and joined, token for token, and evaluates no prefix twice", async () => {
  for (const transcript of transcripts) await expectForked(transcript);
}, 300_000);

it("decodes reference transcripts side by side, token for token", async () => {
  await Promise.all(transcripts.slice(0, 8).map(expectSequential));
});
