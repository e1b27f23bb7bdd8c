import { createEngine } from "../../src/engine/openai.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { startFakeServer, type FakeModel, type FakeServer } from "../../src/testing/index.ts";

/** A chat endpoint on a socket, and an engine on it. */
export interface ChatEndpoint extends AsyncDisposable {
  readonly engine: Engine;
  readonly server: FakeServer;
  /** The questions that were asked, in their order. */
  readonly prompts: readonly string[];
}

export async function openEndpoint(
  answer: (prompt: string, call: number) => ReturnType<FakeModel>,
  { contextTokens = 1_000_000 } = {},
): Promise<ChatEndpoint> {
  const prompts: string[] = [];
  const server = await startFakeServer({
    kind: "chat",
    tokensPerChunk: 100_000,
    contextTokens,
    model: (prompt, call) => {
      prompts.push(prompt);
      return answer(prompt, call);
    },
  });
  const engine = await createEngine({ baseURL: server.baseURL });
  return {
    engine,
    server,
    prompts,
    async [Symbol.asyncDispose]() {
      await engine.close();
      await server.close();
    },
  };
}
