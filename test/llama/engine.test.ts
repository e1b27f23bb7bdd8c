import { copyFile, mkdtemp, readFile, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { npr, threadweaver } from "../../src/core/dialects/bundled/index.ts";
import type { Dialect } from "../../src/core/dialects/schema.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { llamaEngine } from "../../src/llama/index.ts";
import { loadLlama } from "../../src/llama/library.ts";
import { createRunner } from "../../src/run/runner.ts";
import { isSettled } from "../engine/support.ts";
import { complete, encodePrompt, markerId, modelPath, request, transcripts } from "./support.ts";

const problem = transcripts[0]?.prompt ?? "";
let engine: Engine;
let prompt: number[];
beforeAll(async () => {
  engine = await llamaEngine({ model: modelPath, sequences: 2, contextTokens: 256 });
  prompt = await encodePrompt(engine, problem);
});
afterAll(() => engine.close());

describe("a call of the llama engine", () => {
  it("ends at a stop id, which is the last piece", async () => {
    const id = await markerId(engine, "<Outlines>");
    const { pieces, end } = await complete(engine, prompt, { stop: { ids: [id] } });
    expect(end?.reason).toBe("stop");
    expect(pieces.at(-1)).toEqual({ ids: [id], text: "<Outlines>" });
    expect(pieces.slice(0, -1).every(({ ids }) => ids?.length === 1)).toBe(true);
  });

  it("ends at the end of sequence, a piece without text", async () => {
    const whole = await encodePrompt(engine, (transcripts[0]?.text ?? "").replace("</s>", ""));
    const roomy = await llamaEngine({ model: modelPath, sequences: 1 });
    const { pieces, end } = await complete(roomy, whole);
    await roomy.close();
    expect(pieces).toEqual([{ ids: [257], text: "" }]);
    expect(end?.reason).toBe("stop");
  });

  it("ends after maxTokens", async () => {
    const { ids, end } = await complete(engine, prompt, { maxTokens: 7 });
    expect([ids.length, end?.reason, end?.completionTokens]).toEqual([7, "length", 7]);
  });

  it("ends when the context is full, and never shifts it", async () => {
    const { ids, end } = await complete(engine, prompt, { maxTokens: 1000 });
    expect([ids.length + prompt.length, end?.reason]).toEqual([256, "context"]);
    const reference = await encodePrompt(engine, transcripts[0]?.text ?? "");
    expect([...prompt, ...ids]).toEqual(reference.slice(0, 256));
  });

  it("uses the last free token of the context", async () => {
    const reference = (await encodePrompt(engine, transcripts[0]?.text ?? "")).slice(0, 256);
    const { ids, end } = await complete(engine, reference.slice(0, 255), { maxTokens: 5 });
    expect(ids).toEqual(reference.slice(255));
    expect(end?.reason).toBe("context");
  });

  it("evaluates only what it does not hold from an earlier call", async () => {
    const first = await complete(engine, prompt, { maxTokens: 20 });
    const second = await complete(engine, [...prompt, ...first.ids], { maxTokens: 1 });
    expect(second.end?.cachedTokens).toBe(prompt.length + first.ids.length - 1);
  });

  it("evaluates a cold prefix once for calls that come together", async () => {
    const fresh = await llamaEngine({ model: modelPath, sequences: 4, contextTokens: 256 });
    const trunk = [...prompt, ...(await encodePrompt(fresh, transcripts[1]?.prompt ?? ""))];
    const calls = [1, 2, 3, 4].map((byte) => complete(fresh, [...trunk, byte], { maxTokens: 3 }));
    const cached = (await Promise.all(calls)).map(({ end }) => end?.cachedTokens);
    await fresh.close();
    expect(cached).toEqual([0, trunk.length, trunk.length, trunk.length]);
  });

  it("waits for a sequence when more calls come than there are", async () => {
    const answers = await Promise.all(Array.from({ length: 7 }, () => complete(engine, prompt, { maxTokens: 12 })));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  });

  it("starts again whenever it ran out of calls", async () => {
    for (let index = 0; index < 100; index++) {
      const [one] = await Promise.all([
        complete(engine, prompt, { maxTokens: 1 }),
        Promise.resolve().then(() => complete(engine, prompt, { maxTokens: 1 })),
      ]);
      expect(one?.ids).toEqual([259]);
    }
  });

  it("decodes a prompt longer than a batch as it does a short one", async () => {
    const roomy = await llamaEngine({ model: modelPath, sequences: 2, contextTokens: 1024 });
    const reference = await encodePrompt(roomy, transcripts.at(-1)?.text ?? "");
    const { ids } = await complete(roomy, reference.slice(0, -20));
    await roomy.close();
    expect(reference.length).toBeGreaterThan(600);
    expect(ids).toEqual(reference.slice(-20));
  });
});

describe("log-probabilities of the llama engine", () => {
  it("are those that the reference servers tell of this model", async () => {
    const { pieces } = await complete(engine, prompt, { maxTokens: 3, logprobs: { top: 2 } });
    // As vLLM and SGLang were recorded; the file's weights are halves, theirs were not.
    const recorded = [
      [259, 48, -13.0295],
      [10, 268, -18.5163],
      [83, 48, -14.2721],
    ] as const;
    expect(pieces).toHaveLength(3);
    for (const [at, [chosen, other, logprob]] of recorded.entries()) {
      const { ids, logprobs, topLogprobs } = pieces[at] ?? {};
      expect(ids).toEqual([chosen]);
      expect(logprobs?.[0]).toBeCloseTo(0, 4);
      expect(topLogprobs?.[0]?.map(({ id }) => id)).toEqual([chosen, other]);
      expect(topLogprobs?.[0]?.[0]?.logprob).toBe(logprobs?.[0]);
      expect(Math.abs((topLogprobs?.[0]?.[1]?.logprob ?? 0) - logprob)).toBeLessThan(0.05);
    }
  });

  it("are of the chosen token alone where no others are asked for, and none where none are", async () => {
    const one = await complete(engine, prompt, { maxTokens: 1, logprobs: true });
    expect(Object.keys(one.pieces[0] ?? {})).toEqual(["ids", "text", "logprobs"]);
    const none = await complete(engine, prompt, { maxTokens: 1 });
    expect(Object.keys(none.pieces[0] ?? {})).toEqual(["ids", "text"]);
  });

  it("add up to one over all tokens, at any temperature, and do not change what is said", async () => {
    const sampling = { temperature: 3, topP: 1, seed: 5 };
    const plain = await complete(engine, prompt, { maxTokens: 12, sampling });
    const { pieces, ids } = await complete(engine, prompt, { maxTokens: 12, sampling, logprobs: { top: 269 } });
    expect(ids).toEqual(plain.ids);
    for (const piece of pieces) {
      for (const [at, top] of (piece.topLogprobs ?? []).entries()) {
        expect(top.reduce((sum, { logprob }) => sum + Math.exp(logprob), 0)).toBeCloseTo(1, 3);
        expect(top.find(({ id }) => id === piece.ids?.[at])?.logprob).toBe(piece.logprobs?.[at]);
      }
    }
    expect(pieces.flatMap((piece) => piece.topLogprobs ?? [])).toHaveLength(ids.length);
  });

  it("are refused where none of them are wanted", async () => {
    await expect(complete(engine, prompt, { logprobs: { top: 0 } })).rejects.toMatchObject({ code: "invalid_option" });
  });
});

describe("a run on the llama engine", () => {
  it("warns of markers that the model does not know, as on a server, and of none that it knows", async () => {
    const codesOf = async (dialect: Dialect): Promise<string[]> => {
      const run = createRunner({ engine, dialect }).run({ prompt: problem }, { maxTokens: 8 });
      return (await run.result).warnings.map(({ code }) => code);
    };
    expect(await codesOf(npr)).toEqual(["marker-unknown"]);
    expect(await codesOf(threadweaver)).toEqual(["never-forked"]);
  });
});

describe("sampling with the llama engine", () => {
  // This model is so sure of itself that it answers the same at 1.5.
  const hot = { temperature: 6, topP: 1 };

  it("gives one seed one text, and other seeds other texts", async () => {
    const texts = [];
    for (const seed of [1, 1, 2, 3]) {
      texts.push((await complete(engine, prompt, { maxTokens: 60, sampling: { ...hot, seed } })).text);
    }
    expect(texts[0]).toBe(texts[1]);
    expect(new Set(texts).size).toBe(3);
  });

  it("draws without a seed", async () => {
    const texts = await Promise.all([1, 2].map(() => complete(engine, prompt, { maxTokens: 60, sampling: hot })));
    expect(texts[0]?.text).not.toBe(texts[1]?.text);
  });

  it("draws the same numbers whichever calls run beside it", async () => {
    // Few tokens: the arithmetic of a batch of two is not that of one, which sampling notices sooner or later.
    const options = { maxTokens: 4, sampling: { ...hot, seed: 7 } };
    const alone = await complete(engine, prompt, options);
    const [beside] = await Promise.all([
      complete(engine, prompt, options),
      complete(engine, [256, 65], { maxTokens: 9, sampling: { ...hot, seed: 8 } }),
    ]);
    expect(beside?.text).toBe(alone.text);
  });

  it("is greedy again with a tiny nucleus", async () => {
    const greedy = await complete(engine, prompt, { maxTokens: 40 });
    const narrow = await complete(engine, prompt, { maxTokens: 40, sampling: { ...hot, topP: 0.01 } });
    expect(narrow.text).toBe(greedy.text);
  });

  it("penalizes tokens that the prompt or the answer holds already", async () => {
    const penalized = { temperature: 0, topP: 1, repetitionPenalty: 50 };
    const greedy = await complete(engine, prompt, { maxTokens: 12 });
    const answer = await complete(engine, prompt, { maxTokens: 12, sampling: penalized });
    // The prompt holds the line feed that follows `<think>`.
    expect(greedy.ids.slice(0, 2)).toEqual([259, 10]);
    expect(answer.ids[0]).toBe(259);
    expect(answer.ids[1]).not.toBe(10);
  });
});

describe("breaking off a call of the llama engine", () => {
  it("throws the signal's reason and frees the sequence", async () => {
    const single = await llamaEngine({ model: modelPath, sequences: 1, contextTokens: 512 });
    const controller = new AbortController();
    const running = (async () => {
      for await (const _ of single.complete(request(prompt, { signal: controller.signal }))) controller.abort("enough");
    })();
    await expect(running).rejects.toMatchObject({ code: "aborted", cause: "enough" });
    const next = await complete(single, prompt, { maxTokens: 1 });
    expect(next.end?.cachedTokens).toBe(prompt.length - 1);
    await single.close();
  });

  it("does not begin with a signal that was aborted before", async () => {
    const signal = AbortSignal.abort("too late");
    await expect(complete(engine, prompt, { signal })).rejects.toMatchObject({ code: "aborted", cause: "too late" });
  });

  it("ends within one turn of the event loop, whether the call is evaluated or waits for a sequence", async () => {
    const controllers = [1, 2, 3, 4].map(() => new AbortController());
    const calls = controllers.map(({ signal }) => complete(engine, prompt, { signal }));
    for (const call of calls) expect(await isSettled(call)).toBe(false);
    for (const [index, controller] of controllers.toReversed().entries()) {
      const call = calls.at(-1 - index) ?? Promise.resolve();
      controller.abort("enough");
      expect(await isSettled(call)).toBe(true);
      await expect(call).rejects.toMatchObject({ code: "aborted", cause: "enough" });
    }
  });

  it("drops a call that still waits for a sequence", async () => {
    const controller = new AbortController();
    const running = [1, 2].map(() => complete(engine, prompt, { maxTokens: 60 }));
    const waiting = complete(engine, prompt, { signal: controller.signal });
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: "aborted" });
    expect((await Promise.all(running)).map(({ end }) => end?.reason)).toEqual(["length", "length"]);
  });

  it("frees the sequence when the reader leaves", async () => {
    const single = await llamaEngine({ model: modelPath, sequences: 1, contextTokens: 512 });
    for await (const _ of single.complete(request(prompt))) break;
    expect((await complete(single, prompt, { maxTokens: 3 })).ids).toHaveLength(3);
    await single.close();
  });

  it("ends running and waiting calls when the engine closes, and takes no more", async () => {
    const single = await llamaEngine({ model: modelPath, sequences: 1, contextTokens: 512 });
    const calls = Promise.allSettled([1, 2, 3].map(() => complete(single, prompt)));
    await Promise.all([single.close(), single.close()]);
    const aborted = { status: "rejected", reason: { code: "aborted" } };
    expect(await calls).toMatchObject([aborted, aborted, aborted]);
    await expect(complete(single, prompt)).rejects.toMatchObject({ code: "closed" });
  });
});

