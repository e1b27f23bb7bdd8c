import { describe, expect, it } from "vitest";
import { deserializeTrie } from "../../src/core/trie/serialize.ts";
import { path } from "../../src/core/trie/path.ts";
import type { ServerEngine } from "../../src/engine/server-engine.ts";
import { localTokenizer } from "../../src/tokenizer/index.ts";
import { byteLevel, modelFolder, tokenizerOf } from "../tokenizer/folders.ts";
import {
  connect,
  encode,
  first,
  isOld,
  kind,
  recording,
  referenceCalls,
  runnerOn,
  transcripts,
  type Recording,
} from "./support.ts";

/** llama.cpp's tokenizer calls it otherwise. */
interface PromptSent {
  prompt?: unknown;
  content?: unknown;
}

interface Watched {
  engine: ServerEngine;
  seen: Recording;
  /** Requests to the server's tokenizer so far. */
  asked: string[];
}

/** An engine with the model's tokenizer in this process, and what is sent. */
async function connectLocally(): Promise<Watched> {
  const seen = recording();
  const asked: string[] = [];
  const engine = await connect({
    tokenizer: await localTokenizer(modelFolder),
    fetch: (input, init) => {
      const { pathname } = new URL(input instanceof Request ? input.url : input);
      if (pathname.includes("tokenize")) asked.push(pathname);
      return seen.fetch(input, init);
    },
  });
  return { engine, seen, asked };
}

describe("with the model's tokenizer in this process", () => {
  it("texts are the ids that the server's own makes of them, and back", async () => {
    const there = (await connect()).tokenizer;
    const here = (await connectLocally()).engine.tokenizer;
    const awkward = ["  a  b ", "é€😀", "<s>x</s>", "<Thread>\n1:", " <Thread", "\u0000\uFEFF\r\n\t", "e\u0301"];
    for (const text of [...transcripts.map(({ prompt }) => prompt), first.text, ...awkward]) {
      for (const controls of ["parse", "text"] as const) {
        const ids = await there.encode(text, { controls });
        expect(await here.encode(text, { controls })).toEqual(ids);
        expect(await here.decode(ids)).toBe(await there.decode(ids));
      }
    }
    for (const token of [0xa9, 0xc3, 0x20, 256, 257, 258, 268]) {
      expect(await here.decode([token])).toBe(await there.decode([token]));
    }
  });

  it("messages are rendered as the server renders them", async () => {
    const messages = [{ role: "user" as const, content: ` ${first.prompt}<Thread> ` }];
    const there = await (await connect()).tokenizer.renderChat(messages);
    expect(await (await connectLocally()).engine.tokenizer.renderChat(messages)).toEqual(there);
  });

  it("the same is found out about the server", async () => {
    const { report: there } = await connect();
    const { report: here } = (await connectLocally()).engine;
    // Which markers are special a server shows one by one, which only the probe asks for.
    const common = ({ markers, ...report }: typeof here) => ({
      ...report,
      controls: {},
      markers: markers.map((marker) => ({ ...marker, special: undefined })),
    });
    expect(common(here)).toEqual(common(there));
    expect(here.markers.every(({ special }) => special !== undefined)).toBe(true);
    expect(here.controls).toEqual({ ...there.controls, "<pad>": 258 });
  });

  it("a run gives the reference's text, sends the ids of the authors' loop, and asks for no more than one check", async () => {
    const { engine, seen, asked } = await connectLocally();
    expect(asked).toEqual(["/tokenize"]);
    const { text, tree, ending, warnings } = await runnerOn(engine).run({ prompt: first.prompt }).result;
    expect(text).toBe(first.text.slice(first.prompt.length, -"</s>".length));
    expect(path(deserializeTrie(tree), tree.head).flatMap(({ ids }) => ids ?? [])).toEqual([
      256,
      ...encode(first.text),
    ]);
    expect({ ending, warnings }).toEqual({ ending: { kind: "eos" }, warnings: [] });
    expect(seen.bodies.map(({ prompt }) => prompt)).toEqual(referenceCalls(first).calls.map(({ context }) => context));
    expect(asked).toEqual(["/tokenize"]);
  });

  // Completions that tell no ids do not tell those of a prompt either, and llama.cpp's tell only the others.
  const told = ["told by the server's tokenizer", "told by its completions where a router hides that"];
  it.each(isOld || kind === "llamacpp" ? told.slice(0, 1) : told)(
    "another model's is refused before any of its ids is sent, %s",
    async (how) => {
      const prompts: unknown[] = [];
      const watched: typeof fetch = async (input, init) => {
        const { pathname } = new URL(input instanceof Request ? input.url : input);
        if (how.includes("hides") && pathname === "/tokenize") return new Response("{}", { status: 404 });
        const { prompt, content } = (typeof init?.body === "string" ? JSON.parse(init.body) : {}) as PromptSent;
        if (typeof init?.body === "string") prompts.push(content ?? prompt);
        return fetch(input, init);
      };
      const tokenizer = await tokenizerOf({ "tokenizer.json": byteLevel() });
      await expect(connect({ tokenizer, fetch: watched })).rejects.toMatchObject({
        code: "invalid_option",
        message: expect.stringContaining("differs from that of") as string,
      });
      expect(prompts).toEqual([expect.any(String)]);
      expect((await connect({ tokenizer: await localTokenizer(modelFolder), fetch: watched })).report.tier).toBe("ids");
    },
  );
});
