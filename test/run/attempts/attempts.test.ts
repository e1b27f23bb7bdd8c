import { describe, expect, it } from "vitest";
import { generatedBy } from "../../../src/core/trie/generated.ts";
import type { AttemptsOptions } from "../../../src/run/attempts/options.ts";
import type { AttemptsResult } from "../../../src/run/attempts/result.ts";
import type { RunEvent } from "../../../src/run/events.ts";
import { confidence, deadline, firstOf, quorum, stragglers, type JoinPolicy } from "../../../src/run/policies/index.ts";
import { createEngine } from "../../../src/engine/openai.ts";
import { startFakeServer } from "../../../src/testing/index.ts";
import { createRunner } from "../../../src/run/runner.ts";
import { handClock } from "../hand-clock.ts";
import { turns } from "../model-engine.ts";
import { attemptEngine, question, type Script } from "./attempt-engine.ts";

const answer = "lastBox" as const;
const boxed = (value: string, before = ""): Script => ({ text: `${before}\\boxed{${value}}` });
const endless: Script = { text: "and so on", end: false };

const attempt = (scripts: readonly Script[], options: Partial<AttemptsOptions> = {}): Promise<AttemptsResult> =>
  createRunner({ engine: attemptEngine(scripts) }).attempts(question, { count: scripts.length, answer, ...options })
    .result;