describe("what the llama engine refuses", () => {
  it("a prompt that leaves no room", async () => {
    const long = Array.from({ length: 256 }, () => 65);
    await expect(complete(engine, long)).rejects.toMatchObject({
      code: "context_exceeded",
      message: expect.stringContaining(
        "The prompt has 256 tokens, and forkjoin-arith-f16.gguf (llama) takes 255 at most",
      ) as string,
    });
  });

  it.each([
    [[], "invalid_prompt", "The prompt has no tokens."],
    [[65, 269], "invalid_prompt", "The prompt holds 269, which is not a token id of this model: ids go from 0 to 268."],
  ])("a prompt that is none: %j", async (ids, code, message) => {
    await expect(complete(engine, ids)).rejects.toMatchObject({ code, message });
  });

  it("a call for no tokens", async () => {
    await expect(complete(engine, prompt, { maxTokens: 0 })).rejects.toMatchObject({ code: "invalid_option" });
  });

  it.each([
    [{ model: "" }, "invalid_option", "model: the path of a GGUF file"],
    [{ model: modelPath, threads: 0 }, "invalid_option", "threads"],
    [{ model: modelPath, thread: 1 }, "invalid_option", "thread"],
    [{ model: modelPath, contextTokens: 4096 }, "invalid_option", "trained on 2048 tokens"],
    [{ model: "no/such.gguf" }, "file", "no/such.gguf"],
    [{ model: "package.json" }, "file", "is not a GGUF file"],
  ])("the options %j", async (options, code, message) => {
    const error: unknown = await llamaEngine(options as never).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code });
    expect(error).toMatchObject({ message: expect.stringContaining(message) as string });
  });

  it("a file that was cut off", async () => {
    const folder = await mkdtemp(join(tmpdir(), "threadweaver-"));
    const path = join(folder, "short.gguf");
    await copyFile(modelPath, path);
    await truncate(path, (await readFile(path)).length / 2);
    // Every time: llama.cpp's log must not go to the console when an earlier engine is gone.
    for (let time = 0; time < 3; time += 1) {
      await expect(llamaEngine({ model: path })).rejects.toMatchObject({
        code: "engine_unavailable",
        message: expect.stringContaining("corrupted or incomplete") as string,
      });
    }
    await rm(folder, { recursive: true });
  });

  it("to run without node-llama-cpp, saying how to install it", async () => {
    const missing = Object.assign(new Error("Cannot find package"), { code: "ERR_MODULE_NOT_FOUND" });
    await expect(loadLlama(false, () => Promise.reject(missing))).rejects.toMatchObject({
      code: "missing_dependency",
      message: expect.stringContaining("npm install node-llama-cpp@3.22.1") as string,
    });
  });
});
