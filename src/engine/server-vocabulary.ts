import { ThreadweaverError } from "../errors.ts";
import type { ServerClient } from "./server-client.ts";
import type { TextCodec } from "./text-codec.ts";
import { anything, forcedAnswer, vllm } from "./vllm.ts";

/** What no server tells, and every one can be asked for. */
export interface ServerVocabulary {
  bos: number | undefined;
  /** Grows when a call ends at an id that was not known to end one. */
  eos: number[];
  /** Control strings and their ids. */
  controls: Map<string, number>;
  size: number | undefined;
}

/** Control strings of the common model families. */
const commonControls = [
  "<s>",
  "</s>",
  "<think>",
  "</think>",
  "<|im_start|>",
  "<|im_end|>",
  "<|endoftext|>",
  "<|begin_of_text|>",
  "<|end_of_text|>",
  "<|start_header_id|>",
  "<|end_header_id|>",
  "<|eot_id|>",
  "<|end|>",
  "<bos>",
  "<eos>",
  "<start_of_turn>",
  "<end_of_turn>",
  "<pad>",
  "<unk>",
] as const;

export async function learnVocabulary(
  client: ServerClient,
  codec: TextCodec,
  model: string,
  markers: readonly string[],
): Promise<ServerVocabulary> {
  const [bos, controls, size] = await Promise.all([
    learnBos(codec),
    learnControls(codec, new Set([...commonControls, ...markers])),
    learnSize(client, model),
  ]);
  return { bos, controls, size, eos: await learnEos(client, model, bos, [...controls.values()]) };
}

/** What the tokenizer puts before a text of its own accord. */
async function learnBos(codec: TextCodec): Promise<number | undefined> {
  const [plain, special] = await Promise.all([codec.encode("a"), codec.encode("a", { bos: true })]);
  return special.length > plain.length ? special[0] : undefined;
}

/** A candidate that is one token is a control string or marker; single characters and white space always are one. */
async function learnControls(codec: TextCodec, candidates: ReadonlySet<string>): Promise<Map<string, number>> {
  const strings = [...candidates].filter((text) => text.trim().length > 1);
  const ids = await Promise.all(strings.map(async (text) => [text, await codec.encode(text)] as const));
  return new Map(ids.flatMap(([text, [id, ...more]]) => (id === undefined || more.length > 0 ? [] : [[text, id]])));
}

/** vLLM names the size of its vocabulary when it is given a stop id beyond it. */
async function learnSize(client: ServerClient, model: string): Promise<number | undefined> {
  const body = { model, prompt: [0], max_tokens: 1, stop_token_ids: [2 ** 31 - 1] };
  const refusal = await client.post(vllm.completionsPath, body, anything).catch((error: unknown) => error);
  const size = refusal instanceof Error ? /vocabulary size: (\d+)/i.exec(refusal.message)?.[1] : undefined;
  return size === undefined ? undefined : Number(size);
}

/**
 * Which control tokens end a generation: each is forced out of the model, as the only token allowed, and either ends
 * the call or does not. Costs a token each; a server that knows no such force leaves us to learn at the first ending.
 */
async function learnEos(
  client: ServerClient,
  model: string,
  bos: number | undefined,
  candidates: readonly number[],
): Promise<number[]> {
  const endings = await Promise.all(
    candidates.map(async (id) => {
      const body = {
        model,
        prompt: [bos ?? id],
        max_tokens: 2,
        temperature: 0,
        allowed_token_ids: [id],
        return_token_ids: true,
      };
      const answer = await client.post(vllm.completionsPath, body, forcedAnswer).catch(refusalOnly);
      const [choice] = answer?.choices ?? [];
      return choice?.finish_reason === "stop" && choice.token_ids?.join() === String(id) ? [id] : [];
    }),
  );
  return endings.flat();
}

function refusalOnly(error: unknown): undefined {
  if (ThreadweaverError.isInstance(error) && error.code === "engine_refused") return undefined;
  throw error;
}
