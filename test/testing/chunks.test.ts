import { describe, expect, it } from "vitest";
import { open, readStream, send, stream, withUsage } from "./support.ts";
import type { Streamed } from "./support.ts";

const sizes = ({ choices }: Streamed): number[] => choices.map(({ token_ids: ids }) => ids?.length ?? 0);
const texts = ({ choices }: Streamed): string[] => choices.map(({ text }) => text);

describe("text that may become a stop string", () => {
  const body = { stop: ["cdX"], max_tokens: 6 };

  it("all waits on vLLM, as long as the longest could be", async () => {
    expect(texts(await stream(await open(), body))).toEqual(["", "", "a", "b", "c", "def"]);
  });

  it("waits on SGLang where it looks like one, and the whole part with it", async () => {
    const answer = await stream(await open({ kind: "sglang" }), body);
    expect(texts(answer)).toEqual(["a", "b", "cde", "f"]);
    expect(sizes(answer)).toEqual([1, 1, 3, 1]);
  });

  it("does not wait where the server is told not to", async () => {
    expect(texts(await stream(await open({ holdBack: "none" }), body))).toEqual(["a", "b", "c", "d", "e", "f"]);
    expect(texts(await stream(await open({ holdBack: "partial" }), body))).toEqual(["a", "b", "cde", "f"]);
  });
});

describe("the parts of an answer", () => {
  it("hold several tokens on a loaded server, or where the call or the server wants it; the first comes at once", async () => {
    expect(sizes(await stream(await open({ tokensPerChunk: 3 })))).toEqual([3, 3, 1]);
    expect(sizes(await stream(await open(), { stream_interval: 4 }))).toEqual([1, 4, 2]);
    expect(sizes(await stream(await open({ streamInterval: 3 }), { stream_interval: 1 }))).toEqual([1, 3, 3]);
    // SGLang takes it in its own interface only.
    expect(sizes(await stream(await open({ kind: "sglang" }), { stream_interval: 4 }))).toHaveLength(7);
  });

  it("never end inside a character", async () => {
    const model = (): string => "x€";
    for (const kind of ["vllm", "sglang"] as const) {
      const answer = await stream(await open({ kind, model }), { max_tokens: 4 });
      expect(texts(answer)).toEqual(["x", "", "", "€"]);
    }
    // What stays open is dropped by vLLM, and shown by SGLang.
    expect(texts(await stream(await open({ model }), { max_tokens: 3 }))).toEqual(["x", "", ""]);
    const shown = await stream(await open({ kind: "sglang", model }), { max_tokens: 3 });
    expect(texts(shown)).toEqual(["x", "", "\uFFFD"]);
  });

  it("hold the whole prompt where it ends inside a character, on vLLM", async () => {
    const prompt = [256, 81, 226, 130];
    const body = { prompt, allowed_token_ids: [172], max_tokens: 1 };
    expect(texts(await stream(await open(), body))).toEqual(["Q€"]);
    expect(texts(await stream(await open(), { ...body, skip_special_tokens: false }))).toEqual(["<s>Q€"]);
  });

  it("are cut by the network anywhere, with comments between them and other line ends", async () => {
    const server = await open({ model: () => "€", comments: true, lineEnd: "\r\n", bytesPerWrite: 1 });
    const { text, choices } = await stream(server);
    expect(text.split("\r\n\r\n").filter((line) => line === ": ping")).toHaveLength(4);
    expect(text.replaceAll("\r\n", "")).not.toContain("\n");
    expect(choices.map((choice) => choice.text).join("")).toBe("€");
  });

  it("of several prompts and answers come in turn, with the same name on vLLM and one each on SGLang", async () => {
    const model = (prompt: string, _call: number, choice: number): string => `${prompt.at(-1)}${choice}`;
    for (const kind of ["vllm", "sglang"] as const) {
      const server = await open({ kind, model });
      const answer = await stream(server, {
        prompt: [
          [256, 81],
          [256, 82],
        ],
        n: 2,
        rid: "r",
        request_id: "r",
        ...withUsage,
      });
      const started = answer.choices.slice(0, 8).map(({ index, text }) => `${index}${text}`);
      expect(started).toEqual(["0Q", "1Q", "2R", "3R", "00", "11", "22", "33"]);
      expect(new Set(answer.parts.map(({ id }) => id)).size).toBe(kind === "vllm" ? 1 : 4);
      expect(answer.parts[1]?.id).toBe(kind === "vllm" ? "cmpl-r" : "r_1");
      expect(answer.parts.at(-1)?.usage).toMatchObject({ prompt_tokens: 4, completion_tokens: 12 });
      expect(server.calls[0]?.prompts).toEqual([
        [256, 81],
        [256, 82],
      ]);
    }
  });
});

describe("the counts", () => {
  const counted = ({ parts }: Streamed): (number | undefined)[] => parts.map(({ usage }) => usage?.completion_tokens);
  const body = { max_tokens: 2 };

  it("come where they are asked for", async () => {
    for (const kind of ["vllm", "sglang"] as const) {
      const server = await open({ kind });
      expect(counted(await stream(server, body))).toEqual([undefined, undefined]);
      expect(counted(await stream(server, { ...body, ...withUsage }))).toEqual([undefined, undefined, 2]);
      const continuous = { include_usage: true, continuous_usage_stats: true };
      expect(counted(await stream(server, { ...body, stream_options: continuous }))).toEqual([1, 2, 2]);
    }
  });

  it.each([
    ["none", [undefined, undefined]],
    ["final", [undefined, undefined, 2]],
    ["continuous", [1, 2, 2]],
    ["last-part", [undefined, 2]],
  ] as const)("come as the server likes it: %s", async (usage, expected) => {
    for (const kind of ["vllm", "sglang", "text"] as const) {
      const answer = await stream(await open({ kind, usage }), { ...body, prompt: "Q", ...withUsage });
      expect(counted(answer)).toEqual(expected);
    }
  });
});

describe("headers", () => {
  it.each([
    ["vllm", true],
    ["sglang", false],
    ["llamacpp", false],
  ] as const)("of %s come before the first token: %j", async (kind, early) => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const server = await open({ kind, model: () => promise });
    const responding = send(server, { prompt: [256], stream: true });
    await expect.poll(() => server.running).toBe(1);
    const first = await Promise.race([responding, new Promise((later) => setTimeout(later, 100))]);
    expect(first instanceof Response).toBe(early);
    resolve("a");
    expect((await readStream(await responding)).status).toBe(200);
  });

  it("come when the server is told to send them", async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const server = await open({ kind: "sglang", headers: "at-once", model: () => promise });
    const response = await send(server, { prompt: [256], stream: true });
    expect(response.status).toBe(200);
    resolve("a");
    await response.text();
  });
});

it("time between the parts is the test's own", async () => {
  const waits: number[] = [];
  const sleep = async (ms: number): Promise<void> => void waits.push(ms);
  await stream(await open({ chunkDelayMs: 60_000, sleep }), { max_tokens: 3 });
  expect(waits).toEqual([60_000, 60_000, 60_000]);
});
