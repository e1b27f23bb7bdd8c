import { Template } from "@huggingface/jinja";
import { describe, expect, it } from "vitest";
import type { ChatMessage } from "../../../src/core/trie/piece.ts";
import { renderChatParts } from "../../../src/engine/tokenizer/chat/chat-parts.ts";
import { compileChatTemplate } from "../../../src/engine/tokenizer/chat/chat-template.ts";
import { ControlFinder } from "../../../src/engine/tokenizer/chat/control-finder.ts";

const finder = new ControlFinder(["<|im_start|>", "<|im_end|>", "<think>", "</think>"]);

/** What stands in the prompt, and which control strings in it are tokens. */
async function promptOf(source: string, messages: ChatMessage[]): Promise<{ text: string; tokens: string[] }> {
  const template = compileChatTemplate({ Template }, source, {});
  const { parts } = await renderChatParts(messages, (given, clear) => template(given, { clear }), finder);
  const tokens = parts.flatMap((part) =>
    [...part.matchAll(/<\|im_start\|>|<\|im_end\|>|<\/?think>/g)].map(([found]) => found),
  );
  return { text: parts.join(""), tokens };
}

const turn = "{{ '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}";
const begin = "{{ '<|im_start|>assistant\\n' }}";

describe("a template that looks into messages", () => {
  const switching =
    "{% set ns = namespace(think=true) %}" +
    "{% for message in messages %}{% if message.role == 'system' and '/no_think' in message.content %}{% set ns.think = false %}" +
    "{% set content = message.content.replace('/no_think', '').strip() %}{% if content %}{{ '<|im_start|>system\\n' + content + '<|im_end|>\\n' }}{% endif %}" +
    `{% else %}${turn}{% endif %}{% endfor %}${begin}{% if not ns.think %}{{ '<think>\\n\\n</think>\\n\\n' }}{% endif %}`;

  it("finds its switches, which are not sent as text", async () => {
    const user = { role: "user", content: "What is 2+2?" };
    const { text, tokens } = await promptOf(switching, [{ role: "system", content: "/no_think" }, user]);
    expect(text).toBe("<|im_start|>user\nWhat is 2+2?<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n");
    expect(tokens).toEqual(["<|im_start|>", "<|im_end|>", "<|im_start|>", "<think>", "</think>"]);
  });

  it("and control strings that were typed beside a switch stay text", async () => {
    const typed = { role: "user", content: "say <|im_end|> and </think>" };
    const { text, tokens } = await promptOf(switching, [{ role: "system", content: "Be brief. /no_think" }, typed]);
    expect(text).toContain("system\nBe brief.<|im_end|>\n<|im_start|>user\nsay <|im_end|> and </think><|im_end|>");
    expect(tokens.join(" ")).toBe("<|im_start|> <|im_end|> <|im_start|> <|im_end|> <|im_start|> <think> </think>");
  });

  const stripping =
    "{% for message in messages %}{% set content = message.content %}" +
    "{% if message.role == 'assistant' and '</think>' in content %}{% set content = content.split('</think>')[-1].lstrip('\\n') %}{% endif %}" +
    `{{ '<|im_start|>' + message.role + '\\n' + content + '<|im_end|>\\n' }}{% endfor %}${begin}`;

  it("takes the thinking out of earlier turns", async () => {
    const { text, tokens } = await promptOf(stripping, [
      { role: "user", content: "Q </think>" },
      { role: "assistant", content: "<think>\nhm\n</think>\n\n4" },
      { role: "user", content: "again <|im_start|>" },
    ]);
    expect(text).toBe(
      "<|im_start|>user\nQ </think><|im_end|>\n<|im_start|>assistant\n4<|im_end|>\n" +
        "<|im_start|>user\nagain <|im_start|><|im_end|>\n<|im_start|>assistant\n",
    );
    expect(tokens).not.toContain("</think>");
    expect(tokens.filter((token) => token === "<|im_start|>")).toHaveLength(4);
  });

  const rewriting =
    "{% for message in messages %}{% set content = message.content %}{% if '</think>' in content %}" +
    "{% set thinking = content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}" +
    "{% set content = '<think>\\n' + thinking + '\\n</think>\\n\\n' + content.split('</think>')[-1].lstrip('\\n') %}{% endif %}" +
    "{{ '<|im_start|>' + message.role + '\\n' + content + '<|im_end|>\\n' }}{% endfor %}";

  it("writes thinking itself, whose tokens are the template's, and what was typed beside them is text", async () => {
    const { text, tokens } = await promptOf(rewriting, [
      { role: "assistant", content: "<think>\na <|im_end|>\n</think>\n\n4 <|im_start|>" },
    ]);
    expect(text).toBe("<|im_start|>assistant\n<think>\na <|im_end|>\n</think>\n\n4 <|im_start|><|im_end|>\n");
    expect(tokens).toEqual(["<|im_start|>", "<think>", "</think>", "<|im_end|>"]);
  });

  it("is given values", () => {
    const source = "{% if enable_thinking is false %}off{% endif %}{% for tool in tools %}{{ tool.name }}{% endfor %}";
    const template = compileChatTemplate({ Template }, source, {});
    expect(template([], { variables: { enable_thinking: false, tools: [{ name: "sum" }] } })).toBe("offsum");
    expect(template([])).toBe("");
  });

  it("treats an empty content as none", async () => {
    const source = `{% for message in messages %}{% if message.content %}${turn}{% endif %}{% endfor %}${begin}`;
    const { text } = await promptOf(source, [
      { role: "system", content: "" },
      { role: "user", content: "Hi" },
    ]);
    expect(text).toBe("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n");
  });

  it("rewrites contents", async () => {
    const source = `{% for message in messages %}{{ message.content | upper }}{% endfor %}`;
    expect((await promptOf(source, [{ role: "user", content: "hi <|im_end|>" }])).tokens).toEqual([]);
    expect((await promptOf(source, [{ role: "user", content: "hi" }])).text).toBe("HI");
  });
});

describe("a template", () => {
  it("with the line ends of Windows gives line feeds, as jinja2 does", () => {
    const render = compileChatTemplate(
      { Template },
      "{% for m in messages %}\r\n{{ m.role }}:\r\n{% endfor %}\r\n",
      {},
    );
    expect(render([{ role: "user", content: "a" }])).not.toContain("\r");
    expect(render([{ role: "user", content: "a" }])).toContain("user:\n");
  });

  it("that needs what the interpreter does not know says that it is the interpreter, and what to do", () => {
    const render = compileChatTemplate({ Template }, '{% set d = {0: "a", 512: "b"} %}{{ d[512] }}', {});
    expect(() => render([])).toThrow(
      /^The interpreter of chat templates that is used here \(@huggingface\/jinja\) cannot run the model's: .*\. Give the text as a prompt instead\.$/,
    );
  });

  it("that refuses messages says so itself", () => {
    const render = compileChatTemplate({ Template }, "{{ raise_exception('System role not supported') }}", {});
    expect(() => render([])).toThrow("The model's chat template refuses these messages: System role not supported");
  });
});
