import { describe, expect, it, onTestFinished } from "vitest";
import type { RunWarning } from "../../../src/run/result.ts";
import { createRunner } from "../../../src/run/runner.ts";
import type { RunResult } from "../../../src/run/result.ts";
import { createEngine } from "../../../src/engine/openai.ts";
import { startFakeServer } from "../../../src/testing/index.ts";
import { threadweaver } from "../../../src/core/dialects/bundled/index.ts";
import { chats, delta, engineOn, events, part, texts } from "./plain-server.ts";
import type { PlainAnswer, PlainAnswers } from "./plain-server.ts";

type Body = NonNullable<PlainAnswer["body"]>;

const messages = [{ role: "user", content: "Q" }];

async function runOn(answers: PlainAnswers, input: object): Promise<RunResult> {
  const { engine } = await engineOn(answers);
  const runner = createRunner({ engine, dialect: threadweaver });
  return runner.run(input as { prompt: string }, { mode: "sequential", retry: false }).result;
}

const ofTexts = (body: Body): Promise<RunResult> =>
  runOn(
    texts(() => ({ body })),
    { prompt: "Q" },
  );
const ofChats = (body: Body): Promise<RunResult> =>
  runOn(
    chats(() => ({ body })),
    { messages },
  );

/** What is warned of besides the tier. */
function said({ warnings }: RunResult): RunWarning["code"][] {
  return warnings.map(({ code }) => code).filter((code) => code !== "text-mode");
}

describe("why an answer ended", () => {
  it.each(["stop", "eos", "eos_token", "end_turn", "stop_sequence", "STOP", "COMPLETE"])(
    "%s is a clean end",
    async (reason) => {
      const result = await ofTexts(events(part("yes"), part("", reason), "[DONE]"));
      expect(result).toMatchObject({ text: "yes", ending: { kind: "eos" }, finishReason: "stop" });
      expect(said(result)).toEqual([]);
    },
  );

  it.each(["length", "max_tokens", "model_length", "MAX_TOKENS"])("%s is a length", async (reason) => {
    expect(await ofChats(events(delta("yes"), delta(null, reason)))).toMatchObject({
      text: "yes",
      finishReason: "length",
    });
  });

  it.each(["content_filter", "SAFETY", "sensitive", "refusal"])(
    "%s is a filter, an ending of its own",
    async (reason) => {
      const result = await ofChats(events(delta("He sa"), delta(null, reason)));
      expect(result).toMatchObject({
        text: "He sa",
        ending: { kind: "filtered" },
        finishReason: "content-filter",
        complete: false,
      });
    },
  );

  it.each(["", "none", "null", "in_progress", null])("%j means that it goes on", async (reason) => {
    const result = await ofTexts(events(part("ye", reason), part("s", reason), part("", "stop")));
    expect(result).toMatchObject({ text: "yes", ending: { kind: "eos" } });
    expect(said(result)).toEqual([]);
  });

  it("a reason that nobody knows costs a warning, and no token", async () => {
    const result = await ofTexts(events(part("ye"), part("s", "tool_calls_v2")));
    expect(result).toMatchObject({ text: "yes", ending: { kind: "eos" } });
    expect(said(result)).toEqual(["finish-unknown"]);
    expect(result.warnings.at(-1)?.message).toContain('"tool_calls_v2"');
    expect(result.warnings.at(-1)?.message).toContain("profile.answer.finishes");
  });

  it("a reason that is not known is a length where all the tokens came that there was room for", async () => {
    const server = await startFakeServer({
      contextTokens: 20,
      model: () => ({ text: "and so on and so on", rewrite: (data) => data.replace('"length"', '"tired"') }),
    });
    onTestFinished(() => server.close());
    await using engine = await createEngine({ baseURL: server.baseURL });
    const runner = createRunner({ engine, dialect: threadweaver });
    const end = async (maxTokens?: number) =>
      (await runner.run({ prompt: "and so on" }, { mode: "sequential", maxTokens }).result).ending;
    expect(await end()).toEqual({ kind: "length", limit: "context" });
    expect(await end(3)).toEqual({ kind: "length", limit: "runTokens" });
  });

  it.each(["weighing", "stop"])("a reason is none where text follows: %s", async (reason) => {
    const result = await ofTexts(events(part("a", reason), part("b", reason), part("c", reason)));
    expect(result).toMatchObject({ text: "abc", ending: { kind: "eos" } });
  });

  it.each(["error", "insufficient_system_resource", "network_error"])("%s means that it broke off", async (reason) => {
    await expect(ofTexts(events(part("ab"), part("", reason)))).rejects.toMatchObject({
      code: "engine_failed",
      retryable: true,
      partial: { text: "ab" },
    });
  });

  it("the words of a profile win", async () => {
    const { engine } = await engineOn(
      texts(() => ({ body: events(part("ab", "halt")) })),
      {
        profile: { answer: { finishes: { halt: "length" } } },
      },
    );
    const run = createRunner({ engine, dialect: threadweaver }).run({ prompt: "Q" }, { mode: "sequential" });
    const result = await run.result;
    expect(result.finishReason).toBe("length");
    expect(said(result)).toEqual([]);
  });
});

