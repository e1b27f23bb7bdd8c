import * as z from "zod";
import type { ChatMessage } from "../../core/trie/piece.ts";
import { ChatEncoder } from "../../engine/tokenizer/chat/encode-chat.ts";
import type { LocalTokenizer } from "../../engine/tokenizer/local-tokenizer.ts";
import { ThreadweaverError } from "../../errors.ts";
import { trajectoryOfResult, type TrainableResult } from "../../train/from-result.ts";
import { trajectoryOfText } from "../../train/text/parse.ts";
import type { Source, TextSetup } from "./source.ts";

const id = z.union([z.string(), z.number()]).transform(String);
const about = z.looseObject({ id: id.optional(), group: id.optional(), sample: z.int().optional() });
const text = z.looseObject({
  text: z.string(),
  prompt: z.string().optional(),
  prompt_ids: z.array(z.int()).optional(),
  messages: z.array(z.object({ role: z.string(), content: z.string() })).optional(),
});

/** A line of results or of finished texts, as a trajectory; why it is none, where it is none. */
export async function readLine(json: string, where: string, number: number, setup: TextSetup): Promise<Source> {
  const unnamed = { where, id: `${number}`, group: `${number}` };
  let data: unknown;
  try {
    data = JSON.parse(json);
  } catch (error) {
    return { ...unnamed, why: `it is not JSON (${messageOf(error)})` };
  }
  const named = about.safeParse(data);
  if (!named.success) return { ...unnamed, why: `${shape}: ${z.prettifyError(named.error)}` };
  const { id: own = `${number}`, group, sample } = named.data;
  const names = { where, id: sample === undefined ? own : `${own}/${sample}`, group: group ?? own };
  try {
    return { ...names, ...(await trajectoryOf(named.data, setup)) };
  } catch (error) {
    if (!ThreadweaverError.isInstance(error)) throw error;
    return { ...names, why: error.message };
  }
}

const shape = 'expected an object: a result with its tree, or {"text", "prompt"} or {"text", "messages"}';

async function trajectoryOf(data: z.output<typeof about>, { dialect, tokenizer }: TextSetup) {
  if (typeof data["error"] === "object") throw unusable("its run failed, so it has no result");
  if (data["forkJoin"] !== undefined) throw unusable("it compares modes; run with --mode fork-join");
  if ("samplingBy" in data) {
    const { content, text: whole } = data;
    const answer = typeof content === "string" ? content : typeof whole === "string" ? whole : "";
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- checked by the function itself
    return { trajectory: trajectoryOfResult(data as unknown as TrainableResult), answer };
  }
  const finished = text.safeParse(data);
  if (!finished.success) throw unusable(shape);
  const { prompt_ids: ids, messages } = finished.data;
  const given = ids ?? finished.data.prompt;
  if (given === undefined && messages === undefined)
    throw unusable("it has a text, but neither prompt, prompt_ids nor messages before it");
  if (dialect === undefined || tokenizer === undefined) {
    throw unusable("it is a finished text, so --dialect and --tokenizer are needed");
  }
  const prompt = given ?? (await idsOfChat(messages ?? [], tokenizer));
  const trajectory = await trajectoryOfText(finished.data.text, { dialect, tokenizer, prompt });
  return { trajectory, answer: finished.data.text };
}

/** As a run encodes its messages: control strings in them stay text. */
async function idsOfChat(messages: readonly ChatMessage[], tokenizer: LocalTokenizer): Promise<number[]> {
  const encoder = new ChatEncoder(new Map(tokenizer.addedTokens.map(({ content, id }) => [content, id])));
  return encoder.encode(
    messages,
    async (chat) => tokenizer.renderTemplate(chat),
    async (part) => tokenizer.encode(part),
  );
}

function unusable(why: string): ThreadweaverError {
  return new ThreadweaverError("invalid_option", why);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
