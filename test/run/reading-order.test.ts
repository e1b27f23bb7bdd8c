import { describe, expect, it } from "vitest";
import { apr, asyncthink, npr, parallelR1 } from "../../src/core/dialects/bundled/index.ts";
import type { Dialect } from "../../src/core/dialects/schema.ts";
import { step } from "../../src/core/machine/machine.ts";
import type { UntimedInput } from "../../src/core/machine/protocol.ts";
import { createState } from "../../src/core/machine/state.ts";
import { ReadingOrder } from "../../src/run/listen/reading-order.ts";
import { Reporter } from "../../src/run/listen/reporter.ts";

const vocabulary = { eos: [0], markers: { "<Parallel>": 5, "</Path>": 6, "</Summary>": 7 } };
const text = (call: number, ...texts: string[]): UntimedInput => ({
  t: "pieces",
  call,
  pieces: texts.map((each) => ({
    ids: [each === "" ? 0 : (Object.entries(vocabulary.markers).find(([m]) => m === each)?.[1] ?? 99)],
    text: each,
  })),
});
const sent = (call: number): UntimedInput => ({ t: "sent", call, attempt: 1, promptTokens: 1 });

/** A run whose inputs are given one by one, and what its reader can read after each. */
function reading(dialect: Dialect, { from = 0, stop = [] }: { from?: number; stop?: string[] } = {}) {
  const state = createState({ dialect, stop });
  const order = new ReadingOrder(state);
  const reporter = new Reporter(
    state,
    () => 0,
    (event) => order.push(event),
  );
  const chunks = order.read(() => {});
  let at = 0;
  let waiting: Promise<IteratorResult<string, void>> | undefined;
  const feed = (input: UntimedInput): void => {
    const effects = step(state, { ...input, at });
    if (at < from) reporter.skip();
    else reporter.report({ ...input, at }, effects);
    at += 1;
    if (at === from) order.catchUp();
  };
  feed({ t: "start", prompt: { ids: [1], text: "Q" }, vocabulary });
  return async (...inputs: UntimedInput[]): Promise<string> => {
    for (const input of inputs) feed(input);
    let read = "";
    for (;;) {
      waiting ??= chunks.next();
      const next = await Promise.race([waiting, new Promise<void>((resolve) => setImmediate(resolve))]);
      if (typeof next !== "object") return read;
      waiting = undefined;
      read += next.value ?? "";
    }
  };
}

