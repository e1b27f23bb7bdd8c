import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { pathToFileURL } from "node:url";
import { chromium, type Browser, type Page } from "playwright-core";
import { onTestFinished } from "vitest";
import { shownRuns } from "../../src/cli/timeline/shown-runs.ts";
import { timelinePage } from "../../src/trace/page/page.ts";

const places = [
  process.env["THREADWEAVER_CHROMIUM"],
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];

/** Where a Chromium is; undefined where there is none. */
export const executable: string | undefined = places.find(
  (path) => path !== undefined && path !== "" && existsSync(path),
);

/** For the names of suites: says why they are skipped. */
export const needsChromium: string =
  executable === undefined ? " (skipped: no Chromium. Install it, or name it in THREADWEAVER_CHROMIUM)" : "";

export function launched(): Promise<Browser> {
  if (executable === undefined) throw new Error("there is no Chromium");
  // Where tests run as root, as in containers, Chromium's own sandbox cannot start.
  return chromium.launch({ executablePath: executable, chromiumSandbox: process.getuid?.() !== 0 });
}

/** Writes the page of some runs. */
export async function writePage(path: string, files: readonly string[]): Promise<string> {
  const parts: string[] = [];
  for await (const part of timelinePage(await shownRuns(files, { id: undefined, dialect: undefined })))
    parts.push(part);
  writeFileSync(path, parts.join(""));
  return path;
}

export interface Opened {
  readonly page: Page;
  /** What the page asked for, besides itself, and what went wrong in it. */
  readonly requests: string[];
  readonly errors: string[];
}

interface Look {
  readonly colorScheme?: "light" | "dark";
  /** Lets a test put its own script into the page. */
  readonly bypassCSP?: boolean;
}

/** Opens a page that closes after the test. */
export async function openPage(browser: Browser, path: string, look: Look = {}): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1400, height: 1000 }, ...look });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const [requests, errors]: [string[], string[]] = [[], []];
  const own = pathToFileURL(path).href;
  page.on("request", (request) => request.url() !== own && requests.push(request.url()));
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  await page.goto(own);
  await page.getByRole("treegrid").first().waitFor();
  return { page, requests, errors };
}

/** A server that remembers what it was asked for. */
export async function listener(): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.end();
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

/** Where pictures of the pages are kept, for people to look at. */
export function picture(name: string): string {
  mkdirSync("reports/page", { recursive: true });
  return `reports/page/${name}.png`;
}
