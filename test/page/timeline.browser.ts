import { readFileSync } from "node:fs";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pageScript } from "../../src/trace/page/script.ts";
import { style } from "../../src/trace/page/style.ts";
import { traceKnownRun } from "../trace/timeline/known-run.ts";
import { temporaryFolder } from "../trace/support.ts";
import { executable, launched, needsChromium, openPage, picture, writePage } from "./chromium.ts";

const wall = 1530;

describe.skipIf(executable === undefined)(`the page of a run${needsChromium}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launched();
  });
  afterAll(() => browser.close());

  /** The page of the known run, and of the same text in one sequence beside it where that is asked for. */
  async function known({
    beside = false,
    ...look
  }: { beside?: boolean; colorScheme?: "light" | "dark"; bypassCSP?: boolean } = {}) {
    const place = temporaryFolder();
    const files = [place("fork-join.jsonl"), ...(beside ? [place("sequential.jsonl")] : [])];
    await traceKnownRun(files[0] ?? "");
    if (beside) await traceKnownRun(files[1] ?? "", { mode: "sequential" });
    return openPage(browser, await writePage(place("out.html"), files), look);
  }

  const row = (page: Page, lane: number): Locator => page.locator(`.row[data-lane="${lane}"]`);
  /** Where shapes of a kind are in a row, as times. */
  const times = (page: Page, lane: number, kind: string): Promise<[number, number][]> =>
    row(page, lane)
      .locator(`rect.${kind}`)
      .evaluateAll(
        (shapes, end) =>
          shapes.map((shape): [number, number] => {
            const width = Number(shape.closest("svg")?.getAttribute("width"));
            const [x, length] = [Number(shape.getAttribute("x")), Number(shape.getAttribute("width"))];
            return [Math.round((x / width) * end), Math.round(((x + length) / width) * end)];
          }),
        wall,
      );
  const near = (ms: number): unknown => expect.closeTo(ms, -1);

  it("loads nothing, runs without errors, and is small without its data", async () => {
    const { requests, errors } = await known();
    expect({ requests, errors }).toEqual({ requests: [], errors: [] });
    expect(Buffer.byteLength((await pageScript()) + style)).toBeLessThan(300_000);
  });

  it("shows which thread was slowest", async () => {
    const { page } = await known();
    expect(await page.locator(".row.slowest .name").allInnerTexts()).toEqual(["2"]);
    expect(await row(page, 2).locator(".notes").innerText()).toContain("slowest thread");
  });

  it("shows what the join waited for: the line of the join is lit up to that thread", async () => {
    const { page } = await known();
    const lit = (lane: number): Promise<number> => row(page, lane).locator(".join-line.lit").count();
    expect(await Promise.all([0, 1, 2, 3, 4].map(async (lane) => (await lit(lane)) > 0))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
    expect(await row(page, 0).locator(".notes").innerText()).toContain("join waited for 2 (0/1.2)");
  });

  it("shows what was waited for, from the beginning to the end", async () => {
    const { page } = await known();
    expect(await times(page, 0, "path")).toEqual([
      [near(60), near(560)],
      [near(1280), near(1530)],
    ]);
    expect(await times(page, 2, "path")).toEqual([[near(620), near(1220)]]);
    for (const lane of [1, 3, 4]) expect(await times(page, lane, "path")).toEqual([]);
  });

  it("shows what one after the other would have taken", async () => {
    const { page } = await known();
    const summary = page.locator(".summary");
    expect(await summary.innerText()).toMatch(/one after the other\s+about 2\.11 s, 1\.38 times as long/);
    const [took, sequential] = await summary
      .locator("rect")
      .evaluateAll((bars) => bars.map((bar) => bar.getBoundingClientRect().width));
    expect((sequential ?? 0) / (took ?? 1)).toBeCloseTo(2110 / 1530, 1);
  });

  it("shows what was cached", async () => {
    const { page } = await known();
    expect(await times(page, 1, "cached")).toEqual([[near(560), near(590)]]); // half of its prompt
    expect(await times(page, 4, "cached")).toEqual([]); // its call was cut before the engine said so
    expect(await row(page, 1).locator(".notes").innerText()).toContain("29 of 58 prompt tokens cached");
  });

  it("shows where a retry happened, and how long it was waited for", async () => {
    const { page } = await known();
    expect(await times(page, 3, "retry")).toEqual([[near(660), near(664)]]);
    expect(await times(page, 3, "queue")).toEqual([[near(660), near(1035)]]);
    expect(await row(page, 3).locator(".notes").innerText()).toContain("retried: engine_failed at 660 ms");
    for (const lane of [0, 1, 2, 4]) expect(await times(page, lane, "retry")).toEqual([]);
  });

  it("shows which thread was cut, when and by whom", async () => {
    const { page } = await known();
    expect(await times(page, 4, "cut")).toEqual([[near(900), near(904)]]);
    expect(await row(page, 4).locator(".notes").innerText()).toContain("cut by impatient");
  });

  it("shows which thread had to wait for a slot", async () => {
    const { page } = await known();
    expect(await times(page, 4, "queue")).toEqual([[near(560), near(750)]]);
    expect(await row(page, 4).locator(".notes").innerText()).toContain("queued 190 ms");
    for (const lane of [0, 1, 2]) expect(await times(page, lane, "queue")).toEqual([]);
  });

  it("shows who wrote what", async () => {
    const { page } = await known();
    const thread = page.locator('.block[data-lane="2"]');
    const texts = (by: string): Promise<string[]> =>
      thread.locator(`pre > span.${by}`).evaluateAll((spans) => spans.map((span) => span.lastChild?.textContent ?? ""));
    expect(await texts("runtime")).toEqual(["<Thread>\n2:"]);
    expect(await texts("model")).toEqual([" the long one, for which all others have to wait at the end.</Thread>"]);
    expect(await page.locator('.block[data-lane="4"] pre > span.runtime').last().innerText()).toContain("</Thread>");
  });

  it("shows which of two runs was quicker, on one scale", async () => {
    const { page } = await known({ beside: true });
    expect(await page.locator(".headline").innerText()).toBe(
      "fork-join.jsonl took 1.53 s, sequential.jsonl 2.33 s: 1.52 times as long.",
    );
    const ends = await page.locator('.row[data-lane="0"] svg').evaluateAll((all) =>
      all.map((svg) => {
        const rights = [...svg.querySelectorAll("rect.path")].map((bar) => bar.getBoundingClientRect().right);
        return Math.max(...rights) - svg.getBoundingClientRect().left;
      }),
    );
    expect((ends[1] ?? 0) / (ends[0] ?? 1)).toBeCloseTo(2330 / 1530, 1);
    await page.getByLabel("decode steps").check();
    expect(await page.locator(".headline").innerText()).toContain("138 steps, sequential.jsonl 228 steps: 1.65 times");
  });

  it("has a table of figures", async () => {
    const { page } = await known();
    const cells = await page
      .locator("tbody tr")
      .evaluateAll((rows) => rows.map((tr) => [...tr.children].map(({ textContent }) => textContent)));
    expect(Object.fromEntries(cells)).toMatchObject({
      Threads: "4 in 1 fork, at most 3 calls at once",
      "Waited for a slot": "190 ms in 1 call, the longest 190 ms in 4 (0/1.4)",
    });
  });

  it("is used with the keyboard alone", async () => {
    const { page } = await known();
    const focused = (): Promise<string | null> =>
      page.evaluate(() => document.activeElement?.getAttribute("data-lane") ?? null);
    await row(page, 0).focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    expect(await focused()).toBe("2");
    await page.keyboard.press("Enter");
    expect(await row(page, 2).getAttribute("aria-selected")).toBe("true");
    expect(await page.locator(".block.chosen").first().getAttribute("data-lane")).toBe("2");
    await page.keyboard.press("ArrowLeft");
    expect(await focused()).toBe("0");
    await page.keyboard.press("ArrowLeft");
    expect(await row(page, 0).getAttribute("aria-expanded")).toBe("false");
    expect(await page.locator(".list .row").count()).toBe(1);
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("End");
    expect(await focused()).toBe("4");
    const before = await times(page, 4, "write");
    await page.keyboard.press("+");
    expect(await times(page, 4, "write")).not.toEqual(before);
    await page.keyboard.press("0");
    expect(await times(page, 4, "write")).toEqual(before);
  });

  it("tells screen readers what the picture shows", async () => {
    const { page } = await known();
    const said = await row(page, 2).locator(".bars .sr").textContent();
    expect(said).toBe(
      "from 560 ms to 1.22 s; on the critical path for 660 ms; slowest thread; 29 of 58 prompt tokens cached",
    );
    expect(await page.getByRole("treegrid").getAttribute("aria-rowcount")).toBe("6");
    expect(await row(page, 2).getAttribute("aria-level")).toBe("2");
  });

  it.each(["light", "dark"] as const)("has no fault that axe finds, in the %s", async (colorScheme) => {
    const { page } = await known({ beside: true, colorScheme, bypassCSP: true });
    await page.locator('.row[data-lane="2"]').first().click();
    await page.evaluate(readFileSync(new URL(import.meta.resolve("axe-core")), "utf8"));
    const violations = await page.evaluate(async () => {
      const { axe } = globalThis as unknown as {
        axe: {
          run: () => Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }>;
        };
      };
      return (await axe.run()).violations.map(({ id, nodes }) => ({
        id,
        nodes: nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`),
      }));
    });
    expect(violations).toEqual([]);
    await page.screenshot({ path: picture(`beside-${colorScheme}`) });
    const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(paper).toBe(colorScheme === "light" ? "rgb(255, 255, 255)" : "rgb(22, 22, 22)");
  });
});
