import OpenAI from "openai";

/** The bundled model's vocabulary: a byte is its own id, every tag is one token. */
const tags = ["<s>", "</s>", "<pad>", "<think>", "</think>", "<Parallel>", "</Parallel>", "<Outlines>", "</Outlines>"];
tags.push("<Outline>", "</Outline>", "<Thread>", "</Thread>");
const id = (tag: string): number => 256 + tags.indexOf(tag);
const parts = /<\/?[A-Za-z]+>|[^]/g;
const encode = (text: string): number[] =>
  (text.match(parts) ?? []).flatMap((part) => (tags.includes(part) ? [id(part)] : [...Buffer.from(part)]));
const decode = (ids: readonly number[]): string => ids.map((i) => tags[i - 256] ?? String.fromCharCode(i)).join("");

export interface Loop {
  client: OpenAI;
  model: string;
  stream: boolean;
}

/** The plain program without a library: one call, then `Promise.all` over the threads, then one more. Nothing can go wrong in it. */
export async function bareForkJoin(loop: Loop, prompt: string): Promise<string> {
  const context = [id("<s>"), ...encode(prompt)];
  const began = context.length;
  context.push(...(await complete(loop, context, id("</Outlines>"))));
  const numbers = [...decode(context.slice(began)).matchAll(/<Outline>\s*(\d+)\s*:/g)].map((match) => match[1]);
  const threads = await Promise.all(
    numbers.map(async (n) => {
      const header = encode(`\n<Thread>\n${n}:`);
      return [...header, ...(await complete(loop, [...context, ...header], id("</Thread>")))];
    }),
  );
  for (const [i, thread] of threads.entries()) context.push(...thread.slice(i === 0 ? 0 : 1));
  context.push(...encode("\n"));
  context.push(...(await complete(loop, context, id("</Outlines>"))));
  return decode(context.slice(began));
}

/** The same without threads: one call. */
export async function bareSequential(loop: Loop, prompt: string): Promise<string> {
  return decode(await complete(loop, [id("<s>"), ...encode(prompt)], id("<pad>")));
}

async function complete({ client, model, stream }: Loop, prompt: number[], stop: number): Promise<number[]> {
  const vendor = { stop_token_ids: [stop], return_token_ids: true, skip_special_tokens: false, no_stop_trim: true };
  const body = { model, prompt, temperature: 0, max_tokens: 1900 - prompt.length, ...vendor };
  if (!stream) return idsOf(await client.completions.create(body));
  const ids: number[] = [];
  for await (const chunk of await client.completions.create({ ...body, stream: true })) ids.push(...idsOf(chunk));
  return ids;
}

function idsOf({ choices: [choice] }: OpenAI.Completion): number[] {
  return choice !== undefined && "token_ids" in choice && Array.isArray(choice.token_ids) ? choice.token_ids : [];
}