describe("attempts at one question", () => {
  it("are sent the same prompt, with seeds of their own", async () => {
    const engine = attemptEngine([boxed("1"), boxed("2"), boxed("3")]);
    await createRunner({ engine }).attempts(question, { count: 3, seed: 7, temperature: 0.7 }).result;
    const prompts = engine.requests.map(({ prompt }) => prompt.join());
    expect(new Set(prompts).size).toBe(1);
    expect(new Set(engine.requests.map(({ sampling }) => sampling.seed)).size).toBe(3);
    expect(engine.requests.map(({ sampling }) => sampling.temperature)).toEqual([0.7, 0.7, 0.7]);
  });

  it("elect the answer that most of them give, compared by the grader", async () => {
    const result = await attempt([boxed("1/2"), boxed("3"), boxed("0.5"), { text: "no idea" }]);
    expect(result.answer).toBe("1/2");
    expect(result.votes).toEqual([
      { answer: "1/2", weight: 2, attempts: [0, 2] },
      { answer: "3", weight: 1, attempts: [1] },
    ]);
    expect(result).toMatchObject({ text: "\\boxed{1/2}", content: "\\boxed{1/2}", complete: true, incomplete: [] });
    expect(result.attempts).toMatchObject([
      { name: "1", answer: "1/2", voted: true, ending: { kind: "eos" } },
      { name: "2", answer: "3", voted: true },
      { name: "3", answer: "0.5", voted: true },
      { name: "4", answer: undefined, voted: false },
    ]);
    expect(result.threads).toBe(result.attempts);
    expect(result.saved).toEqual({ tokens: 0, from: 4, estimated: true });
  });

  it("elect the answer that came first where two have as many votes", async () => {
    expect((await attempt([boxed("5"), boxed("7"), boxed("7"), boxed("5")])).answer).toBe("5");
  });

  it("find and compare answers as a function of the program says", async () => {
    const options = {
      answer: (text: string) => /(\w+)!/.exec(text)?.[1],
      equal: (a: string, b: string) => a.toLowerCase() === b.toLowerCase(),
    };
    const { answer: elected, votes } = await attempt([{ text: "Yes!" }, { text: "no!" }, { text: "so YES!" }], options);
    expect(elected).toBe("Yes");
    expect(votes[0]?.attempts).toEqual([0, 2]);
    expect(
      (await attempt([{ text: "Yes!" }, { text: "no!" }, { text: "yes!" }], { ...options, equal: "text" })).votes,
    ).toHaveLength(3);
  });

  it("are cut when enough of them agree, and say what that saved", async () => {
    const result = await attempt([boxed("4"), endless, boxed("4.0"), endless], { policy: quorum(2) });
    expect(result).toMatchObject({ answer: "4", complete: true, incomplete: [], finishReason: "stop" });
    expect(result.attempts.map(({ ending }) => ending)).toEqual([
      { kind: "eos" },
      { kind: "cut", by: "quorum" },
      { kind: "eos" },
      { kind: "cut", by: "quorum" },
    ]);
    expect(result.attempts.map(({ voted }) => voted)).toEqual([true, false, true, false]);
    const [first, second, third, fourth] = result.attempts.map(({ tokens }) => tokens);
    const mean = ((first ?? 0) + (third ?? 0)) / 2;
    const saved = Math.round(2 * mean - Math.min(mean, second ?? 0) - Math.min(mean, fourth ?? 0));
    expect(result.saved).toEqual({ tokens: saved, from: 2, estimated: true });
    expect(result.warnings.map(({ code }) => code)).toEqual(["thread-cut", "thread-cut"]);
  });

  it("are cut by whichever of several policies says so first", async () => {
    const policy = [quorum(3), firstOf(1)];
    const { attempts } = await attempt([boxed("4", "well, "), endless, endless], { policy });
    expect(attempts.map(({ ending }) => ending)).toMatchObject([{ kind: "eos" }, { by: "firstOf" }, { by: "firstOf" }]);
  });

  it("are cut at a deadline, and then there may be no answer, of which the result warns", async () => {
    const { clock, next } = handClock();
    const engine = attemptEngine([endless, { text: "no answer" }]);
    const run = createRunner({ engine, clock }).attempts(question, { count: 2, answer, policy: deadline(500) });
    await turns(40);
    next();
    const result = await run.result;
    expect(result).toMatchObject({ answer: undefined, text: "", votes: [], complete: false });
    expect(result.attempts[0]?.ending).toEqual({ kind: "cut", by: "deadline" });
    expect(result.wallMs).toBe(500);
    expect(result.warnings).toContainEqual({
      code: "no-answer",
      message:
        "no answer was found in any of 2 attempts, of which 1 came to their end: look at the text of one, and give answer another rule",
      threadId: "",
    });
  });

  it("are cut when they take much longer than the others", async () => {
    const { clock, next } = handClock();
    const engine = attemptEngine([boxed("4"), boxed("4"), endless]);
    const slow = { ...clock, now: () => clock.now() + engine.requests.length };
    const run = createRunner({ engine, clock: slow }).attempts(question, { count: 3, answer, policy: stragglers() });
    await turns(40);
    next();
    const { attempts } = await run.result;
    expect(attempts[2]?.ending).toEqual({ kind: "cut", by: "stragglers" });
  });

  it("ask for no log-probabilities where no policy needs any, and keep none", async () => {
    const engine = attemptEngine([boxed("1"), boxed("1")]);
    const { attempts } = await createRunner({ engine }).attempts(question, { count: 2, answer }).result;
    expect(engine.requests.map(({ logprobs }) => logprobs)).toEqual([false, false]);
    expect(attempts[0]).not.toHaveProperty("score");
  });

  it("end the run where all of them fail", async () => {
    const broken: Script = { text: "so", end: false, breaks: true };
    const failed = attempt([broken, broken], { retry: false });
    await expect(failed).rejects.toMatchObject({ code: "engine_failed", partial: { threads: [{}, {}] } });
  });

  it("leave out of the vote what failed", async () => {
    const result = await attempt([boxed("4"), { ...boxed("5"), end: false, breaks: true }], { retry: false });
    expect(result).toMatchObject({ answer: "4", complete: false });
    expect(result.attempts[1]).toMatchObject({ voted: false, answer: undefined, ending: { kind: "failed" } });
  });

  it("are aborted within one turn, and then have no votes", async () => {
    const run = createRunner({ engine: attemptEngine([endless, endless]) }).attempts(question, { count: 2 });
    await turns(3);
    run.abort(new Error("enough"));
    await expect(run.result).rejects.toMatchObject({ code: "aborted", partial: { threads: [{}, {}] } });
  });

  it("are events as those of any run", async () => {
    const events: RunEvent[] = [];
    await attempt([boxed("4"), endless], { policy: firstOf(1), onEvent: (event) => void events.push(event) });
    expect(events.filter(({ type }) => type === "thread-start")).toHaveLength(2);
    expect(events.find((event) => event.type === "thread-end" && event.ending.kind === "cut")).toMatchObject({
      threadId: "0/1.2",
    });
    expect(events.at(-1)?.type).toBe("run-end");
  });
});

