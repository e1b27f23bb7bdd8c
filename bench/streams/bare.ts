import type OpenAI from "openai";

export interface BareStream {
  text: string;
  ids: number[];
}

interface Chunk {
  choices: { text?: string; token_ids?: number[] | null }[];
}

/**
 * What anybody would write on the bare client: its text and its ids kept.
 *
 * @param body what the library sent for the same, so that the same bytes come.
 */
export async function bareStream(
  client: OpenAI,
  body: Record<string, unknown>,
  into: BareStream = { text: "", ids: [] },
): Promise<BareStream> {
  // The client sends what it is given; its types know OpenAI's fields alone.
  const asked = body as unknown as OpenAI.CompletionCreateParamsStreaming;
  const stream = (await client.completions.create(asked)) as unknown as AsyncIterable<Chunk>;
  for await (const chunk of stream) {
    const [choice] = chunk.choices;
    if (choice === undefined) continue;
    into.text += choice.text ?? "";
    for (const id of choice.token_ids ?? []) into.ids.push(id);
  }
  return into;
}
