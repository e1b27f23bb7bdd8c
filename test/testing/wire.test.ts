import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startFakeServer } from "../../src/testing/index.ts";
import type { FakeAnswer, FakeServer, FakeServerOptions } from "../../src/testing/index.ts";
import { ask, normalised, recording } from "./recording.ts";

const fixture = new URL("../fixtures/reference-transcripts.json", import.meta.url);
const [{ text }] = JSON.parse(readFileSync(fixture, "utf8")) as [{ text: string }];
const problem = "Q: 64*27+14*89\n";

/** What else the small model could have said at its first three tokens: with 32 bits, and with the 16 of its GGUF. */
const likely = [
  { id: 48, logprob: -13.02952 },
  { id: 268, logprob: -18.516256 },
  { id: 48, logprob: -14.272139 },
];
const likelyIn16 = [
  { id: 48, logprob: -13.025915 },
  { id: 268, logprob: -18.5158 },
];

/** Says what the small model said. */
function model(prompt: string, kind: FakeServerOptions["kind"]): FakeAnswer {
  const whole = `<s>${text}`;
  if (text.endsWith(`${prompt.replace("<s>", "")}</s>`)) return { text: "" };
  if (!whole.startsWith(prompt) || !prompt.includes(problem)) return { text: "x€y" };
  const topLogprobs = (kind === "llamacpp" ? likelyIn16 : likely).map((one) => [one]);
  return { text: whole.slice(prompt.length).replace("</s>", ""), ...(prompt.endsWith(problem) ? { topLogprobs } : {}) };
}

const servers: [name: string, options: Partial<FakeServerOptions>][] = [
  // On a processor its blocks are that long.
  ["vllm-0.32.0", { kind: "vllm", cacheBlock: 128 }],
  ["sglang-0.5.23", { kind: "sglang" }],
  ["llamacpp-0.5.0", { kind: "llamacpp", slots: 8 }],
];

/** Each was asked more than once, so that what can be cached is. */
describe.each(servers)("byte for byte as %s", (name, options) => {
  let server: FakeServer;
  beforeAll(async () => {
    const says = (prompt: string): FakeAnswer => model(prompt, options.kind);
    server = await startFakeServer({ model: says, probed: says, ...options });
  });
  afterAll(() => server.close());

  it.each(recording(name).map((exchange) => [exchange.name, exchange] as const))("%s", async (_, exchange) => {
    await ask(server.baseURL, exchange);
    expect(normalised(await ask(server.baseURL, exchange))).toEqual(normalised(exchange.answer));
  });
});