describe("attempts with the policy confidence", () => {
  const policy = confidence({ warmups: 2, window: 3, percentile: 50 });
  const scripts = [
    { ...boxed("4"), sure: 4 },
    { ...boxed("5"), sure: 2 },
    { ...boxed("5"), sure: 2.5 },
    { ...boxed("5"), sure: 3.5 },
  ];

  it("begin after the warm-ups, are cut below the bar, and vote by their scores", async () => {
    const engine = attemptEngine(scripts);
    const begun: number[] = [];
    const onEvent = (event: RunEvent): void => {
      if (event.type === "call-start") begun.push(event.call);
      if (event.type === "thread-end" && begun.length < 4) expect(begun).toEqual([0, 1]);
    };
    const {
      answer: elected,
      votes,
      attempts,
    } = await createRunner({ engine }).attempts(question, {
      count: 4,
      answer,
      policy,
      onEvent,
    }).result;
    expect(begun).toEqual([0, 1, 2, 3]);
    expect(attempts.map(({ score, voted }) => [score, voted])).toEqual([
      [4, true],
      [2, false],
      [2.5, false],
      [3.5, true],
    ]);
    expect(attempts[2]).toMatchObject({ ending: { kind: "cut", by: "confidence" }, tokens: 3 });
    expect(elected).toBe("4");
    expect(votes.map(({ weight }) => weight)).toEqual([4, 3.5]);
  });

  it.each([
    ["the answers of the warm-ups agree", confidence({ warmups: 2, window: 3, percentile: 0, consensus: 0.95 })],
    ["another policy cuts them", [confidence({ warmups: 2, window: 3 }), quorum(2)]],
  ])("send no request of those that wait where %s", async (_, decides) => {
    const engine = attemptEngine([boxed("5"), boxed("5"), boxed("4"), boxed("4")]);
    const begun: number[] = [];
    const onEvent = (event: RunEvent): void => void (event.type === "call-start" && begun.push(event.call));
    const how = { count: 4, answer, policy: decides, onEvent };
    const { answer: elected, attempts } = await createRunner({ engine }).attempts(question, how).result;
    expect(attempts.map(({ ending, tokens }) => [ending.kind, tokens])).toEqual([
      ["eos", 10],
      ["eos", 10],
      ["cut", 0],
      ["cut", 0],
    ]);
    expect([elected, begun, engine.requests.length]).toEqual(["5", [0, 1], 2]);
  });

  it("keep one number a token of what only the policy needs, and what the caller asked for besides", async () => {
    const engine = attemptEngine(scripts);
    const runner = createRunner({ engine });
    const bare = await runner.attempts(question, { count: 4, policy, tree: true }).result;
    expect(engine.requests[0]?.logprobs).toEqual({ top: 20 });
    const [piece] = generatedBy(bare.tree ?? expect.fail(), "0/1.1");
    expect(piece).toMatchObject({ confidences: [4] });
    expect(piece).not.toHaveProperty("topLogprobs");
    expect(piece).not.toHaveProperty("logprobs");
    const more = await runner.attempts(question, { count: 4, policy, logprobs: { top: 2 } }).result;
    const [whole] = generatedBy(more.tree ?? expect.fail(), "0/1.1");
    expect(whole).toMatchObject({ confidences: [4], logprobs: [-0.5] });
    expect(whole?.topLogprobs?.[0]).toHaveLength(2);
  });

  it("are refused by an engine that cannot say how sure its model is, and the error says what works there", async () => {
    await using server = await startFakeServer({ kind: "text", model: () => "\\boxed{4}" });
    await using engine = await createEngine({ baseURL: server.baseURL });
    const before = server.calls.length;
    const run = createRunner({ engine }).attempts(question, { count: 4, policy, temperature: 1 });
    await expect(run.result).rejects.toMatchObject({
      code: "invalid_option",
      message: expect.stringMatching(
        /^The policy confidence measures .* logprobs.* firstOf, quorum, deadline/,
      ) as string,
    });
    expect(server.calls.length).toBe(before);
  });

  it("can vote by confidence where nothing is cut", async () => {
    const { answer: elected, attempts } = await attempt(scripts.slice(0, 3), { vote: "confidence" });
    expect(attempts.map(({ ending, score }) => [ending.kind, score])).toEqual([
      ["eos", 4],
      ["eos", 2],
      ["eos", 2.5],
    ]);
    expect(elected).toBe("5");
  });
});

