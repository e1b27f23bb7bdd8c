import { describe, expect, it } from "vitest";
import { open, send, stream } from "./support.ts";
import type { Streamed } from "./support.ts";

const last = ({ choices }: Streamed): unknown => choices.at(-1);
const textOf = ({ choices }: Streamed): string => choices.map(({ text }) => text).join("");

describe("what ended an answer", () => {
  it.each([
    ["vllm", "stop_reason", null],
    ["sglang", "matched_stop", 257],
  ] as const)("on %s is told by %s: an id, a string, or %j for the end of sequence", async (kind, field, eos) => {
    const server = await open({ kind });
    expect(last(await stream(server, { stop_token_ids: [99] }))).toMatchObject({ [field]: 99, token_ids: [99] });
    const byText = await stream(server, { stop: ["cd"] });
    expect(last(byText)).toMatchObject({ finish_reason: "stop", [field]: "cd" });
    expect(textOf(byText)).toBe("ab");
    expect(last(await stream(server))).toMatchObject({ finish_reason: "stop", [field]: eos, token_ids: [257] });
    expect(last(await stream(server, { max_tokens: 2 }))).toMatchObject({ finish_reason: "length", [field]: null });
  });

  it("can be told by the other's field, or by none", async () => {
    const told = await stream(await open({ kind: "vllm", stopField: "matched_stop" }));
    expect(last(told)).toMatchObject({ matched_stop: 257 });
    expect(last(told)).not.toHaveProperty("stop_reason");
    const silent = await stream(await open({ kind: "vllm", stopField: "none" }), { stop_token_ids: [99] });
    expect(last(silent)).not.toHaveProperty("stop_reason");
    expect(last(await stream(await open({ kind: "text", stopField: "stop_reason" }), { prompt: "Q" }))).toHaveProperty(
      "stop_reason",
      null,
    );
  });

  it("is shown where the call asks for it, by each server's own field", async () => {
    const vllm = await open({ kind: "vllm" });
    expect(textOf(await stream(vllm, { stop: ["cd"], include_stop_str_in_output: true }))).toBe("abcd");
    expect(textOf(await stream(vllm, { stop_token_ids: [99], no_stop_trim: true }))).toBe("ab");
    const sglang = await open({ kind: "sglang" });
    expect(textOf(await stream(sglang, { stop_token_ids: [99], no_stop_trim: true }))).toBe("abc");
    expect(textOf(await stream(sglang, { stop: ["cd"], include_stop_str_in_output: true }))).toBe("ab");
  });

  it("may be passed by ids that came in the same step", async () => {
    const server = await open({ kind: "vllm", tokensPastStop: 2 });
    const answer = await stream(server, { stop: ["cd"] });
    expect(textOf(answer)).toBe("ab");
    expect(answer.choices.flatMap(({ token_ids: ids }) => ids)).toEqual([...Buffer.from("abcdef")]);
  });
});

describe("an answer that breaks off", () => {
  const broken = (ending: "abort" | "end" | "drop" | "error", text = "ab") => open({ model: () => ({ text, ending }) });

  it("is aborted by a part without tokens on vLLM, with the last token on SGLang", async () => {
    const { choices } = await stream(await broken("abort"));
    expect(choices.at(-1)).toMatchObject({ text: "", finish_reason: "abort", stop_reason: null, token_ids: [] });
    const sglang = await stream(await open({ kind: "sglang", model: () => ({ text: "ab", ending: "abort" }) }));
    expect(sglang.choices.at(-1)).toMatchObject({ finish_reason: "abort", matched_stop: null, token_ids: [98] });
  });

  it("has an error in it that is written with spaces, and [DONE] behind it", async () => {
    const error =
      'data: {"error": {"message": "EngineCore encountered an issue. See stack trace (above) for the root cause.", "type": "InternalServerError", "param": null, "code": 500}}\n\ndata: [DONE]\n\n';
    const { text, parts } = await stream(await broken("error"));
    expect(parts).toHaveLength(2);
    expect(text.endsWith(error)).toBe(true);
    // Before the first part, it is all there is.
    expect(await stream(await broken("error", ""))).toMatchObject({ status: 200, text: error });
  });

  it("ends without an ending, or is cut off", async () => {
    const { choices, text } = await stream(await broken("end"));
    expect(choices.at(-1)).toMatchObject({ finish_reason: null });
    expect(text).not.toContain("[DONE]");
    await expect(stream(await broken("drop"))).rejects.toThrow("terminated");
  });

  it("ends well but for [DONE]", async () => {
    const { choices, text } = await stream(await open({ done: false }));
    expect(choices.at(-1)).toMatchObject({ finish_reason: "stop" });
    expect(text).not.toContain("[DONE]");
  });

  it("breaks off where it is not streamed, too", async () => {
    const probed = () => ({ text: "ab", ending: "error" as const });
    const failed = await send(await open({ probed }), { prompt: [256] });
    expect(failed.status).toBe(500);
    const dropping = await open({ probed: () => ({ text: "ab", ending: "drop" }) });
    await expect(send(dropping, { prompt: [256] })).rejects.toThrow("fetch failed");
  });
});

describe("an answer whose events are changed", () => {
  it("is what the test makes of each event, in order, and without those that it leaves out", async () => {
    const seen: [string, number][] = [];
    const rewrite = (data: string, nth: number): string | undefined => {
      seen.push([data, nth]);
      if (data === "[DONE]") return undefined;
      return nth === 1 ? data.replace("[98]", "[9999]") : data;
    };
    const { choices, text } = await stream(await open({ model: () => ({ text: "abc", rewrite }) }));
    expect(choices.map(({ token_ids: ids }) => ids)).toEqual([[97], [9999], [99], [257]]);
    expect(text).not.toContain("[DONE]");
    expect(seen.map(([, nth]) => nth)).toEqual([0, 1, 2, 3, 4]);
    expect(seen.at(-1)).toEqual(["[DONE]", 4]);
  });

  it("changes no other answer of the server", async () => {
    const server = await open({ model: (_, call) => (call === 0 ? { text: "abc", rewrite: () => undefined } : "abc") });
    expect(await stream(server)).toMatchObject({ status: 200, text: "" });
    expect(textOf(await stream(server))).toBe("abc");
  });
});
