import { describe, expect, it } from "vitest";
import { markdownReport } from "../../../src/eval/report/markdown.ts";
import { summarize } from "../../../src/eval/summary/summarize.ts";
import { failureWith, headerWith, sampleWith, small } from "../ledgers.ts";
import { hostile, hostileLedger } from "./hostile.ts";
import { elementsOf, parseHtml, renderMarkdown, textOf } from "./parsers.ts";

async function reportOf(...given: Parameters<typeof summarize>): Promise<string> {
  return markdownReport(await summarize(...given));
}

describe("the Markdown of a summary", () => {
  const report = reportOf(headerWith(), small);

  it("has the accuracy of each arm with its errors, and what was cut, missing and failed", async () => {
    expect(await report).toContain(
      "| sequential | 2 | 4 | 75.0 % (27.2 % to 96.0 %) | 25.0 % | 25.0 % | 0.0 % | – | 0.0 % | 0 | 0 |\n",
    );
  });

  it("has the speed-up by all three estimators, for all samples and for right ones", async () => {
    const rows = (await report).split("\n").filter((line) => line.startsWith("| fork-join | critical-path tokens"));
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatch(/\| all \| 1\.08 \(.*\) \| 1\.26 \(.*\) \| 1\.40 \(.*\) \| 50\.0 % \| 2 \|$/);
    expect(rows[1]).toMatch(/\| both right \| 2\.00 \| 2\.00 \| 2\.00 \| 0\.0 % \| 1 \|$/);
  });

  it.each([
    "SHA-256 abababab",
    "threadweaver: 2 samples a problem",
    "temperature 0.6, topP 0.95",
    "40960 tokens, on the critical path",
    "| seed | 7 |",
    "| problems at once | 4 |",
    String.raw`m on vllm 0.32.0 (http\://127.0.0.1:8000/v1), tier ids`,
  ])("has what another run would need: %s", async (part) => {
    expect(await report).toContain(part);
  });

  it("names the dialect of each endpoint, by its digest where the ledger has one", async () => {
    expect(await report).toContain("| dialect of default | threadweaver |");
    const [endpoint] = headerWith().endpoints;
    const dialect = { name: "skeleton", sha256: "ef".repeat(32) };
    const endpoints = [{ ...(endpoint as NonNullable<typeof endpoint>), dialect }];
    expect(await reportOf(headerWith({ endpoints }), small)).toContain("default | skeleton, SHA-256 efef");
  });

  it("lists answers that could not be graded, and counts the missing ones", async () => {
    const text = await reportOf(headerWith(), [
      sampleWith({ answer: "?!", decided: "unreadable", score: 0 }),
      sampleWith({ sample: 1, answer: null, found: "there is no box", decided: null, score: 0 }),
      failureWith({ problem: "p2" }),
    ]);
    expect(text).toContain("- Problem p1, sample 0, unreadable: ` ?! `\n");
    expect(text).toContain("Samples of sequential without an answer: 1 (there is no box: 1).");
    expect(text).toContain(String.raw`engine\_failed: 1 |`);
  });

  it("names problems that are left out of a pair", async () => {
    expect(await reportOf(headerWith(), [sampleWith(), sampleWith({ arm: "fork-join", problem: "p2" })])).toContain(
      "because only the baseline has samples of them (1):\n\n- ` p1 `\n",
    );
  });

  it("cuts long lists and says how much is missing", async () => {
    const samples = Array.from({ length: 25 }, (_, sample) =>
      sampleWith({ sample, answer: `?${sample}`, decided: "unreadable", score: 0 }),
    );
    const text = await reportOf(headerWith({ samples: 25 }), samples);
    expect(text.match(/^- Problem/gm)).toHaveLength(20);
    expect(text).toContain("- and 5 more, in the summary\n");
  });

  it("leaves out columns that say nothing", async () => {
    expect(await report).not.toContain("Closed at the budget");
    expect(await reportOf(headerWith(), [sampleWith({ budget: { tokens: 5, closed: true } })])).toContain(
      "Closed at the budget",
    );
  });
});

describe("hostile text in every field of Markdown", () => {
  const elements = async (text: string): Promise<string[]> => {
    const { header, samples } = hostileLedger(text);
    return elementsOf(parseHtml(renderMarkdown(await reportOf(header, samples)))).map(({ nodeName }) => nodeName);
  };

  it.each(hostile)("stays text, even for a renderer that trusts it: %j", async (text) => {
    expect(await elements(text)).toEqual(await elements("harmless"));
  });

  it("is shown as it was", async () => {
    const { header, samples } = hostileLedger("a|b `c` <i> *d* \\ &amp;");
    expect(textOf(parseHtml(renderMarkdown(await reportOf(header, samples))))).toContain("a|b `c` <i> *d* \\ &amp;p");
  });
});
