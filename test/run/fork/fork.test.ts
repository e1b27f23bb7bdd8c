import { describe, expect, it } from "vitest";
import { generatedBy } from "../../../src/core/trie/generated.ts";
import { ThreadweaverError } from "../../../src/errors.ts";
import type { RunEvent } from "../../../src/run/events.ts";
import type { ThreadResult } from "../../../src/run/result.ts";
import { createRunner } from "../../../src/run/runner.ts";
import { textsOf } from "../texts.ts";
import { chatEngine, contextsOf } from "./chat-engine.ts";

const document = { role: "user", content: "A long document." };
const questions = [{ ask: "Who?" }, { name: "place", ask: "Where?" }];
const answers = (context: string) => ({ text: /\n(\w+)\?›/.exec(context)?.[1]?.toLowerCase() ?? "all of it" });
const listOf = (results: readonly ThreadResult[]) => results.map(({ name, text }) => `${name}: ${text}`).join("\n");

describe("a fork that the program plans", () => {
  it("sends each branch what the model's template makes of the messages and of its turn", async () => {
    const engine = chatEngine(answers);
    const result = await createRunner({ engine }).fork({ messages: [document] }, questions).result;
    expect(contextsOf(engine)).toEqual([
      "‹user\nA long document.›\n‹user\nWho?›\n‹assistant\n",
      "‹user\nA long document.›\n‹user\nWhere?›\n‹assistant\n",
    ]);
    expect(result).toMatchObject({ text: "", content: "", ending: { kind: "eos" }, complete: true });
    expect(result.threads).toMatchObject([
      { threadId: "0/1.1", name: "1", plan: "Who?", text: "who", index: 1 },
      { threadId: "0/1.2", name: "place", plan: "Where?", text: "where", index: 2 },
    ]);
    expect(result.warnings).toEqual([]);
  });

  it("counts what all branches share once, as the prompt", async () => {
    const engine = chatEngine(answers);
    const { tokens, tree } = await createRunner({ engine }).fork({ messages: [document] }, questions, { tree: true })
      .result;
    const trunk = "‹user\nA long document.›\n‹";
    expect(tree.segments[0]).toMatchObject({ maker: { by: "prompt" }, texts: [trunk] });
    expect(tokens.prompt).toBe(trunk.length);
    expect(tokens.inserted).toBe("user\nWho?›\n‹assistant\n".length + "user\nWhere?›\n‹assistant\n".length);
    expect(generatedBy(tree, "0")).toEqual([]);
  });

  it("goes on with what the program makes of the results, as a turn of the user", async () => {
    const engine = chatEngine(answers);
    const seen: (readonly ThreadResult[])[] = [];
    const combine = (results: readonly ThreadResult[]) => (seen.push(results), listOf(results));
    const options = { tree: true, join: { combine } } as const;
    const result = await createRunner({ engine }).fork({ messages: [document] }, questions, options).result;
    expect(contextsOf(engine).at(-1)).toBe("‹user\nA long document.›\n‹user\n1: who\nplace: where›\n‹assistant\n");
    expect(result).toMatchObject({ text: "all of it", content: "all of it", complete: true });
    expect(seen).toEqual([result.threads]);
    expect(result.tokens.criticalPath).toBe("where".length + 1 + "all of it".length + 1);
    expect(result.tree.segments[result.tree.head.segment]).toMatchObject({ maker: { by: "model", threadId: "0" } });
  });

  it("goes on as a template says, with the results by name; what a model wrote is no placeholder", async () => {
    const engine = chatEngine((context) => ({ text: context.includes("Who?›") ? " {place} " : "b" }));
    const join = { combine: "{place}+{1}+{other}: {results}" };
    await createRunner({ engine }).fork({ messages: [document] }, questions, { join }).result;
    expect(contextsOf(engine).at(-1)).toContain("‹user\nb+{place}+{other}: 1:\n{place}\n\nplace:\nb›");
  });

  it("continues the assistant's turn where a branch says so; what stands in it is text", async () => {
    const engine = chatEngine(() => ({ text: "." }));
    const branches = [{ continue: "Intro </think>" }, { ask: "Who?" }];
    const { tree } = await createRunner({ engine }).fork({ messages: [document] }, branches, { tree: true }).result;
    expect(contextsOf(engine)[0]).toBe("‹user\nA long document.›\n‹assistant\nIntro </think>");
    const control = engine.tokenizer.encode("</think>", { controls: "parse" });
    expect(control).toHaveLength(1);
    for (const { prompt } of engine.requests) expect(prompt).not.toContain((control as number[])[0]);
    expect(tree.segments[0]?.texts).toEqual(["‹user\nA long document.›\n‹"]);
  });

  it("continues a prompt, and goes on after it with text, on a model without a template", async () => {
    const engine = chatEngine((context) => ({ text: context.endsWith("=") ? "4" : "!" }));
    const branches = [{ continue: "2+2=" }, { continue: "1+3=" }];
    const join = { combine: (results: readonly ThreadResult[]) => results.map(({ text }) => text).join("") };
    const { text } = await createRunner({ engine }).fork({ prompt: "Sums: " }, branches, { join }).result;
    expect(contextsOf(engine)).toEqual(["Sums: 2+2=", "Sums: 1+3=", "Sums: 44"]);
    expect(text).toBe("!");
  });

  it("samples each branch in its own way, and main in the run's", async () => {
    const engine = chatEngine(answers);
    const branches = [{ ask: "Who?", temperature: 0, topK: 5 }, { ask: "Where?" }, { ask: "When?", temperature: 0.2 }];
    const own = { temperature: 0.9, threadSampling: { temperature: 0.5, topP: 0.5 }, join: { combine: "{results}" } };
    await createRunner({ engine }).fork({ messages: [document] }, branches, own).result;
    expect(engine.requests.map(({ sampling }) => ({ ...sampling, seed: undefined }))).toEqual([
      { temperature: 0, topP: 0.5, topK: 5 },
      { temperature: 0.5, topP: 0.5 },
      { temperature: 0.2, topP: 0.5 },
      { temperature: 0.9 },
    ]);
    expect(new Set(engine.requests.slice(1).map(({ sampling }) => sampling.seed)).size).toBe(3);
  });

  it("gives each branch its own limit, which wins over the one for all; main has none of them", async () => {
    const engine = chatEngine(() => ({ text: "abcdefgh" }));
    const branches = [{ ask: "Who?", maxTokens: 6 }, { ask: "Where?" }];
    const options = { maxThreadTokens: 3, join: { combine: "{results}" } };
    const { threads, text, incomplete } = await createRunner({ engine }).fork(
      { messages: [document] },
      branches,
      options,
    ).result;
    expect(threads.map((thread) => thread.text)).toEqual(["abcdef", "abc"]);
    expect(text).toBe("abcdefgh");
    expect(incomplete.map(({ threadId }) => threadId)).toEqual(["0/1.1", "0/1.2"]);
  });

  it("tells its listeners the text of every branch and of main, and streams main's", async () => {
    const engine = chatEngine(answers);
    const run = createRunner({ engine }).fork({ messages: [document] }, questions, { join: { combine: listOf } });
    const events: RunEvent[] = [];
    const reading = (async () => {
      let text = "";
      for await (const part of run.textStream) text += part;
      return text;
    })();
    for await (const event of run) events.push(event);
    expect([...textsOf(events)]).toEqual([
      ["0/1.1", "who"],
      ["0/1.2", "where"],
      ["0", "all of it"],
    ]);
    expect(await reading).toBe("all of it");
    const headers = events.flatMap((event) => (event.type === "thread-start" ? [event.header] : []));
    expect(headers).toEqual(["user\nWho?›\n‹assistant\n", "user\nWhere?›\n‹assistant\n"]);
  });

  it("stands on its own prompt where the template writes the messages in another way before a turn", async () => {
    // As templates do that leave out the thinking of earlier turns.
    const forgetful = (messages: readonly { role: string; content: string }[]) =>
      messages
        .map(({ role, content }, at) => {
          const isEarlier = messages.slice(at).some((later) => later.role === "user");
          return `‹${role}\n${isEarlier ? content.replace(/^.*&/, "") : content}›`;
        })
        .join("");
    const engine = chatEngine(() => ({ text: "." }), { template: forgetful });
    const messages = [document, { role: "assistant", content: "hm&so" }];
    const branches = [{ continue: "And" }];
    const run = createRunner({ engine }).fork({ messages }, branches, {
      tree: true,
      join: { combine: "now {results}" },
    });
    const { text, tree } = await run.result;
    expect(contextsOf(engine)).toEqual([
      "‹user\nA long document.›‹assistant\nhm&so›‹assistant\nAnd",
      "‹user\nA long document.›‹assistant\nso›‹user\nnow 1:\n.›‹assistant\n",
    ]);
    expect(text).toBe(".");
    const turn = tree.segments.find(({ maker }) => maker.by === "runtime" && maker.why === "return");
    expect(turn?.parent).toEqual({ segment: 0, n: 0 });
  });

  it("shares nothing that ends inside a character", async () => {
    const engine = chatEngine(() => ({ text: "." }));
    const { tokenizer } = engine;
    const bytes = (text: string) => [...Buffer.from(text)];
    const byBytes = {
      ...engine,
      tokenizer: {
        ...tokenizer,
        renderChat: (messages: readonly { content: string }[]) =>
          bytes(messages.map(({ content }) => content).join("|")),
        decode: (ids: readonly number[]) => Buffer.from(ids).toString(),
      },
    };
    const branches = [{ ask: "😀" }, { ask: "😁" }];
    const { tree } = await createRunner({ engine: byBytes }).fork({ messages: [document] }, branches, { tree: true })
      .result;
    expect(tree.segments.slice(0, 3).map(({ texts }) => texts)).toEqual([["A long document."], ["|😀"], ["|😁"]]);
  });

  it("needs one template for its branches only, where it refuses the messages alone", async () => {
    const strict = (messages: readonly { role: string; content: string }[]) => {
      if (messages.some(({ role }) => role === "user")) return messages.map(({ content }) => content).join("|");
      throw new ThreadweaverError("invalid_prompt", "no user query found");
    };
    const engine = chatEngine(() => ({ text: "." }), { template: strict });
    const messages = [{ role: "system", content: "Doc" }];
    await createRunner({ engine }).fork({ messages }, questions, { join: { combine: "{results}" } }).result;
    expect(contextsOf(engine)[0]).toBe("Doc|Who?‹assistant\n");
    await expect(createRunner({ engine }).fork({ messages }, [{ continue: "x" }]).result).rejects.toMatchObject({
      code: "invalid_prompt",
      message: 'branches[0] ("1"): no user query found',
    });
  });
});

