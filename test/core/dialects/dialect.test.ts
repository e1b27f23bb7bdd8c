import { ThreadweaverError } from "../../../src/errors.ts";
import { describe, expect, it } from "vitest";
import { defineDialect, sequential } from "../../../src/core/dialects/dialect.ts";
import { markersOf } from "../../../src/core/dialects/markers.ts";
import type { Dialect, DialectInput } from "../../../src/core/dialects/schema.ts";
import {
  apr,
  asyncthink,
  pacore,
  builtinFunctions,
  dcCot,
  dialectFromData,
  dialects,
  multiverse,
  npr,
  parallelR1,
  skeleton,
  threadweaver,
  threadweaverConclusion,
} from "../../../src/core/dialects/bundled/index.ts";

/** The message of the error that a dialect is refused with, without its first line. */
function mistakes(input: unknown): string[] {
  try {
    defineDialect(input as DialectInput);
  } catch (error) {
    if (!(error instanceof ThreadweaverError)) throw error;
    expect(error.code).toBe("invalid_dialect");
    const [first, ...rest] = error.message.split("\n");
    expect(first).toMatch(/^dialect \S+ is not valid:$/);
    return rest;
  }
  return [];
}

const { functions, ...aprData } = apr;

describe("the bundled dialects", () => {
  it("are found by their names", () => {
    expect(Object.keys(dialects)).toEqual([
      "threadweaver",
      "threadweaver-conclusion",
      "parallel-r1",
      "npr",
      "multiverse",
      "dc-cot",
      "apr",
      "skeleton",
      "threadweaver-prompted",
      "asyncthink",
      "pacore",
    ]);
    for (const [name, dialect] of Object.entries(dialects)) expect(dialect.name).toBe(name);
  });

  it("say in a sentence what they are, how exact they are, and where they differ", () => {
    for (const dialect of Object.values(dialects)) {
      expect(dialect.summary).toMatch(/arXiv \d{4}\.\d{5}|conclusion/);
      expect(dialect.exact.why.length).toBeGreaterThan(20);
      for (const difference of dialect.differences) expect(difference).toMatch(/^[A-Z].{30,}\.$/);
    }
  });

  it.each(Object.values(dialects).map((dialect) => [dialect.name, dialect] as const))(
    "%s comes back from JSON as it was",
    (_, dialect) => {
      const { functions: own = {}, ...data } = dialect;
      const again = dialectFromData(JSON.parse(JSON.stringify(data)) as object);
      expect(again).toEqual({ ...data, functions: builtinFunctions });
      for (const [name, fn] of Object.entries(own)) expect(builtinFunctions[name]).toBe(fn);
    },
  );

  it("have a sequential twin that never forks", () => {
    expect(sequential(npr)).toEqual({ ...npr, trigger: { kind: "none" }, needs: "chat-only" });
    expect(npr.trigger.kind).toBe("marker");
  });

  it("share what is shared by Multiverse and its descendant NPR", () => {
    const { exact, trained, trigger, thread, join } = multiverse;
    expect(npr).toMatchObject({ exact, trained, onForkRefused: "continue" });
    expect([trigger, npr.trigger]).toEqual([
      { kind: "marker", marker: "</Goal>" },
      { kind: "marker", marker: "</guideline>" },
    ]);
    expect(thread).toEqual({ stop: ["</Path>"], close: "\n</Path>\n", tailTokens: 1, maxDepth: 5 });
    expect([join, npr.join].map(({ shape, ...rest }) => [shape, "tail" in rest && rest.tail])).toEqual([
      ["append", "<Conclusion>\n"],
      ["append", "<takeaway>\n"],
    ]);
  });

  it("differ in the two modes of threadweaver only by what stands behind the threads", () => {
    const { join, name, summary, ...rest } = threadweaverConclusion;
    expect(threadweaver).toMatchObject(rest);
    expect(join).toEqual({
      shape: "append",
      tail: "\n<Conclusion>\n",
      endTail: "\n<Conclusion>\n</Conclusion>\n</Parallel>",
    });
    expect([name, summary === threadweaver.summary]).toEqual(["threadweaver-conclusion", false]);
  });
});