describe("the text of a run in reading order", () => {
  it("has the first thread while it is written, and the others when those before them are over", async () => {
    const read = reading(parallelR1);
    expect(await read(sent(0), text(0, "so ", "<Parallel>"))).toBe("so <Parallel><Path>");
    expect(await read(sent(1), sent(2), text(2, "second"))).toBe("");
    expect(await read(text(1, "first"))).toBe("first");
    expect(await read(text(1, "</Path>"))).toBe("</Path><Path>second");
    expect(await read(text(2, "</Path>"))).toMatch(/^<\/Path>/);
    expect(await read(sent(3), text(3, "and so"))).toBe("and so");
  });

  it("has threads of threads where they will stand", async () => {
    const read = reading(npr);
    const plan = "<guideline>\n<plan>1:a</plan>\n<plan>2:b</plan>\n</guideline>";
    expect(await read(sent(0), text(0, plan))).toBe(`${plan}\n<step>\n1:`);
    const inner = plan.replace("1:a", "1.1:c").replace("2:b", "1.2:d");
    expect(await read(sent(1), sent(2), text(1, inner), text(2, "two"))).toBe(`${inner}\n<step>\n1.1:`);
    expect(await read(sent(3), sent(4), text(3, "c"), text(4, "d", "</step>"))).toBe("c");
    expect(await read(sent(5), text(5, "\n"), text(3, "</step>"))).toBe("</step>");
    expect(await read(sent(6), text(6, "\n"))).toBe("\n<step>\n1.2:d</step>\n<takeaway>\n");
    expect(await read(sent(7), text(7, "so c</step>"), sent(8), text(8, "\n"))).toBe("so c</step>\n<step>\n2:two");
  });

  const block =
    "<Calling Sub Searches>\n<Start Sub Search 0 at level 1> Moving to Node #1,0\n<End Calling Sub Searches>";
  const node =
    "Moving to Node #1\nCurrent State: 5:[1, 2], Operations: []\nGenerated Node #1,0: 5:[3] Operation: 1+2=3\n";

  it("holds a block that a join replaces, from the first letter of its tag on, until its results are there", async () => {
    const read = reading(apr);
    expect(await read(sent(0), text(0, node, "a <Call"))).toBe(`${node}a `);
    expect(await read(text(0, "er "))).toBe("<Caller ");
    expect(await read(text(0, block.slice(0, 9)))).toBe("");
    expect(await read(text(0, block.slice(9), ""))).toBe("");
    const results = await read(sent(1), text(1, "No way", ""));
    expect(results).toBe("<Sub Searches>\n<No Solution in Sub Search 0 at level 1 at Node #1,0>\n<End Sub Searches>\n");
    expect(await read(sent(2), text(2, "on"))).toBe("on");
    expect(await read(text(2, "ce more", ""))).toBe("ce more");
  });

  it("begins no block in what the results say", async () => {
    const quoting: Dialect = { ...apr, returns: undefined };
    const read = reading(quoting);
    await read(sent(0), text(0, node, block, ""));
    expect(await read(sent(1), text(1, "x <Calling Sub Searches> y", ""))).toContain("<Calling Sub Searches> y");
    expect(await read(sent(2), text(2, "on"))).toBe("on");
  });

  it("finds the block that a guard begins", async () => {
    const read = reading(apr);
    await read(sent(0), text(0, node, block, ""));
    await read(sent(1), text(1, "No way", ""));
    // The model writes results of its own: a block of calls is put in their place.
    expect(await read(sent(2), text(2, "<Sub Searches>"))).toBe("");
    expect(await read(sent(3), text(3, block.slice("<Calling Sub Searches>".length), ""))).toBe("");
    expect(await read(sent(4), text(4, "No way", ""))).toMatch(/^<Sub Searches>\n<No Solution/);
  });

  it("holds the line feed that an end takes with it, and a marker that may be taken back", async () => {
    const read = reading(apr);
    expect(await read(sent(0), text(0, node, "done\n"))).toBe(`${node}done`);
    expect(await read(text(0, "more <Sub"))).toBe("\nmore ");
    expect(await read(text(0, "tle\n", ""))).toBe("<Subtle");
  });

  it("begins with the beginning for who comes late, also in the middle of a block", async () => {
    const read = reading(apr, { from: 4 });
    expect(await read(sent(0), text(0, node, "so "), text(0, block.slice(0, 30)))).toBe(`${node}so `);
    expect(await read(text(0, block.slice(30), ""))).toBe("");
    expect(await read(sent(1), text(1, "No way", ""))).toMatch(/^<Sub Searches>/);
  });

  it("shows nothing of a block after which more came, before it is replaced", async () => {
    const read = reading(apr);
    expect(await read(sent(0), text(0, `${node}before ${block.slice(0, 40)}`))).toBe(`${node}before `);
    expect(await read(text(0, block.slice(40)), text(0, "\n"))).toBe("");
  });

  it("goes on after results that quote a block, also for a reader that was slow", async () => {
    const read = reading({ ...apr, returns: undefined });
    await read(sent(0), text(0, node, block, ""));
    const quote = `x ${block} y`;
    expect(await read(sent(1), text(1, quote, ""), sent(2), text(2, "on"))).toMatch(/ y\n<End Sub Searches>\non$/);
  });

  it("goes on where a block was begun and taken back", async () => {
    const from = "<Calling Sub Searches>";
    const guard = { marker: `${from}!`, put: "safe" };
    const read = reading({ ...apr, trigger: { kind: "endOfText", lastLine: "<End>", guard } });
    expect(await read(sent(0), text(0, "so ", from))).toBe("so ");
    expect(await read(text(0, "!"), sent(1), text(1, " on"))).toBe("safe on");
  });

  it("finds a block for who came late, before it began", async () => {
    const read = reading(apr, { from: 3 });
    expect(await read(sent(0), text(0, `${node}a`))).toBe(`${node}a`);
    expect(await read(text(0, "so "), text(0, block.slice(0, 30)))).toBe("so ");
  });

  it("holds a final line feed for who comes late, as long as an end may take it", async () => {
    const read = reading(apr, { from: 3 });
    expect(await read(sent(0), text(0, "done\n"))).toBe("done");
    expect(await read(text(0, ""))).toBe("");
  });

  it("holds no more than the beginning of a string that may end it", async () => {
    const read = reading(apr, { stop: ["\n\n"] });
    expect(await read(sent(0), text(0, "a\n"))).toBe("a");
    expect(await read(text(0, "b"))).toBe("\nb");
  });

  it("has no text of a thread whose result is filled in, but the result", async () => {
    const read = reading(asyncthink);
    expect(await read(sent(0), text(0, "<FORK-1>x</FORK-1> <JOIN-1>"))).toBe("<FORK-1>x</FORK-1> <JOIN-1>");
    expect(await read(sent(1), text(1, "so <RETURN>7"))).toBe("");
    expect(await read(text(1, "</RETURN>"), sent(2), text(2, "!"))).toBe("7</JOIN-1>!");
  });

  it("begins for who asked before it could be told how far it is", async () => {
    const state = createState({ dialect: parallelR1 });
    const order = new ReadingOrder(state);
    const chunks = order.read(() => {});
    const first = chunks.next();
    step(state, { t: "start", at: 0, prompt: { ids: [1], text: "Q" }, vocabulary });
    step(state, { ...sent(0), at: 0 });
    step(state, { ...text(0, "so"), at: 0 });
    order.catchUp();
    expect(await first).toEqual({ done: false, value: "so" });
  });

  it("ends with an error, and not with another text, where something was changed after it was read", async () => {
    const order = new ReadingOrder(createState({ dialect: parallelR1 }));
    const chunks = order.read(() => {});
    const change = { type: "text", at: 0, threadId: "0", by: "model", tokens: 1 } as const;
    order.push({ ...change, removed: 0, inserted: "ab" });
    order.push({ ...change, removed: 3, inserted: "" });
    await expect(chunks.next()).rejects.toMatchObject({
      code: "internal",
      message: "1 code units of the text of 0 were changed after they were read",
    });
  });

  it("ends at once for who leaves before reading anything", async () => {
    const left: string[] = [];
    const chunks = new ReadingOrder(createState({ dialect: parallelR1 })).read(() => left.push("left"));
    await chunks.return();
    expect(left).toEqual(["left"]);
    expect(await chunks.next()).toEqual({ done: true, value: undefined });
  });
});
