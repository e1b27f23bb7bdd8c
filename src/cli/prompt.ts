import { ThreadweaverError } from "../errors.ts";
import { unlessCancelled } from "./engine.ts";
import { usageError } from "./usage.ts";
import type { World } from "./world.ts";

/** The prompt that was given, byte for byte: as an argument, or on stdin. */
export async function readPrompt(argument: string | undefined, world: World, command: "run" | "fork"): Promise<string> {
  if (argument === undefined) {
    const file = command === "run" ? "--messages or --input" : "or --messages";
    throw usageError(
      `No prompt was given. Give it as an argument (in quotes), - to read it from stdin, ${file}.`,
      command,
    );
  }
  const prompt = argument === "-" ? await readStdin(world) : argument;
  if (prompt !== "") return prompt;
  throw new ThreadweaverError(
    "invalid_prompt",
    `The prompt${argument === "-" ? " on stdin" : ""} is empty: nothing to go on from.`,
  );
}

/** All of stdin, unless the user cancels. */
export function readStdin(world: World): Promise<string> {
  return unlessCancelled(readAll(world.stdin), world.signal);
}

async function readAll(stream: World["stdin"]): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
  const text = decodeExactly(Buffer.concat(chunks));
  if (text !== undefined) return text;
  throw new ThreadweaverError("invalid_prompt", "What is on stdin is not UTF-8. Convert it, for example with iconv.");
}

/** The text of these bytes, undefined where they are not UTF-8: a replacement character would change the prompt. */
export function decodeExactly(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
