import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { skeleton } from "../../src/core/dialects/bundled/index.ts";
import type { Piece } from "../../src/core/trie/piece.ts";
import { createRunner } from "../../src/run/runner.ts";
import { startFakeServer, type FakeKind } from "../../src/testing/index.ts";
import { createEngine } from "../../src/engine/openai.ts";
import { runs } from "../core/drive.ts";
import { fastClock } from "../soak/fast-clock.ts";
import { connect, outcomeOf } from "./support.ts";

const kinds: FakeKind[] = ["vllm", "sglang", "sglang-native"];
// Tokens that begin, end or hold the marker together with other text.
const controls = ["</st", "ep>\n", "a</step>b", "p>"];
const bit = fc.constantFrom("a", "é", "\n", "<", "</st", "ep>\n", "</step>", "p>", "step", "a</step>b");
const said = fc.array(bit, { maxLength: 10 }).map((bits) => bits.join(""));
const marker = "</step>";

/** The first pieces, up to the one that completes the marker. */
function upTo(pieces: readonly Piece[]): Piece[] {
  let text = "";
  const end = pieces.findIndex((piece) => (text += piece.text ?? "").includes(marker));
  return end < 0 ? [...pieces] : pieces.slice(0, end + 1);
}

describe.each(kinds)("a stop string on %s", (kind) => {
  it("ends the call with every token up to the one that completes it, whose text is whole", async () => {
    let text = "";
    const { engine, server } = await connect({ kind, controls, model: () => text }, { controls });
    await fc.assert(
      fc.asyncProperty(said, async (one) => {
        text = one;
        const free = await outcomeOf(engine);
        const stopped = await outcomeOf(engine, { stop: { ids: [], strings: [marker] } });
        expect(stopped.pieces).toEqual(upTo(free.pieces));
        expect(stopped.end?.reason).toBe("stop");
        // What completes the marker is no end of sequence.
        if (free.text.includes(marker)) expect(stopped.end?.eos).toBeUndefined();
      }),
      { numRuns: runs(60) },
    );
    expect(JSON.stringify(server.calls.at(-1)?.body)).toContain(`"stop":["${marker}"]`);
  });

  it("changes nothing of a run, whatever its threads write", async () => {
    let own = ["", ""];
    const server = await startFakeServer({
      kind,
      controls,
      model: (prompt) => {
        if (prompt.endsWith("1. cats\n")) return own[0] ?? "";
        if (prompt.endsWith("2. dogs\n")) return own[1] ?? "";
        return prompt.endsWith("<answer>\n") ? "Both." : "<plan>\n1. cats\n2. dogs\n</plan>x";
      },
    });
    const { baseURL } = server;
    const hinted = await createEngine({ baseURL, controls });
    const plain = await createEngine({ baseURL, controls, profile: { request: { stopStrings: null } } });
    const writtenOn = async (engine: typeof plain) => {
      const { result } = createRunner({ engine, dialect: skeleton }).run({ prompt: "Q" }, { temperature: 0 });
      const { text, threads, tokens, warnings } = await result;
      const { wasted: _, cached: __, ...counts } = tokens;
      return { text, counts, warnings, threads: threads.map((thread) => [thread.text, thread.ending, thread.tokens]) };
    };
    await fc.assert(
      fc.asyncProperty(fc.tuple(said, said), async (texts) => {
        own = texts;
        expect(await writtenOn(hinted)).toEqual(await writtenOn(plain));
      }),
      { numRuns: runs(20) },
    );
    expect(server.calls.filter(({ body }) => JSON.stringify(body).includes('"stop":['))).not.toEqual([]);
    await Promise.all([hinted.close(), plain.close(), server.close()]);
  });
});

it.each<FakeKind>(["llamacpp", "text"])("%s gets none: it would leave out what completes one", async (kind) => {
  const { engine, server } = await connect({ kind, model: () => "ab</step>" });
  await outcomeOf(engine, { stop: { ids: [], strings: [marker] } });
  expect(JSON.stringify(server.calls.at(-1)?.body)).not.toContain('"stop":[');
});

it("servers get four at most", async () => {
  const { engine, server } = await connect({ model: () => "ab" });
  await outcomeOf(engine, { stop: { ids: [], strings: ["1", "2", "3", "4", "5"] } });
  expect(server.calls.at(-1)?.body["stop"]).toEqual(["1", "2", "3", "4"]);
});

it("a prompt that ends inside a character and holds the string ends nothing, although vLLM finds it there", async () => {
  const [first = 0, second = 0] = Buffer.from("é");
  const rest = [...Buffer.from(" is a letter")];
  const model = (prompt: string) => ({ text: "", ids: prompt.endsWith("é") ? rest : [second, ...rest] });
  const server = await startFakeServer({ kind: "vllm", controls: [], model });
  const engine = await createEngine({ baseURL: server.baseURL });
  const retried: string[] = [];
  const run = createRunner({ engine, dialect: skeleton, clock: fastClock }).run(
    { promptIds: [...Buffer.from("what is <plan> and </plan>? "), first] },
    { onEvent: (event) => void (event.type === "call-retry" && retried.push(event.message)) },
  );
  const { text, complete } = await run.result;
  // Its first byte is the prompt's.
  expect({ text, complete }).toEqual({ text: "\uFFFD is a letter", complete: true });
  expect(retried).toEqual([expect.stringContaining('the stop string "</plan>", which is not in what it generated')]);
  await engine.close();
  await server.close();
});
