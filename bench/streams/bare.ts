import OpenAI from "openai";

export interface BareStream {
  text: string;
  ids: number[];
}

interface Chunk {
  choices: { text?: string; token_ids?: number[] | null }[];
}

/** What anybody would write on the bare client: the same request, its text and its ids kept. */
export async function bareStream(
  client: OpenAI,
  model: string,
  prompt: number[],
  onToken: () => void,
  into: BareStream,
): Promise<void> {
  const body = {
    model,
    prompt,
    stream: true as const,
    max_tokens: 50_000,
    temperature: 0,
    // As the library asks a vLLM, so that the same bytes come.
    return_token_ids: true,
    skip_special_tokens: false,
    include_stop_str_in_output: true,
    stream_options: { include_usage: true },
  };
  const stream = (await client.completions.create(body)) as unknown as AsyncIterable<Chunk>;
  for await (const chunk of stream) {
    const [choice] = chunk.choices;
    if (choice === undefined) continue;
    into.text += choice.text ?? "";
    for (const id of choice.token_ids ?? []) {
      into.ids.push(id);
      onToken();
    }
  }
}
