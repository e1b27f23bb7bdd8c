import type {
  LanguageModelV4GenerateResult,
  LanguageModelV4Reasoning,
  LanguageModelV4StreamPart,
  LanguageModelV4Text,
} from "@ai-sdk/provider";
import { ThreadweaverError } from "../errors.ts";

/** The parts of a run as one result, so what is generated is what would be streamed. Throws the error among them. */
export async function collect(
  parts: ReadableStream<LanguageModelV4StreamPart>,
): Promise<LanguageModelV4GenerateResult> {
  const content = new Map<string, LanguageModelV4Reasoning | LanguageModelV4Text>();
  const result: Pick<LanguageModelV4GenerateResult, "warnings" | "response"> = { warnings: [] };
  for await (const part of parts) {
    if (part.type === "error") throw part.error;
    if (part.type === "stream-start") result.warnings = part.warnings;
    if (part.type === "response-metadata") result.response = part;
    if (part.type === "reasoning-start") content.set(part.id, { type: "reasoning", text: "" });
    if (part.type === "text-start") content.set(part.id, { type: "text", text: "" });
    const open = "id" in part && part.id !== undefined ? content.get(part.id) : undefined;
    if (open !== undefined && "delta" in part) open.text += part.delta;
    if (open !== undefined && part.type === "reasoning-end")
      Object.assign(open, { providerMetadata: part.providerMetadata });
    if (part.type === "finish") {
      const { finishReason, usage, providerMetadata } = part;
      const told = providerMetadata === undefined ? {} : { providerMetadata };
      return { ...result, content: [...content.values()], finishReason, usage, ...told };
    }
  }
  throw new ThreadweaverError("internal", "the parts of a run came to their end without a finish");
}