describe("a policy of the program's own", () => {
  it("decides in a few lines", async () => {
    const twiceTheShortest: JoinPolicy = {
      name: "twiceTheShortest",
      needs: { tokens: true },
      decide({ siblings }) {
        const shortest = Math.min(...siblings.filter(({ isDone }) => isDone).map(({ tokens }) => tokens));
        return { cut: siblings.filter(({ ending, tokens }) => ending === undefined && tokens > 2 * shortest) };
      },
    };
    const long: Script = { text: "x".repeat(100) };
    const { attempts } = await attempt([{ text: "12345" }, long, { text: "x".repeat(9) }], {
      policy: twiceTheShortest,
    });
    expect(attempts.map(({ ending, tokens }) => [ending.kind, tokens])).toEqual([
      ["eos", 6],
      ["cut", 13],
      ["eos", 10],
    ]);
  });

  it("that throws ends the run, with all that was made", async () => {
    const decide = (): never => {
      throw new Error("oh");
    };
    await expect(attempt([boxed("4")], { policy: { name: "mine", decide } })).rejects.toMatchObject({
      code: "invalid_option",
      message: "the policy mine threw: oh",
    });
  });

  it("that holds all of them does not hang the run", async () => {
    const policy: JoinPolicy = { name: "shy", decide: ({ siblings }) => ({ hold: siblings }) };
    expect((await attempt([boxed("4"), boxed("4")], { policy })).answer).toBe("4");
  });
});

describe("what cannot be meant is refused at once", () => {
  it.each<[string, object, RegExp]>([
    ["no count", { count: undefined }, /attempts: count/],
    ["a count of 0", { count: 0 }, /attempts: count/],
    ["attempts that would all be the same", { temperature: 0 }, /At temperature 0 all 2 attempts would be the same/],
    ["a quorum above the count", { policy: quorum(3) }, /it waits for 3 equal answers, and there are 2 attempts/],
    ["no policy", { policy: "quorum" }, /policy: must be a policy such as quorum\(3\) of threadweaver\/policies/],
    ["a rule that there is not", { answer: "boxed" }, /answer: must be one of auto, lastBox/],
    ["an equality that there is not", { equal: "fuzzy" }, /equal: must be one of text, default/],
    ["a vote that there is not", { vote: "loudest" }, /vote/],
    ["an option of forks", { maxForks: 2 }, /there is no option maxForks/],
  ])("%s", (_, options, message) => {
    const engine = attemptEngine([boxed("1"), boxed("1")]);
    const begin = () => createRunner({ engine }).attempts(question, { count: 2, ...options });
    expect(begin).toThrow(message);
    expect(begin).toThrow(expect.objectContaining({ code: "invalid_option" }) as Error);
    expect(engine.requests).toEqual([]);
  });

  it("an answer that is no text", async () => {
    const wrong = { answer: () => 4 } as unknown as Partial<AttemptsOptions>;
    await expect(attempt([boxed("4")], wrong)).rejects.toMatchObject({
      code: "invalid_option",
      message: "answer returned 4; it must return the answer as a string, or undefined where there is none",
      partial: { threads: [{}] },
    });
  });
});
