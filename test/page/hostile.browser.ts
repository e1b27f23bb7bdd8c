import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../trace/support.ts";
import { traceKnownRun } from "../trace/timeline/known-run.ts";
import { executable, launched, listener, needsChromium, openPage, writePage } from "./chromium.ts";

/** Outputs that would run a script or ask a server, if they became more than text. */
const attacks = (url: string): string[] => [
  `</script><script>globalThis.hit = 1; fetch("${url}/script")</script>`,
  `<img src="${url}/img" onerror="globalThis.hit = 1">`,
  `"><svg onload="globalThis.hit = 1"><use href="${url}/use"/></svg>`,
  "a thread that is cut",
  `<!--<script>--><style>@import "${url}/style"; * { background: url(${url}/css) }</style>`,
  `</title></style></textarea><iframe src="${url}/frame"></iframe><link rel="stylesheet" href="${url}/link">`,
  `<a href="javascript:globalThis.hit=1" ping="${url}/ping">x</a>\u2028<base href="${url}"><meta http-equiv="refresh" content="0;url=${url}/meta">`,
  "\u001B]0;title\u0007\u202Eevil\u0000\uD800 __proto__ constructor {{7*7}} ${7*7}",
];

describe.skipIf(executable === undefined)(`the page of a run whose model is hostile${needsChromium}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launched();
  });
  afterAll(() => browser.close());

  it("shows its output as text, runs no script of it, and asks nobody for anything", async () => {
    const { url, asked } = await listener();
    const place = temporaryFolder();
    const outputs = attacks(url);
    const path = place("<img src=x onerror=globalThis.hit=1>.jsonl");
    await traceKnownRun(path, { texts: Object.fromEntries(outputs.map((text, n) => [`${n + 1}`, { text }])) });
    const { page, requests, errors } = await openPage(browser, await writePage(place("out.html"), [path, path]));
    const shown = await page.locator(".beside .texts").first().locator("pre").allTextContents();
    // What would do something unseen is written out.
    for (const text of [...outputs.slice(0, 3), outputs[4]]) expect(shown.join("\n")).toContain(text);
    await page.locator('.row[data-lane="8"]').first().click();
    const last = await page.locator('.block[data-lane="8"] pre').first().textContent();
    expect(last).toContain("\\x1b]0;title\\x07\\u202eevil\\x00\\ud800");
    for (const lane of [0, 1, 2, 3, 4, 5, 6, 7, 8]) await page.locator(`.row[data-lane="${lane}"]`).first().click();
    expect(await page.evaluate(() => "hit" in globalThis)).toBe(false);
    expect({ requests, asked, errors }).toEqual({ requests: [], asked: [], errors: [] });
    expect(await page.locator("body img, body iframe, body a, body style, body link, body base").count()).toBe(0);
    expect(await page.locator("body script:not([type])").count()).toBe(1);
  });

  it("has a policy that stops a script and a request of its own", async () => {
    const { url, asked } = await listener();
    const place = temporaryFolder();
    await traceKnownRun(place("run.jsonl"));
    const { page } = await openPage(browser, await writePage(place("out.html"), [place("run.jsonl")]));
    const outcome = await page.evaluate(async (target) => {
      const script = document.createElement("script");
      let refused = "";
      try {
        script.textContent = "globalThis.hit = 1";
        document.body.append(script);
      } catch (error) {
        refused = (error as Error).name;
      }
      const image = new Image();
      image.src = `${target}/img`;
      const fetched = await fetch(target).then(
        () => "fetched",
        () => "stopped",
      );
      return { refused, fetched, hit: "hit" in globalThis };
    }, url);
    expect(outcome).toEqual({ refused: "TypeError", fetched: "stopped", hit: false });
    expect(asked).toEqual([]);
  });
});
