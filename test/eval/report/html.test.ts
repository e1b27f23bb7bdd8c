import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { htmlReport } from "../../../src/eval/report/html/page.ts";
import { summarize } from "../../../src/eval/summary/summarize.ts";
import { headerWith, small } from "../ledgers.ts";
import { hostile, hostileLedger } from "./hostile.ts";
import { attribute, elementsOf, parseHtml, textOf, type Node } from "./parsers.ts";

async function pageOf(text: string): Promise<Node> {
  const { header, samples } = hostileLedger(text);
  return parseHtml(htmlReport(await summarize(header, samples)));
}

/** The elements of a page and the names of their attributes: what is not text. */
const structureOf = (page: Node): string[] =>
  elementsOf(page).map(({ nodeName, attrs = [] }) => `${nodeName} ${attrs.map(({ name }) => name).join(" ")}`);

const ours = new Set(
  "html head meta title style body h1 h2 div section figure figcaption svg g line circle polyline rect text p ul li code table thead tbody tr th td".split(
    " ",
  ),
);

describe("the page of a summary", () => {
  const page = summarize(headerWith(), small).then((summary) => parseHtml(htmlReport(summary)));

  it("says the numbers: accuracy, difference and speed-up", async () => {
    const cells = elementsOf(await page)
      .filter(({ nodeName }) => nodeName === "td")
      .map(textOf);
    expect(cells).toContain("75.0 % (27.2 % to 96.0 %)");
    expect(cells.some((cell) => cell.startsWith("−25.0 ("))).toBe(true);
    expect(cells.some((cell) => cell.startsWith("1.08 ("))).toBe(true);
  });

  it("plots each arm twice, each problem once, and where tokens and time go", async () => {
    const figures = elementsOf(await page).filter(({ nodeName }) => nodeName === "figure");
    const count = (figure: Node | undefined, name: string): number =>
      elementsOf(figure ?? (page as never)).filter(({ nodeName }) => nodeName === name).length;
    expect(figures.map((figure) => [count(figure, "circle"), count(figure, "rect")])).toEqual([
      [2, 0],
      [2, 0],
      [2, 0],
      // Three parts for each of two arms, and three in the legend; of the time there are two.
      [0, 9],
      [0, 6],
    ]);
  });

  it("puts dots where their numbers are: higher is more accurate, further right is slower", async () => {
    const [figure] = elementsOf(await page).filter(({ nodeName }) => nodeName === "figure");
    const circles = elementsOf(figure as Node).filter(({ nodeName }) => nodeName === "circle");
    const [sequential, forkJoin] = circles.map((dot) => ({
      x: Number(attribute(dot, "cx")),
      y: Number(attribute(dot, "cy")),
    }));
    expect(sequential?.x).toBeGreaterThan(forkJoin?.x ?? Infinity);
    expect(sequential?.y).toBeLessThan(forkJoin?.y ?? 0);
  });

  it("has no script, loads nothing, and forbids both", async () => {
    const elements = elementsOf(await page);
    const policy = attribute(
      elements.find((element) => attribute(element, "http-equiv") === "Content-Security-Policy"),
      "content",
    );
    const style = textOf(elements.find(({ nodeName }) => nodeName === "style") as Node);
    const digest = createHash("sha256").update(style).digest("base64");
    expect(policy).toBe(`default-src 'none'; style-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'`);
    expect(elements.filter(({ nodeName }) => !ours.has(nodeName))).toEqual([]);
    const names = elements.flatMap(({ attrs = [] }) => attrs.map(({ name }) => name));
    expect(names.filter((name) => /^on|^(style|href|src|srcset|action)$/.test(name))).toEqual([]);
  });

  it("is a page also of a ledger without samples", async () => {
    const empty = parseHtml(htmlReport(await summarize(headerWith(), [])));
    expect(elementsOf(empty).filter(({ nodeName }) => nodeName === "figure")).toEqual([]);
    expect(textOf(empty)).toContain("0 of 4");
  });

  it("draws some of very many problems, and says so", async () => {
    const many = Array.from({ length: 4100 }, (_, i) =>
      small
        .slice(0, 8)
        .filter(({ problem }) => problem === "p1")
        .map((sample) => ({ ...sample, problem: `p${i}` })),
    ).flat();
    const header = headerWith();
    const big = parseHtml(htmlReport(await summarize(header, many, { intervals: { method: "t" } })));
    const [, , figure] = elementsOf(big).filter(({ nodeName }) => nodeName === "figure");
    expect(elementsOf(figure as Node).filter(({ nodeName }) => nodeName === "circle")).toHaveLength(1367);
    expect(textOf(figure as Node)).toContain("One problem of 3 is drawn.");
  });
});

describe("hostile text in every field of a page", () => {
  it.each(hostile)("stays text: %j", async (text) => {
    // The same elements with the same attributes as with a harmless text: nothing broke out.
    expect(structureOf(await pageOf(text))).toEqual(structureOf(await pageOf("harmless")));
  });

  it("is shown, with what cannot be seen made visible", async () => {
    const page = textOf(await pageOf("<b>\u202E\u2028\n</b>"));
    expect(page).toContain(String.raw`<b>\u202e\u2028⏎</b>`);
    expect(page).not.toMatch(/[\u202e\u2028]/);
  });
});
