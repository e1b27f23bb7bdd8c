import { describe, expect, it } from "vitest";
import { outcomeOf, connect } from "../support.ts";
import { chats, delta, engineOn, events, part, texts } from "./plain-server.ts";
import type { PlainServer } from "./plain-server.ts";

/** An error event of a proxy, which has answered HTTP 200 before it knows. */
const refusing = (message: string): object => ({ error: { message, type: "BadRequestError", code: 400 } });
const sampling = { temperature: 0.5, topP: 1, seed: 7 };

/** The bodies of the calls, without those that find out about the server. */
function bodiesOf({ requests }: PlainServer): Record<string, unknown>[] {
  return requests.map(({ body }) => body).filter((body) => body["stream"] === true && body["max_tokens"] !== 1);
}

describe("a field that is refused inside HTTP 200, before the first token", () => {
  it.each(["seed", "temperature", "top_p"])("is left out from then on: %s", async (field) => {
    const answers = texts(({ body }) => ({
      body: field in body ? events(refusing(`Unknown parameter: '${field}'`)) : events(part("ab", "stop")),
    }));
    const { engine, server } = await engineOn(answers);
    const { text, end, error } = await outcomeOf(engine, { prompt: [81], sampling });
    expect({ text, error, reason: end?.reason }).toEqual({ text: "ab", error: undefined, reason: "stop" });
    const next = await outcomeOf(engine, { prompt: [81], sampling });
    expect(next.text).toBe("ab");
    const had = bodiesOf(server).map((body) => field in body);
    expect(had).toEqual([true, false, false]);
  });

  it("is left out too after a part without text, as chats begin", async () => {
    const opening = { choices: [{ index: 0, delta: { role: "assistant", content: "" }, finish_reason: null }] };
    const answers = chats(({ body }) => ({
      body: events(opening, "seed" in body ? refusing("Unsupported parameter: seed") : delta("ab", "stop")),
    }));
    const { engine } = await engineOn(answers);
    expect(await outcomeOf(engine, { prompt: [81], sampling })).toMatchObject({ text: "ab", error: undefined });
  });

  it("is left out where several are refused one after the other, and all of them are remembered", async () => {
    const answers = texts(({ body }) => {
      const field = ["seed", "temperature"].find((name) => name in body);
      return { body: events(field === undefined ? part("ab", "stop") : refusing(`Unknown parameter: ${field}`)) };
    });
    const { engine, server } = await engineOn(answers);
    await outcomeOf(engine, { prompt: [81], sampling });
    await outcomeOf(engine, { prompt: [81], sampling });
    expect(bodiesOf(server)).toHaveLength(4);
  });

  it("is no reason to ask again after a token, a text or a thought", async () => {
    for (const first of [delta("a"), { choices: [{ index: 0, delta: { reasoning_content: "hm" } }] }]) {
      const { engine, server } = await engineOn(
        chats(() => ({ body: events(first, refusing("Unknown parameter: seed")) })),
      );
      // oxlint-disable-next-line no-await-in-loop -- one server after the other
      const { error } = await outcomeOf(engine, { prompt: [81], sampling });
      expect(error).toMatchObject({ code: "engine_refused", status: 400 });
      expect(bodiesOf(server)).toHaveLength(1);
    }
  });

  it("is never left out where the user asked for it by name", async () => {
    const { engine, server } = await engineOn(texts(() => ({ body: events(refusing("Unknown parameter: seed")) })));
    const { error } = await outcomeOf(engine, { prompt: [81], sampling, extraBody: { seed: 7 } });
    expect(error).toMatchObject({ code: "engine_refused" });
    expect(bodiesOf(server).every(({ seed }) => seed === 7)).toBe(true);
  });
});

describe("SGLang's own interface, whose fields are inside an object", () => {
  it("leaves out the one that is refused, and none of those that it says it takes", async () => {
    const message = "unknown field `sampling_seed`, expected one of `max_new_tokens`, `temperature`, `top_p`";
    let refused = 0;
    const { engine, server } = await connect({
      kind: "sglang-native",
      model: (_, call) => {
        const params = server.calls[call]?.body["sampling_params"] as object;
        if (!("sampling_seed" in params)) return "ab";
        refused += 1;
        return { text: "", refusal: { status: 400, message } };
      },
    });
    expect((await outcomeOf(engine, { sampling })).text).toBe("ab");
    expect((await outcomeOf(engine, { sampling })).text).toBe("ab");
    expect(refused).toBe(1);
    expect(server.calls.at(-1)?.body["sampling_params"]).toMatchObject({ temperature: 0.5, top_p: 1 });
  });

  it("says with which status it aborted an answer that had not begun", async () => {
    const { engine: full } = await connect({
      kind: "sglang-native",
      model: () => ({ text: "", refusal: { status: 503 } }),
    });
    expect((await outcomeOf(full)).error).toMatchObject({ code: "engine_failed", status: 503, retryable: true });
    const { engine: none } = await connect({ kind: "sglang-native", grammarBackend: "none", model: () => "ab" });
    const extraBody = { sampling_params: { regex: "a" } };
    const { error, ids } = await outcomeOf(none, { extraBody });
    // The token in such an answer is none of the model's.
    expect(ids).toEqual([]);
    expect(error).toMatchObject({ code: "engine_refused", status: 400, retryable: false });
    expect((error as Error).message).toContain("--grammar-backend none");
  });
});