describe("what an answer says", () => {
  it.each<[string, unknown[]]>([
    ["a list with a text part", [[{ type: "text", text: "hi" }]]],
    ["a list of strings", [["h", "i"]]],
    ["one part without a list", [{ type: "output_text", text: "hi" }]],
    ["a text that is an object", [[{ type: "text", text: { value: "hi", annotations: [] } }]]],
    ["null, then a string", [null, "hi"]],
    ["an empty list, then a string", [[], "hi"]],
  ])("%s", async (_, contents) => {
    const result = await ofChats(events(...contents.map((content) => delta(content)), delta(null, "stop")));
    expect(result).toMatchObject({ text: "hi", ending: { kind: "eos" } });
    expect(said(result)).toEqual([]);
  });

  it("what cannot be read is told", async () => {
    const image = { type: "image_url", image_url: { url: "data:," } };
    const result = await ofChats(events(delta([{ type: "text", text: "see" }, image]), delta(null, "stop")));
    expect(result.text).toBe("see");
    expect(said(result)).toEqual(["content-unread"]);
    expect(result.warnings.at(-1)?.message).toContain("image_url");
  });

  const whole = { choices: [{ message: { role: "assistant", content: "all of it" }, finish_reason: "stop" }] };

  it.each<[string, Body]>([
    ["one JSON value", whole],
    ["one JSON value on many lines, after a byte order mark", `\uFEFF\n${JSON.stringify(whole, null, 2)}\n`],
    ["one event", events(whole)],
    ["a JSON value a line", [JSON.stringify(delta("all of ")), "\n", `${JSON.stringify(delta("it", "stop"))}\n`]],
    ["a list of parts", JSON.stringify([delta("all of "), delta("it", "stop")])],
    [
      "a list of parts as content",
      { choices: [{ message: { content: [{ type: "text", text: "all of it" }] }, finish_reason: "stop" }] },
    ],
  ])("an answer that is not streamed although that was asked for: %s", async (_, body) => {
    expect(await ofChats(body)).toMatchObject({ text: "all of it", ending: { kind: "eos" } });
  });

  it("a completion that is not streamed is read too", async () => {
    expect(await ofTexts({ choices: [{ text: "abc", finish_reason: "stop" }] })).toMatchObject({ text: "abc" });
  });
});

describe("framing", () => {
  const last = events(part("b", "stop"));
  it.each<[string, string | string[]]>([
    ["comments", `: ping\n\n${events(part("a"))}:\n\n${last}`],
    ["events without data", `data:\n\n${events(part("a"))}data: \n\nevent: ping\n\n${last}`],
    [
      "foreign events",
      `event: ping\ndata: {"type":"ping"}\n\n${events(part("a"))}event: status\ndata: warm\n\n${last}`,
    ],
    ["data that is no object", `data: null\n\n${events(part("a"))}data: 1\n\ndata: "ok"\n\ndata: []\n\n${last}`],
    ["words between the events", `${events(part("a"))}data: keep-alive\n\n${last}`],
    ["progress without an error", `${events({ type: "progress", message: "loading", code: 0 }, part("a"))}${last}`],
    ["an end with spaces", `${events(part("a"))}${last}data: [DONE] \n\n`],
    ["an end in quotation marks", `${events(part("a"))}${last}data: "[DONE]"\n\n`],
    ["no line end after the last event", `${events(part("a"))}data: ${JSON.stringify(part("b", "stop"))}`],
    ["one line end after the last event", `${events(part("a"))}data: ${JSON.stringify(part("b", "stop"))}\n`],
    ["an event cut short after the last whole one", `${events(part("a"))}${last}data: {"choices":[{"te`],
    ["everything byte by byte", Array.from(`${events(part("a"))}${last}data: [DONE]\n\n`)],
  ])("%s", async (_, body) => {
    expect(await ofTexts(body)).toMatchObject({ text: "ab", ending: { kind: "eos" }, retries: 0 });
  });

  it.each([events("[DONE]"), "", "data: {"])(
    "a connection cut after the last token has lost nothing: %j",
    async (rest) => {
      const body = `${events(part("a"), part("b", "stop"))}${rest}`;
      expect(
        await runOn(
          texts(() => ({ body, cut: true })),
          { prompt: "Q" },
        ),
      ).toMatchObject({ text: "ab" });
    },
  );

  it("a connection cut before it has", async () => {
    const body = `${events(part("a"))}data: {"choices":[{"te`;
    await expect(
      runOn(
        texts(() => ({ body, cut: true })),
        { prompt: "Q" },
      ),
    ).rejects.toMatchObject({
      code: "engine_failed",
      retryable: true,
      partial: { text: "a" },
    });
  });
});