describe("a dialect without what may be left out", () => {
  it("has no differences, no limits, and no functions", () => {
    const { differences: _1, limits: _2, functions: _3, ...data } = parallelR1;
    const dialect = defineDialect(data);
    expect(dialect.differences).toEqual([]);
    expect(dialect.limits).toEqual({});
    expect("functions" in dialect).toBe(false);
  });
});

describe("the markers of a dialect", () => {
  it("are all that a stop of each thread stands for", () => {
    const dialect = defineDialect({ ...dcCot, markers: [], plan: { source: "fixed", count: 12 } });
    expect(markersOf(dialect)).toEqual([
      ...Array.from({ length: 12 }, (_, i) => `</worker_${i + 1}>`),
      "</think>",
      "<spawn_workers>",
    ]);
  });
});

describe("a mistake in a dialect is told in words", () => {
  const changed = (changes: object): Dialect => ({ ...threadweaver, ...changes });

  it.each<[what: string, form: object, messages: string[]]>([
    ["begins without the opener", { begin: "plan\n" }, ["✖ plan.form.begin: it must hold plan.after, which is <plan>"]],
    [
      "ends elsewhere than the plan",
      { end: "</plan>\n" },
      ["✖ plan.form.end: it must end with the marker of the trigger, where the plan is read"],
    ],
    [
      "has items without a text",
      { item: "{id}.\n" },
      ["✖ plan.form.item: it must have {id} and {text}, each once, and no other placeholder"],
    ],
    ["has more items at least than at most", { items: [5, 2] }, ["✖ plan.form.items: the least is more than the most"]],
  ])("explains a form of a plan that %s", (_, form, messages) => {
    const { plan } = skeleton;
    if (plan.source !== "outline") throw new Error("skeleton has an outline");
    expect(mistakes({ ...skeleton, plan: { ...plan, form: { ...plan.form, ...form } } })).toEqual(messages);
  });

  it.each([
    ["</step>", "a thread cannot end both at a marker and before it"],
    ["{id}. {what}", "{what} is that of the other threads, so it must be one of context.header.prompt too"],
  ])("explains why a thread cannot end before %s", (text, message) => {
    const dialect = { ...skeleton, thread: { ...skeleton.thread, endBefore: [text] } };
    expect(mistakes(dialect)).toEqual([`✖ thread.endBefore[0]: ${message}`]);
  });

  it.each<[what: string, input: object, messages: string[]]>([
    [
      "a name in capitals",
      changed({ name: "Thread_Weaver" }),
      ["✖ a name is lower case letters, digits and hyphens", "  → at name"],
    ],
    ["an unknown field", changed({ colour: 1 }), ['✖ Unrecognized key: "colour"']],
    [
      "a field that is missing",
      changed({ version: undefined }),
      ["✖ Invalid input: expected number, received undefined", "  → at version"],
    ],
    [
      "an empty marker",
      changed({ markers: [""] }),
      ["✖ Too small: expected string to have >=1 characters", "  → at markers[0]"],
    ],
    [
      "a shape of join that does not exist",
      changed({ join: { shape: "merge" } }),
      [expect.stringContaining("✖ Invalid"), "  → at join.shape"] as string[],
    ],
    [
      "a plan pattern without an id",
      changed({ plan: { ...threadweaver.plan, item: "<Outline>{n:int}:" } }),
      ["✖ plan.item: the pattern must capture {id:…}, which distinguishes the threads"],
    ],
    [
      "a pattern that cannot be scanned",
      changed({ plan: { ...threadweaver.plan, item: "<Outline>{id:int}5" } }),
      [
        '✖ plan.item: pattern "<Outline>{id:int}5", character 18: what follows {id:int} begins with a character that it would take itself',
      ],
    ],
    [
      "a wait without an id",
      { ...asyncthink, trigger: { ...asyncthink.trigger, wait: "<JOIN>" } },
      ["✖ trigger.wait: the pattern must capture {id:…}, which distinguishes the threads"],
    ],
    [
      "a spawn that cannot be scanned",
      { ...asyncthink, trigger: { ...asyncthink.trigger, spawn: "{text}" } },
      [
        '✖ trigger.spawn: pattern "{text}", character 1: a pattern begins with a literal or a capture',
        expect.stringContaining("{text} is not known here"),
      ],
    ],
    [
      "threads that go on from their parent's text, on whole turns",
      changed({ needs: "chat-only" }),
      ["✖ needs: the text continues inside a turn after a fork or a join, so needs must be more than `chat-only`"],
    ],
    [
      "a thread with a text of its own, on a chat",
      { ...aprData, functions, needs: "chat-continue" },
      ["✖ needs: a thread whose context is a `text` cannot run on a chat, so needs must be `text`"],
    ],
    [
      "an inline trigger with an outline",
      { ...asyncthink, plan: npr.plan },
      ["✖ plan.source: an inline trigger and an inline plan belong together"],
    ],
    [
      "an inline plan with a marker",
      changed({ plan: { source: "inline" } }),
      ["✖ plan.source: an inline trigger and an inline plan belong together"],
    ],
    [
      "an inline trigger with a join that appends",
      { ...asyncthink, join: npr.join },
      [
        "✖ join.shape: `fill` puts a result where the text waits for it, so it goes with an inline trigger only",
        "✖ join.shape: `append` puts threads after their parent's text, so context.kind must be `prefix`",
      ],
    ],
    [
      "a marker with a join that fills",
      changed({ join: asyncthink.join }),
      ["✖ join.shape: `fill` puts a result where the text waits for it, so it goes with an inline trigger only"],
    ],
    [
      "threads spliced that never saw their parent",
      changed({ context: { kind: "text", text: "{id}" } }),
      ["✖ join.shape: `append` puts threads after their parent's text, so context.kind must be `prefix`"],
    ],
    [
      "an inline thread that goes on from its parent",
      { ...asyncthink, context: npr.context },
      ["✖ context.kind: threads spawned inline have a fresh context (`text` or `chat`)"],
    ],
    [
      "a phase behind a join that rewrites",
      { ...apr, after: { kind: "phase", stop: ["</x>"], close: "" } },
      ["✖ after: a phase follows a join of shape `append` only"],
    ],
    [
      "a tail behind a marker that is not there",
      changed({ thread: { ...threadweaver.thread, stop: [], tailTokens: 1 } }),
      ["✖ thread.tailTokens: a tail follows a stop marker, but thread.stop has none"],
    ],
    [
      "a trusted message that quotes the model",
      { ...asyncthink, context: { kind: "chat", messages: [{ role: "user", content: "{text}", trusted: true }] } },
      ["✖ context.messages[0].trusted: only text that is wholly the dialect's own can be trusted"],
    ],
    [
      "threads that end where they fork",
      { ...npr, thread: { ...npr.thread, stop: ["</guideline>"] } },
      ["✖ thread.stop: a thread that may fork cannot end at the marker at which it forks"],
    ],
    [
      "a program's threads at a marker",
      changed({ plan: { source: "host" } }),
      [
        "✖ context.kind: `given` is what a program gives for each thread, so it and a plan `host` belong together",
        "✖ trigger.kind: the threads of a plan `host` are given when a run starts, so the trigger must be `start`",
      ],
    ],
    [
      "what a program gives, where it gives nothing",
      { ...pacore, context: { kind: "given" } },
      [
        "✖ context.kind: `given` is what a program gives for each thread, so it and a plan `host` belong together",
        "✖ context.kind: `prompt` is asked anew in each round, so it and a plan `rounds` belong together",
      ],
    ],
    [
      "an outline at the start",
      { ...pacore, plan: threadweaver.plan, context: { kind: "text", text: "{id}" }, needs: "text" },
      ["✖ plan.source: main has written nothing at the start, so there is no outline to read"],
    ],
    [
      "rounds at a marker",
      changed({
        plan: { source: "rounds", counts: [2] },
        context: pacore.context,
        join: pacore.join,
        functions: pacore.functions,
      }),
      ["✖ plan.source: `rounds` goes with the trigger `start` and the join `display` only"],
    ],
    [
      "rounds after which main goes on",
      { ...pacore, join: { shape: "turn" } },
      ["✖ plan.source: `rounds` goes with the trigger `start` and the join `display` only"],
    ],
    [
      "a turn after what main has written",
      changed({ join: { shape: "turn" } }),
      ["✖ join.shape: main's text begins after a `turn`, so the trigger must be `start`"],
    ],
    [
      "a later round's question that no function makes",
      { ...pacore, context: { kind: "prompt", later: { fn: "none" } } },
      ['✖ context.later: there is no function "none"; known are synthesis, lastRound'],
    ],
    [
      "a header that asks for what no pattern captures",
      changed({ context: { kind: "prefix", header: { prompt: "{id}{title}", first: "{return}", rest: "{index}" } } }),
      [
        "✖ context.header.prompt: {title} is not known here; known are {id} {index}",
        "✖ context.header.first: {return} is not known here; known are {id} {index}",
      ],
    ],
    [
      "a stop of each thread in a plan of any size",
      changed({ thread: { ...threadweaver.thread, stop: ["</Thread>", "</Thread {index}>"] } }),
      ["✖ thread.stop[1]: {index} needs a plan of a `fixed` size, so that each marker is known before a run"],
    ],
    [
      "a stop that asks for what is not there",
      { ...dcCot, thread: { ...dcCot.thread, stop: ["</worker_{id}>"] } },
      ["✖ thread.stop[0]: {id} is not known here; known is {index}"],
    ],
    [
      "more threads than a plan may have",
      { ...dcCot, plan: { source: "fixed", count: 1025 } },
      ["✖ Too big: expected number to be <=1024", "  → at plan.count"],
    ],
    [
      "threads of which one ends where it forks",
      {
        ...dcCot,
        trigger: { kind: "marker", marker: "</worker_3>" },
        thread: { ...dcCot.thread, maxDepth: 2 },
      },
      ["✖ thread.stop: a thread that may fork cannot end at the marker at which it forks"],
    ],
    [
      "a result that asks for what is not there",
      { ...apr, join: { ...apr.join, each: { some: "{return}{m}", none: "{n}{return}" } } },
      [
        "✖ join.each.some: {m} is not known here; known are {id} {index} {n} {return}",
        "✖ join.each.none: {return} is not known here; known are {id} {index} {n}",
      ],
    ],
    [
      "a join that asks for what is not there",
      { ...asyncthink, join: { shape: "fill", each: { some: "{return}{who}", none: "{return}" } } },
      [
        "✖ join.each.some: {who} is not known here; known are {id} {index} {text} {return}",
        "✖ join.each.none: {return} is not known here; known are {id} {index} {text}",
      ],
    ],
    [
      "messages that ask for what is not there",
      {
        ...asyncthink,
        context: { kind: "chat", messages: [{ role: "user", content: "{text}{task}" }], prefill: "{who}" },
      },
      [
        "✖ context.messages[0].content: {task} is not known here; known are {id} {index} {text}",
        "✖ context.prefill: {who} is not known here; known are {id} {index} {text}",
      ],
    ],
    [
      "a text that asks for what is not there",
      { ...apr, context: { kind: "text", text: "{n}{node}" } },
      ["✖ context.text: {node} is not known here; known are {id} {index} {n}"],
    ],
    [
      "functions that are not there",
      { ...aprData, functions: { goalPath: functions?.["goalPath"] }, returns: { fn: "goalPaths" } },
      [
        '✖ returns: there is no function "goalPaths"; known are goalPath',
        '✖ context.text: there is no function "countdownNode"; known are goalPath',
      ],
    ],
    [
      "no functions at all",
      {
        ...asyncthink,
        functions: undefined,
        returns: { fn: "toString" },
        context: { kind: "chat", messages: [{ role: "user", content: { fn: "a" } }], prefill: { fn: "b" } },
      },
      [
        '✖ returns: there is no function "toString"; known are none',
        '✖ context.messages[0].content: there is no function "a"; known are none',
        '✖ context.prefill: there is no function "b"; known are none',
      ],
    ],
    [
      "a rendering that is not there",
      changed({ join: { shape: "display", render: { fn: "show" } } }),
      ['✖ join.render: there is no function "show"; known are none'],
    ],
    [
      "a function that is none",
      { ...apr, functions: { ...functions, goalPath: "x" } },
      ['✖ returns: there is no function "goalPath"; known are countdownNode, goalPath'],
    ],
    [
      "plan tags that are not two",
      changed({ plan: { ...threadweaver.plan, tags: ["<Outline>"] } }),
      [expect.stringContaining("✖ "), expect.stringContaining("→ at plan.tags")] as string[],
    ],
    [
      "a depth of no threads",
      changed({ thread: { ...threadweaver.thread, maxDepth: 0 } }),
      ["✖ Too small: expected number to be >=1", "  → at thread.maxDepth"],
    ],
    [
      "a sampling that cannot be",
      changed({ thread: { ...threadweaver.thread, sampling: { topP: 0 } } }),
      ["✖ Too small: expected number to be >0", "  → at thread.sampling.topP"],
    ],
  ])("%s", (_, input, messages) => {
    expect(mistakes(input)).toEqual(messages);
  });

  it("names the dialect, also where it has no name", () => {
    expect(() => defineDialect({ ...threadweaver, version: 0 })).toThrow(/^dialect threadweaver is not valid:/);
    expect(() => dialectFromData({ name: 7 })).toThrow(/^dialect \(unnamed\) is not valid:/);
  });

  it("tells all mistakes at once", () => {
    expect(mistakes({ ...threadweaver, version: 0, summary: "" }).filter((line) => line.startsWith("✖"))).toHaveLength(
      2,
    );
    expect(mistakes({ ...asyncthink, plan: npr.plan, join: npr.join })).toHaveLength(3);
  });
});

