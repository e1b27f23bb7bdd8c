import { expect, it, onTestFinished } from "vitest";
import { parallelR1 } from "../../src/core/dialects/bundled/index.ts";
import { createEngine } from "../../src/engine/openai.ts";
import { createRunner } from "../../src/run/runner.ts";
import type { RunEvent } from "../../src/run/events.ts";
import { startFakeServer } from "../../src/testing/index.ts";
import type { FakeKind } from "../../src/testing/index.ts";
import { textsOf } from "../run/texts.ts";

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
    expect(engine.tokenizer.eos).toContain(odd);
  },
);
