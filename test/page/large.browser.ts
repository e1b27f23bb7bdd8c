import { existsSync, readFileSync, statSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../trace/support.ts";
import { traceLargeRun } from "../trace/timeline/large-run.ts";
import { executable, launched, needsChromium, openPage, picture, writePage } from "./chromium.ts";

/** Ten thousand threads and a million tokens; in a hurry a tenth of both. */
const threads = process.env["THREADWEAVER_PAGE"] === "short" ? 250 : 2_500;
const large = { forks: 4, threads, tokens: 94 };

describe.skipIf(executable === undefined)(`the page of ${4 * threads} threads${needsChromium}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launched();
  });
  afterAll(() => browser.close());

  it("opens and moves without freezing, in memory that does not grow with what was looked at", async () => {
    const place = temporaryFolder();
    await traceLargeRun(place("large.jsonl"), large);
    const path = await writePage(place("out.html"), [place("large.jsonl")]);
    const began = performance.now();
    const { page, errors } = await openPage(browser, path);
    const opened = performance.now() - began;
    const size = statSync(path).size;
    expect(await page.getByRole("treegrid").getAttribute("aria-rowcount")).toBe(`${4 * threads + 2}`);
    const first = await used(page);
    const slowest: number[] = [];
    for (const list of [".lanes .list", ".texts .list"]) {
      for (const share of [0.25, 0.5, 0.75, 1, 0.3, 0.9, 0]) slowest.push(await scrolled(page, list, share));
    }
    await page.locator(".list .row").first().focus();
    await page.keyboard.press("End");
    await page.locator(`.row[data-lane="${4 * threads}"]`).waitFor();
    await page.keyboard.press("Enter");
    await page
      .locator(`.block[data-lane="${4 * threads}"]`)
      .first()
      .waitFor();
    const last = await used(page);
    await page.screenshot({ path: picture("large") });
    console.log(
      `${4 * threads} threads: page ${(size / 1e6).toFixed(1)} MB, open after ${(opened / 1000).toFixed(2)} s, heap ` +
        `${(first.heap / 1e6).toFixed(0)} MB, then ${(last.heap / 1e6).toFixed(0)} MB; process ` +
        `${(first.resident / 1e6).toFixed(0)} MB, then ${(last.resident / 1e6).toFixed(0)} MB; ${last.nodes} nodes; ` +
        `the slowest jump took ${Math.max(...slowest).toFixed(0)} ms`,
    );
    expect(errors).toEqual([]);
    // What is in the page follows from the size of the window, and not from that of the run.
    expect(last.nodes).toBeLessThan(6_000);
    expect(last.heap - first.heap).toBeLessThan(40e6);
    expect(last.heap).toBeLessThan(20 * size);
    expect(last.resident).toBeLessThan(600e6);
    expect(Math.max(...slowest)).toBeLessThan(3_000);
  });
});

/** Bytes of the page's heap after a collection, and the elements in it. */
async function used(page: Page): Promise<{ heap: number; nodes: number; resident: number }> {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.enable");
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  await session.detach();
  const nodes = await page.evaluate(() => document.querySelectorAll("*").length);
  return { heap: usedSize, nodes, resident: await resident(page) };
}

/** Bytes that the page's process holds, texts outside of its heap included; 0 where the system does not say. */
async function resident(page: Page): Promise<number> {
  const session = await page.context().browser()?.newBrowserCDPSession();
  const { processInfo = [] } = (await session?.send("SystemInfo.getProcessInfo")) ?? {};
  await session?.detach();
  const sizes = processInfo.map(({ type, id }) => {
    const path = `/proc/${id}/statm`;
    // Pages of four kibibytes; the second number is what is resident.
    return type === "renderer" && existsSync(path) ? 4096 * Number(readFileSync(path, "utf8").split(" ")[1]) : 0;
  });
  return Math.max(0, ...sizes);
}

/** Jumps to a place in a list, and says in how many milliseconds it is drawn. */
function scrolled(page: Page, list: string, share: number): Promise<number> {
  return page
    .locator(list)
    .first()
    .evaluate(async (element, to) => {
      const before = performance.now();
      element.scrollTop = to * (element.scrollHeight - element.clientHeight);
      for (let frame = 0; frame < 3; frame += 1) await new Promise((resolve) => void requestAnimationFrame(resolve));
      return performance.now() - before;
    }, share);
}
