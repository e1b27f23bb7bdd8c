import { describe, expect, it, onTestFinished } from "vitest";
import { parallelR1 } from "../../src/core/dialects/bundled/index.ts";
import { createEngine } from "../../src/engine/openai.ts";
import { createRunner } from "../../src/run/runner.ts";
import type { RunEvent } from "../../src/run/events.ts";
import { startFakeServer } from "../../src/testing/index.ts";
import type { FakeKind } from "../../src/testing/index.ts";
import { textsOf } from "../run/texts.ts";
import { connect, outcomeOf } from "./support.ts";

const controls = ["<Parallel>", "</Parallel>", "<Path>", "</Path>", "<Summary>", "</Summary>", "<odd>"];
const odd = 258 + controls.indexOf("<odd>");

/** Forks once; its paths end by a token of which it is not known that it ends anything. */
function model(prompt: string): string {
  if (prompt.endsWith("<Path>")) return " a path<odd>";
  if (prompt.endsWith("<Summary>")) return "so</Summary>";
  return prompt.endsWith("</Summary>") ? " done" : "well <Parallel>";
}

it.each<FakeKind>(["vllm", "sglang", "sglang-native", "llamacpp"])(
  "an end of sequence that was not known is found when a call ends at it, and never sent on: %s",
  async (kind) => {
    const server = await startFakeServer({ kind, model, controls, moreEos: [odd] });
    const engine = await createEngine({ baseURL: server.baseURL, controls: parallelR1.markers });
    onTestFinished(async () => {
      await engine.close();
      await server.close();
    });
    expect(engine.tokenizer.eos).not.toContain(odd);
    const run = createRunner({ engine, dialect: parallelR1 }).run({ prompt: "Q\n" });
    const events: RunEvent[] = [];
    for await (const event of run) events.push(event);
    const { text } = await run.result;
    expect(text).toBe("well <Parallel><Path> a path</Path><Path> a path</Path></Parallel>\n<Summary>so</Summary> done");
    const shown = events.map((event) => (event.type === "text" ? event.inserted : "")).join("");
    expect(shown).not.toContain("<odd>");
    expect(textsOf(events).get("0")).toBe(text);
    for (const thread of ["0/1.1", "0/1.2"]) expect(textsOf(events).get(thread)).toBe(" a path</Path>");
    for (const { prompt } of server.calls) expect(prompt).not.toContain(odd);
  },
);

/** What a server writes, with other ids in its last part. */
const endingWith =
  (ids: readonly number[]) =>
  (data: string): string =>
    data.includes('"finish_reason":"stop"')
      ? data.replace(/"token_ids":\[[^\]]*\]/, `"token_ids":[${ids.join()}]`)
      : data;

describe("a server that once names a wrong last id", () => {
  it("has that call ended by it, and no later one", async () => {
    const { engine } = await connect({
      model: (_, call) => ({ text: "abab", rewrite: call === 0 ? endingWith([98]) : undefined }),
    });
    const wrong = await outcomeOf(engine);
    expect(wrong.end).toMatchObject({ reason: "stop", eos: 98 });
    expect(wrong.text).toBe("abab");
    const { text, ids, end } = await outcomeOf(engine);
    expect({ text, ids, end: end?.eos }).toEqual({ text: "abab", ids: [97, 98, 97, 98, 257], end: 257 });
    // At the limit of its tokens, the same id is no end either.
    const cut = await outcomeOf(engine, { maxTokens: 2 });
    expect({ reason: cut.end?.reason, text: cut.text }).toEqual({ reason: "length", text: "ab" });
  });

  it("keeps the text of the same id earlier in the part", async () => {
    const { engine } = await connect({
      model: () => ({ text: "aba", rewrite: endingWith([97, 98, 97, 98]) }),
      tokensPerChunk: 4,
    });
    expect((await outcomeOf(engine)).pieces).toEqual([
      { ids: [97], text: "a" },
      { ids: [98], text: "b" },
      { ids: [97], text: "a" },
      { ids: [98], text: "" },
    ]);
  });
});
