import type { LanguageModelV4, LanguageModelV4CallOptions, LanguageModelV4StreamPart } from "@ai-sdk/provider";
import type { PartMetadata, RunMetadata } from "../../src/ai-sdk/index.ts";

/** What a call of the SDK looks like to a model. */
export function callOf(text: string, options: Partial<LanguageModelV4CallOptions> = {}): LanguageModelV4CallOptions {
  return { prompt: [{ role: "user", content: [{ type: "text", text }] }], ...options };
}

export async function partsOf(
  model: LanguageModelV4,
  call: LanguageModelV4CallOptions,
): Promise<LanguageModelV4StreamPart[]> {
  const { stream } = await model.doStream(call);
  const parts: LanguageModelV4StreamPart[] = [];
  for await (const part of stream) parts.push(part);
  return parts;
}

/** The texts of the parts by their ids: of an answer `text`, of main's thinking `0`. Throws where a part is not open. */
export function textsOf(parts: readonly LanguageModelV4StreamPart[]): Map<string, string> {
  const texts = new Map<string, string>();
  const open = new Set<string>();
  for (const part of parts) {
    if (part.type === "reasoning-start" || part.type === "text-start") {
      if (texts.has(part.id)) throw new Error(`${part.id} begins twice`);
      texts.set(part.id, "");
      open.add(part.id);
    }
    if (part.type === "reasoning-delta" || part.type === "text-delta") {
      if (!open.has(part.id)) throw new Error(`${part.id} is not open`);
      if (part.delta === "") throw new Error(`${part.id} has an empty delta`);
      texts.set(part.id, (texts.get(part.id) ?? "") + part.delta);
    }
    if ((part.type === "reasoning-end" || part.type === "text-end") && !open.delete(part.id))
      throw new Error(`${part.id} ends twice`);
  }
  if (open.size > 0) throw new Error(`${[...open].join(", ")} did not end`);
  return texts;
}

/** What is ours in the metadata of a part. */
export function partMetadata(part: { providerMetadata?: unknown }): PartMetadata {
  return (part.providerMetadata as { threadweaver: PartMetadata }).threadweaver;
}

/** What is ours in the metadata of a result. */
export function runMetadata(result: { providerMetadata?: unknown }): RunMetadata {
  return (result.providerMetadata as { threadweaver: RunMetadata }).threadweaver;
}