describe("a dialect that is unusual but right", () => {
  it.each<[string, Dialect]>([
    ["a sequential one", sequential(threadweaver)],
    [
      "one that never forks, whatever its join",
      {
        ...asyncthink,
        trigger: { kind: "none" },
        context: apr.context,
        functions: { ...asyncthink.functions, ...functions },
      },
    ],
    ["a fixed plan with its number in the header", { ...parallelR1, context: npr.context }],
    [
      "a spawn without a text",
      {
        ...asyncthink,
        needs: "text",
        trigger: { kind: "inline", spawn: "<GO {id:word} {n:int}>" },
        context: { kind: "text", text: "{id}{n}{index}" },
      },
    ],
    ["threads that fork and stop elsewhere", { ...threadweaver, thread: { ...threadweaver.thread, maxDepth: 3 } }],
    [
      "a thread that stops where it cannot fork",
      {
        ...threadweaver,
        thread: { ...threadweaver.thread, stop: ["</Outlines>"] },
      },
    ],
  ])("%s", (_, dialect) => {
    expect(mistakes(dialect)).toEqual([]);
  });
});

describe("dialects from data", () => {
  it("believes nothing of its source, not even its prototype", () => {
    const { functions: _, ...data } = apr;
    expect(dialectFromData(data).functions).toBe(builtinFunctions);
    expect(() => dialectFromData(JSON.parse(`{"__proto__": ${JSON.stringify(data)}}`) as object)).toThrow(
      /Unrecognized key: "__proto__"|expected/,
    );
    expect(() => dialectFromData({ ...data, returns: { fn: "constructor" } })).toThrow(
      'there is no function "constructor"; known are countdownNode, goalPath, lastRound, returned, synthesis',
    );
    expect(() => dialectFromData({ ...data, functions: { goalPath: 1 } })).not.toThrow();
  });
});