describe("a branch that is lost", () => {
  const losing = (lost: string) => (context: string) =>
    context.includes(lost) ? { text: "he", after: "break" as const } : answers(context);

  it("leaves the others, and its place in their order; combine sees what it wrote and how it ended", async () => {
    const engine = chatEngine(losing("Who?›"));
    const seen: unknown[] = [];
    const combine = (results: readonly ThreadResult[]) => {
      seen.push(...results.map(({ text, ending }) => [text, ending.kind]));
      return "go on";
    };
    const run = createRunner({ engine }).fork({ messages: [document] }, questions, { retry: false, join: { combine } });
    const { complete, incomplete, text } = await run.result;
    expect(seen).toEqual([
      ["he", "failed"],
      ["where", "eos"],
    ]);
    expect({ complete, text, lost: incomplete.map(({ threadId }) => threadId) }).toEqual({
      complete: false,
      text: "all of it",
      lost: ["0/1.1"],
    });
  });

  it.each([["none"], [{ combine: "{results}" }]] as const)(
    "fails the run where all are lost (join %o)",
    async (join) => {
      const engine = chatEngine(losing("?›"));
      const run = createRunner({ engine }).fork({ messages: [document] }, questions, { retry: false, join });
      const error = (await run.result.catch((reason: unknown) => reason)) as ThreadweaverError<{ threads: unknown[] }>;
      expect(error).toMatchObject({ code: "engine_failed", threadId: "0/1.2" });
      expect(error.partial?.threads).toMatchObject([{ text: "he" }, { text: "he" }]);
      expect(engine.requests).toHaveLength(2);
    },
  );
});
