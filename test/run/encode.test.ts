import { describe, expect, it } from "vitest";
import { apr, asyncthink, parallelR1, threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { defineDialect } from "../../src/core/dialects/dialect.ts";
import type { Dialect } from "../../src/core/dialects/schema.ts";
import type { Input } from "../../src/core/machine/protocol.ts";
import type { CompletionEvent, EncodeOptions, Tokenizer } from "../../src/engine/engine.ts";
import type { RunOptions } from "../../src/run/options.ts";
import type { RunInput } from "../../src/run/input.ts";
import type { ResultWithTree } from "../../src/run/result.ts";
import { createRunner } from "../../src/run/runner.ts";
import { faultyEngine } from "./faulty-engine.ts";
import { hurried } from "./hurried-clock.ts";
import { turns } from "./model-engine.ts";
import { planned, scriptedEngine, type Script, type ScriptedEngine } from "./scripted-engine.ts";
import { textEngine } from "./text-engine.ts";

/** Its users write into their prompts how to answer. */
const told = { ...asyncthink, instructions: undefined };

/** A pair of letters that is one token, wherever both stand in one text. */
const pair = "st";
const pairId = 1;

/** A tokenizer that joins a pair of letters, answers late, and takes only what the interface allows. */
function joining(inner: Tokenizer): { tokenizer: Tokenizer; asked: (EncodeOptions & { text: string })[] } {
  const asked: (EncodeOptions & { text: string })[] = [];
  const encode = (text: string, { controls, inserted = false }: EncodeOptions): number[] => {
    if (!["parse", "text"].includes(controls)) throw new Error(`controls is ${controls}`);
    asked.push({ text, controls, inserted });
    return [...(inner.encodeSync?.(text.replaceAll(pair, String.fromCodePoint(pairId)), { controls }) ?? [])];
  };
  const tokenizer: Tokenizer = {
    ...inner,
    encode: async (text, options) => {
      if (options.signal === undefined) throw new Error("it could not be aborted");
      await turns(1);
      return encode(text, options);
    },
    encodeSync: (text, options) => encode(text, options),
    decode: async (ids, options) => (await inner.decode(ids, options)).replaceAll(String.fromCodePoint(pairId), pair),
  };
  return { tokenizer, asked };
}

interface Ran {
  engine: ScriptedEngine;
  /** What was asked of the tokenizer: only what the run itself wanted encoded, no markers. */
  asked: (EncodeOptions & { text: string })[];
  result: ResultWithTree;
  inputs: Input[];
  prompts: (readonly number[])[];
}

interface Setting {
  dialect: Dialect;
  input?: RunInput;
  engine?: (inner: ScriptedEngine) => ScriptedEngine;
  options?: RunOptions;
  concurrency?: number;
}

async function run(answer: (context: string) => Script, setting: Setting): Promise<Ran> {
  const scripted = scriptedEngine((context) => answer(context.replaceAll(String.fromCodePoint(pairId), pair)));
  const { tokenizer, asked } = joining(scripted.tokenizer);
  const { engine: wrap = (inner) => inner, dialect, input = { prompt: "Q" }, options, concurrency } = setting;
  const engine = wrap({ ...scripted, tokenizer });
  const inputs: Input[] = [];
  const recorder = { input: (given: Input): void => void inputs.push(structuredClone(given)) };
  const runner = createRunner({ engine, dialect, clock: hurried(), concurrency });
  const result = await runner.run(input, { temperature: 0, ...options, recorder, tree: true }).result;
  const markers = new Set([...dialect.markers, "</think>"]);
  const prompts = engine.requests.map(({ prompt }) => prompt);
  return { engine, asked: asked.filter(({ text }) => !markers.has(text)), result, inputs, prompts };
}

const sentOf = (inputs: readonly Input[]) => inputs.filter((input) => input.t === "sent");
const points = (text: string): number[] => Array.from(text, (character) => character.codePointAt(0) ?? 0);
const { bos = -1 } = scriptedEngine(() => ({ text: "" })).tokenizer;
const think = 0x11_0000 + 8;
const thread = 0x11_0000 + 6;

describe("a dialect whose authors send text", () => {
  /** The model writes a marker that is replaced: so main makes a second call. */
  const second =
    (text: string) =>
    (context: string): Script =>
      context.includes("<Calling Sub Searches>") ? { text: " and done" } : { text: `${text}<Sub Searches>` };
  const put = "<Calling Sub Searches>";

  it("has prompt and text encoded as one string: a token may span both, and the begin of sequence stands once", async () => {
    const { prompts, inputs } = await run(second("tart "), { dialect: apr, input: { prompt: "Qs" } });
    expect(prompts).toEqual([
      [bos, ...points("Qs")],
      [bos, ...points("Q"), pairId, ...points("art "), ...points(put)],
    ]);
    expect(sentOf(inputs).map(({ promptIds }) => promptIds)).toEqual(prompts);
  });

  it("keeps the ids of a prompt with control strings, which stay text, and encodes only what comes after it", async () => {
    const { prompts } = await run(second("tart "), {
      dialect: apr,
      input: { prompt: "<Thread>s" },
      options: { specialInPrompt: "text" },
    });
    expect(prompts[1]).toEqual([bos, ...points("<Thread>s"), ...points("tart "), ...points(put)]);
  });

  it("has control strings that the model wrote parsed, as the tokens that they are", async () => {
    const { prompts } = await run(second("t</think>"), { dialect: apr, input: { prompt: "Qs" } });
    expect(prompts[1]).toEqual([bos, ...points("Qs"), ...points("t"), think, ...points(put)]);
  });

  it("keeps a chat as its template rendered it", async () => {
    const { prompts } = await run(second("tart "), {
      dialect: apr,
      input: { messages: [{ role: "user", content: "Qs" }] },
      engine: (inner) => ({
        ...inner,
        tokenizer: { ...inner.tokenizer, renderChat: ([message]) => [bos, ...points(message?.content ?? "")] },
      }),
    });
    expect(prompts[1]).toEqual([bos, ...points("Qs"), ...points("tart "), ...points(put)]);
  });

  it("has a context encoded once, however often its call breaks off: each attempt goes on after the same ids", async () => {
    const { prompts, asked, inputs } = await run(second("tart "), {
      dialect: apr,
      input: { prompt: "Qs" },
      engine: (inner) => {
        const faulty = faultyEngine(inner, (call, attempt) =>
          call.endsWith("-1") && attempt < 3 ? { after: attempt } : undefined,
        );
        return { ...inner, complete: (request) => faulty.complete(request) };
      },
    });
    const whole = [bos, ...points("Q"), pairId, ...points("art "), ...points(put)];
    expect(sentOf(inputs).map(({ attempt, promptIds }) => [attempt, promptIds])).toEqual([
      [1, [bos, ...points("Qs")]],
      [1, whole],
      [2, [...whole, ...points(" ")]],
      [3, [...whole, ...points(" an")]],
    ]);
    expect(prompts[0]).toEqual([bos, ...points("Qs")]);
    expect(asked.filter(({ text }) => text === `Qstart ${put}`)).toHaveLength(1);
  });
});

describe("what the runtime writes", () => {
  const two = planned({ "1": { text: " odd</Thread>" }, "2": { text: " even</Thread>" } });

  it("is encoded on its own, each text once, with its control strings as tokens, and told as inserted", async () => {
    const { asked, inputs } = await run(two, { dialect: threadweaver });
    expect(asked).toEqual([
      { text: "Q", controls: "text", inserted: false },
      ...["\n<Thread>\n1:", "\n<Thread>\n2:", "<Thread>\n2:", "\n"].map((text) => ({
        text,
        controls: "parse",
        inserted: true,
      })),
    ]);
    expect(inputs.filter(({ t }) => t === "encoded")).toHaveLength(4);
    for (const sent of sentOf(inputs)) expect(sent).not.toHaveProperty("promptIds");
  });

  it("that two threads need at once is encoded for both, and the first answer counts", async () => {
    // The piece that ends in a marker is cut there; what is kept of it has no ids, and both paths begin after it.
    const saying = Object.entries({ Q: "so <Parallel> on", "<Path>": "x</Path>", "<Summary>": "s</Summary>" });
    const engine = (inner: ScriptedEngine): ScriptedEngine => ({
      ...inner,
      tokenizer: {
        ...inner.tokenizer,
        // A vocabulary without markers.
        encode: async (text, options) => {
          await inner.tokenizer.encode(text, options);
          return points(text);
        },
      },
      async *complete(request): AsyncGenerator<CompletionEvent> {
        inner.requests.push(request);
        const text = String.fromCodePoint(...request.prompt.filter((id) => id < bos));
        const said = saying.find(([end]) => text.endsWith(end))?.[1] ?? ".";
        yield { type: "pieces", pieces: [{ ids: points(said), text: said }] };
        yield { type: "end", reason: "length" };
      },
    });
    const { prompts, asked, inputs, result } = await run(() => ({ text: "" }), {
      dialect: parallelR1,
      engine,
      options: { maxForks: 1 },
    });
    const kept = "so <Parallel>";
    expect(prompts.slice(1, 3)).toEqual([1, 2].map(() => [bos, ...points(`Q${kept}<Path>`)]));
    expect(asked.filter(({ text }) => text === kept)).toEqual(
      [1, 2].map(() => ({ text: kept, controls: "parse", inserted: false })),
    );
    const cut = result.tree.segments.findIndex(({ maker }) => maker.by === "cut");
    expect(inputs.filter((input) => input.t === "encoded" && input.segment === cut)).toHaveLength(1);
    expect(result.text).toBe(`${kept}<Path>x</Path><Path>x</Path></Parallel>\n<Summary>s</Summary>.`);
  });
});

describe("the fresh prompt of a thread", () => {
  const call = (id: string, n = 0) => `<Start Sub Search ${n} at level 1> Moving to Node #${id}\n`;
  const block = (...calls: string[]) => `<Calling Sub Searches>\n${calls.join("")}<End Calling Sub Searches>`;
  const fresh = "go <Thread> on";
  const kept = defineDialect({
    ...apr,
    name: "kept",
    exact: { ...apr.exact, tokens: "kept" },
    functions: { ...apr.functions, countdownNode: () => fresh },
  });
  const answer = (context: string): Script => {
    if (context === fresh) return { text: "found" };
    return context.includes("<End Sub Searches>") ? { text: "." } : { text: block(call("a")) };
  };

  it("begins with the begin of sequence, and its control strings are text", async () => {
    const { prompts, asked } = await run(answer, { dialect: kept });
    expect(prompts[1]).toEqual([bos, ...points(fresh)]);
    expect(asked).toContainEqual({ text: fresh, controls: "text", inserted: false });
  });

  it("is counted as it would have been sent, where the run ended before it was", async () => {
    const scripted = scriptedEngine((context) =>
      context === fresh ? { text: "", after: "hang" } : { text: block(call("a"), call("b", 1)) },
    );
    const runner = createRunner({ engine: scripted, dialect: kept, concurrency: 1 });
    const made = runner.run({ prompt: "Q" });
    while (scripted.requests.length < 2) await turns(1);
    made.abort();
    const error: unknown = await made.result.catch((thrown: unknown) => thrown);
    const { tree } = (error as { partial: ResultWithTree }).partial;
    const roots = tree.segments.filter(({ parent }) => parent === null).slice(1);
    expect(roots.map(({ ids }) => ids)).toEqual([1, 2].map(() => [[bos, ...points(fresh)]]));
  });
});

describe("the chat of a thread", () => {
  const fork = (id: number, task: string) => `<FORK-${id}>${task}</FORK-${id}>`;
  const chatting = defineDialect({
    ...asyncthink,
    name: "chatting",
    context: { kind: "chat", messages: [{ role: "user", content: "{text}" }], prefill: "Well: " },
  });
  const rendering = (inner: ScriptedEngine): ScriptedEngine => ({
    ...inner,
    tokenizer: {
      ...inner.tokenizer,
      renderChat: async (messages, { prefill = "", signal } = {}) => {
        if (signal === undefined) throw new Error("it could not be aborted");
        return [bos, ...points(messages.map(({ role, content }) => `${role}: ${content}\n`).join("") + prefill)];
      },
      decode: async (ids, { signal } = {}) => {
        if (signal === undefined) throw new Error("it could not be aborted");
        return inner.tokenizer.decode(ids);
      },
    },
  });
  const answer = (context: string): Script => {
    if (context.startsWith("user: ")) return { text: "7" };
    return context.includes("</JOIN-1>") ? { text: "." } : { text: `${fork(1, "odd")}<JOIN-1>` };
  };

  it("is rendered by the model's own template, its beginning of the answer included, and is in the tree as it was sent", async () => {
    const { prompts, result } = await run(answer, { dialect: chatting, engine: rendering });
    expect(prompts[1]).toEqual([bos, ...points("user: odd\nWell: ")]);
    expect(prompts[2]).toEqual([bos, ...points(`Q${fork(1, "odd")}<JOIN-1>7</JOIN-1>`)]);
    const root = result.tree.segments.find(({ chat }) => chat !== undefined);
    expect(root).toMatchObject({ ids: [prompts[1]], texts: ["user: odd\nWell: "] });
    expect(result.tokens.estimated).toBe(false);
  });

  it("that was never rendered counts as what is not known: one token", async () => {
    const ends = (): Script => ({ text: fork(1, "odd") });
    const { result, engine, asked } = await run(ends, { dialect: chatting, engine: rendering, concurrency: 1 });
    expect(engine.requests).toHaveLength(1);
    expect(asked.map(({ text }) => text)).toEqual(["Q"]);
    const root = result.tree.segments.find(({ chat }) => chat !== undefined);
    expect(root).toMatchObject({ ids: [null], texts: [""] });
    expect(result.tokens.inserted).toBe(1);
  });
});

describe("an engine without token ids", () => {
  const context = "<FORK-1>odd</FORK-1> a <Thread> <JOIN-1>";
  const answer = (given: string): Script => {
    if (given.startsWith("odd")) return { text: "7" };
    return given.includes("</JOIN-1>") ? { text: "." } : { text: context };
  };
  const parsed = (text: string) =>
    text.split(/(<Thread>)/).flatMap((part) => (part === "<Thread>" ? [thread] : points(part)));

  it("is sent what it wrote encoded again, with control strings as tokens, and that is recorded", async () => {
    const { prompts, inputs, result } = await run(answer, { dialect: told, engine: textEngine });
    const again = [bos, ...points("Q"), ...parsed(`${context}7</JOIN-1>`)];
    expect(prompts.at(-1)).toEqual(again);
    expect(sentOf(inputs).map(({ call, promptIds }) => [call, promptIds])).toEqual([
      [0, undefined],
      [1, undefined],
      [2, again],
    ]);
    expect(result.text).toBe(`${context}7</JOIN-1>.`);
  });

  it("gets no ids for what it wrote, also where that is one piece", async () => {
    const whole = (inner: ScriptedEngine): ScriptedEngine => ({
      ...inner,
      tier: "text",
      async *complete(request): AsyncGenerator<CompletionEvent> {
        inner.requests.push(request);
        const { text } = answer(await inner.tokenizer.decode(request.prompt));
        yield { type: "pieces", pieces: [{ text }] };
        yield { type: "end", reason: "stop" };
      },
    });
    const { inputs, result, prompts } = await run(answer, { dialect: told, engine: whole });
    const written = result.tree.segments.filter(({ maker }) => maker.by === "model");
    expect(written.map(({ ids, texts }) => [ids, texts])).toEqual([context, "7", "."].map((text) => [[null], [text]]));
    expect(sentOf(inputs).at(-1)?.promptIds).toEqual(prompts.at(-1));
    expect(result.tokens.estimated).toBe(true);
  });

  it("that breaks off goes on after the same text, encoded again, with a warning that says so once", async () => {
    const { prompts, inputs, result } = await run(() => ({ text: "a <Thread> and so on" }), {
      dialect: told,
      engine: (inner) => {
        const faulty = faultyEngine(inner, (_, attempt) => (attempt < 4 ? { after: attempt + 3 } : undefined));
        const warnings = [{ code: "server-version" as const, message: "an old one" }];
        return { ...textEngine(faulty), warnings, requests: faulty.attempts } as unknown as ScriptedEngine;
      },
    });
    const prompt = [bos, ...points("Q")];
    const first = [...prompt, ...parsed("a <Thread> ")];
    expect(prompts.slice(0, 2)).toEqual([prompt, first]);
    expect(sentOf(inputs).map(({ promptIds }) => promptIds)).toEqual([undefined, ...prompts.slice(1)]);
    expect(result.text).toBe("a <Thread> and so on");
    expect(result.warnings).toEqual([
      { code: "server-version", message: "an old one", threadId: "" },
      {
        code: "resumed-from-text",
        message:
          "a call of thread 0 broke off and goes on after the same text, but perhaps not after the same tokens: " +
          "scripted returns no token ids",
        threadId: "0",
      },
    ]);
  });

  it("is not needed for any of that where the engine returns ids: no warning, and nothing is encoded again", async () => {
    const { inputs, result, asked } = await run(() => ({ text: "a <Thread> and so on" }), {
      dialect: told,
      engine: (inner) => {
        const faulty = faultyEngine(inner, (_, attempt) => (attempt < 3 ? { after: 3 } : undefined));
        return { ...inner, complete: (request) => faulty.complete(request) };
      },
    });
    expect(sentOf(inputs)).toHaveLength(3);
    for (const sent of sentOf(inputs)) expect(sent).not.toHaveProperty("promptIds");
    expect(asked.map(({ text }) => text)).toEqual(["Q"]);
    expect(result.warnings).toEqual([]);
  });
});
