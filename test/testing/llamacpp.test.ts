import { afterEach, describe, expect, it } from "vitest";
import { startFakeServer } from "../../src/testing/index.ts";
import type { FakeServer, FakeServerOptions } from "../../src/testing/index.ts";
import { ask } from "./recording.ts";

let server: FakeServer;
afterEach(() => server.close());

async function post(
  path: string,
  body: Record<string, unknown>,
  options: Partial<FakeServerOptions> = {},
): Promise<{ status: number; text: string; headers: Record<string, string> }> {
  const model = (): string => "ab";
  server = await startFakeServer({ kind: "llamacpp", model, probed: model, modelName: "tw.gguf", ...options });
  return ask(server.baseURL, { name: "", method: "POST", path, body, answer: { status: 0, headers: {}, text: "" } });
}

/** What no recording of the real one shows, as its source reads. */
describe("llama.cpp", () => {
  const prompt = [256, 81];
  it("cuts a stop string, and holds back what may become one", async () => {
    const body = { prompt, stream: true, stop: ["bX", "bcd"] };
    const { text } = await post("/completion", body, { model: () => "abbcde" });
    const contents = [...text.matchAll(/"content":"(.*?)"/g)].map(([, content]) => content);
    expect(contents).toEqual(["a", "", "b", "", "", ""]);
    expect(text).toContain('"stop_type":"word","stopping_word":"bcd"');
  });

  it("leaves out the ids of tokens that end inside a character", async () => {
    const body = { prompt, stream: true, return_tokens: true };
    const { text } = await post("/completion", body, { model: () => "€" });
    const told = [...text.matchAll(/"tokens":\[(.*?)\].*?"tokens_predicted":(\d+)/g)].map(([, ...found]) => found);
    expect(told).toEqual([
      ["172", "3"],
      ["257", "4"],
      ["", "4"],
    ]);
    await server.close();
    const all = await post("/completion", body, { model: () => "€", tellsHalfCharacters: true, tellsEnd: false });
    expect(all.text.match(/"tokens":\[\d+\]/g)).toEqual(['"tokens":[226]', '"tokens":[130]', '"tokens":[172]']);
  });

  it("refuses in its own words", async () => {
    const long = Array.from({ length: 5000 }, () => 65);
    expect(await post("/completion", { prompt: long }, { contextTokens: 4096 })).toMatchObject({
      status: 400,
      text: '{"error":{"code":400,"message":"request (5000 tokens) exceeds the available context size (4096 tokens), try increasing it","type":"exceed_context_size_error","n_prompt_tokens":5000,"n_ctx":4096}}',
    });
    await server.close();
    expect(await post("/completion", { prompt }, { apiKey: "k" })).toMatchObject({
      status: 401,
      text: '{"error":{"code":401,"message":"Invalid API Key","type":"authentication_error"}}',
    });
    await server.close();
    expect(await post("/completion", { prompt }, { maxCalls: 0 })).toMatchObject({
      status: 503,
      text: '{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}',
    });
    await server.close();
    const broken = await post(
      "/completion",
      { prompt, stream: true },
      { model: () => ({ text: "", ending: "error" }) },
    );
    expect(broken.text).toMatch(/^data: \{"error":\{"code":500,"message":"[^"]+","type":"server_error"\}\}\n\n$/);
  });
});
