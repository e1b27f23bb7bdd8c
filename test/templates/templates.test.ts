import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { Template } from "@huggingface/jinja";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { ChatMessage } from "../../src/core/trie/piece.ts";
import { renderChatParts } from "../../src/engine/tokenizer/chat/chat-parts.ts";
import { compileChatTemplate, type ChatTemplate } from "../../src/engine/tokenizer/chat/chat-template.ts";
import { ControlFinder } from "../../src/engine/tokenizer/chat/control-finder.ts";
import { ThreadweaverError } from "../../src/errors.ts";
import { bundledTemplates, templatesIn } from "./bundle.ts";
import { chats, specialTokens } from "./chats.ts";
import { hasJinja2, renderWithJinja2, type Rendering } from "./jinja2.ts";

/** Templates that the interpreter cannot run, and why. */
const exceptions = new Map([["ByteDance-Seed-OSS", "Object keys must be strings"]]);

/** Templates that take a switch out of messages wherever they find it: `/think` in `</think>`, too. */
const rewriting = new Set(["NVIDIA-Nemotron-Nano-v2"]);

const templates = bundledTemplates();
const names = [...templates.keys()];
const usable = names.filter((name) => !exceptions.has(name));
const stored = new URL("expected.json", import.meta.url);

// Some templates write the date.
beforeAll(() => vi.useFakeTimers({ now: new Date(2026, 0, 2), toFake: ["Date"] }));
afterAll(() => vi.useRealTimers());

function compiled(source = ""): ChatTemplate {
  return compileChatTemplate({ Template }, source, specialTokens);
}

function rendered(template: ChatTemplate, messages: ChatMessage[], variables?: Record<string, unknown>): Rendering {
  try {
    return { text: template(messages, { variables }) };
  } catch (error) {
    if (!ThreadweaverError.isInstance(error)) throw error;
    return { error: error.message };
  }
}

/** What is stored of a rendering: its digest, or that the template refuses the chat. */
function digest(rendering: Rendering): string {
  if ("error" in rendering) return "refused";
  return createHash("sha256").update(rendering.text).digest("hex").slice(0, 16);
}

function storedDigests(): Record<string, string> {
  return JSON.parse(readFileSync(stored, "utf8")) as Record<string, string>;
}

/** Expects what jinja2 gave for each chat: the same text, or a refusal of any wording. */
function expectToGive(name: string, template: ChatTemplate, theirs: Rendering[] = []): void {
  chats.forEach(({ name: chat, messages, variables }, i) => {
    const wanted = theirs[i] ?? { error: "" };
    const ours = rendered(template, messages, variables);
    if ("text" in wanted) expect(ours, `${name}: ${chat}`).toEqual(wanted);
    else expect(ours, `${name}: ${chat}`).toHaveProperty("error");
  });
}

it("there are seventy templates", () => {
  expect(names).toHaveLength(70);
});

describe.skipIf(!hasJinja2())("what is stored", () => {
  it("is what jinja2 gives, and what the templates give here, text for text", () => {
    const theirs = renderWithJinja2(templates);
    if (process.env["THREADWEAVER_TEMPLATES"] === "write") {
      const lines = names.map((name) => [name, theirs[name]?.map(digest).join(" ")]);
      writeFileSync(stored, `${JSON.stringify(Object.fromEntries(lines), null, 2)}\n`);
    }
    for (const name of usable) {
      expectToGive(name, compiled(templates.get(name)), theirs[name]);
      expect(storedDigests()[name], name).toBe(theirs[name]?.map(digest).join(" "));
    }
  });
});

const folder = process.env["THREADWEAVER_TEMPLATE_FOLDER"];

it.skipIf(folder === undefined || !hasJinja2())("the templates of a folder give what jinja2 gives", () => {
  const given = templatesIn(folder ?? "");
  expect(given.size).toBeGreaterThan(0);
  const theirs = renderWithJinja2(given);
  for (const [name, source] of given) expectToGive(name, compiled(source), theirs[name]);
});

describe.each(usable)("the template %s", (name) => {
  const template = compiled(templates.get(name));
  const found = templates.get(name)?.match(/<[|｜]?[\w▁/:=. -]{1,40}[|｜]?>|\[\/?[A-Z_]{2,30}\]/g) ?? [];
  const controls = [...new Set([...found, ...Object.values(specialTokens), "<think>", "</think>", "<|im_end|>"])];
  const finder = new ControlFinder(controls);
  const partsOf = (messages: ChatMessage[]) =>
    renderChatParts(messages, (given, clear) => template(given, { clear }), finder);

  it("gives what jinja2 gives", () => {
    const ours = chats.map(({ messages, variables }) => digest(rendered(template, messages, variables)));
    expect(ours.join(" ")).toBe(storedDigests()[name]);
  });

  it("lets no control string that was typed become a token, and keeps all that was typed", async () => {
    const words = fc.constantFrom("one", "two", " ", "\n", "é", "🙂", "<", "|>", "/", "im_end", ...controls);
    const typed = fc.array(words, { minLength: 1, maxLength: 8 }).map((parts) => `begin${parts.join("")}end`);
    await fc.assert(
      fc.asyncProperty(fc.option(typed), typed, typed, typed, async (system, first, answer, last) => {
        const messages = [
          ...(system === null ? [] : [{ role: "system", content: system }]),
          { role: "user", content: first },
          { role: "assistant", content: answer },
          { role: "user", content: last },
        ];
        const whole = rendered(template, messages);
        if ("error" in whole) return;
        const { parts } = await partsOf(messages);
        expect(parts.join("")).toBe(whole.text);
        if (!rewriting.has(name)) for (const content of [first, last]) expect(whole.text).toContain(content);
        for (const { role, content } of messages) {
          // Thinking in an answer may be taken apart and put together again: then its tags are the template's.
          const isTheirs = (control: string) => role !== "assistant" || !/think/i.test(control);
          expect(uncut(parts, content, finder).filter(isTheirs), content).toEqual([]);
        }
      }),
      { numRuns: 12 },
    );
  });

  it("is one text for chats without control strings", async () => {
    const messages = [{ role: "user", content: "Is a < b, and [1] > 2?" }];
    const whole = rendered(template, messages);
    // One of them needs variables of its own.
    if ("error" in whole) expect(name).toBe("fireworks-ai-llama-3-firefunction-v2");
    else expect((await partsOf(messages)).parts).toEqual([whole.text]);
  });
});

it.each([...exceptions])("the template %s cannot be run, and the interpreter is said to be why", (name, reason) => {
  const { error } = { error: "", ...rendered(compiled(templates.get(name)), [{ role: "user", content: "hi" }]) };
  expect(error).toMatch(/^The interpreter of chat templates that is used here \(@huggingface\/jinja\) cannot run/);
  expect(error).toContain(reason);
});

/** The control strings inside a content that are whole in one of the parts. */
function uncut(parts: readonly string[], content: string, finder: ControlFinder): string[] {
  const ends = new Set<number>();
  let length = 0;
  for (const part of parts) ends.add((length += part.length));
  const text = parts.join("");
  const whole: string[] = [];
  for (let at = text.indexOf(content); at !== -1; at = text.indexOf(content, at + 1)) {
    for (const { start, end } of finder.all(content)) {
      const isCut = [...ends].some((cut) => cut > at + start && cut < at + end);
      if (!isCut) whole.push(content.slice(start, end));
    }
  }
  return whole;
}
