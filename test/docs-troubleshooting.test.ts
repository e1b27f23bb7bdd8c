import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const root = new URL("../", import.meta.url);
const page = readFileSync(new URL("docs/troubleshooting.md", root), "utf8");

/** All of the source, as one text: what stands between two parts of a message may be a line end. */
const source = readdirSync(new URL("src/", root), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => readFileSync(new URL(`src/${name}`, root), "utf8"))
  .join("\n");

/** What messages are made of, without what is filled in, and without the breaks between their parts. */
const words = source
  .replaceAll(/[`"'] \+\n\s*[`"']/g, "")
  .replaceAll(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, "…")
  .replaceAll(/\s+/g, " ");

const messages = [...page.matchAll(/^\| (`.*?`(?: or `.*?`)*) +\|/gm)].flatMap(([, cell = ""]) =>
  [...cell.matchAll(/`([^`]+)`/g)].map(([, message = ""]) => message),
);

describe("the page of troubleshooting", () => {
  it("is about many messages", () => {
    expect(messages.length).toBeGreaterThan(40);
  });

  it.each(messages)("names a message that is in the code: %s", (message) => {
    for (const part of message.split("…").map((one) => one.trim())) {
      expect(words.includes(part), part).toBe(true);
    }
  });

  it("has only links to places that exist", () => {
    const anchors = [...page.matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) =>
      title
        .toLowerCase()
        .replaceAll(/[^\w ]/g, "")
        .replaceAll(" ", "-"),
    );
    for (const [, anchor = ""] of page.matchAll(/\]\(#([\w-]+)\)/g)) expect(anchors).toContain(anchor);
  });

  it("has lines that fit a terminal", () => {
    for (const line of page.split("\n").filter((one) => !one.startsWith("|")))
      expect(line.length).toBeLessThanOrEqual(100);
  });
});
