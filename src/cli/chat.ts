import { readFile } from "node:fs/promises";
import type { Engine } from "../engine/engine.ts";
import { ThreadweaverError } from "../errors.ts";
import { checkInput, type RunInput, type RunMessage } from "../run/input.ts";
import { unlessCancelled } from "./engine.ts";
import { readPrompt, readStdin } from "./prompt.ts";
import { usageError } from "./usage.ts";
import type { World } from "./world.ts";

export interface ChatFlags {
  readonly raw: boolean;
  readonly system: string | undefined;
  readonly messages: string | undefined;
  readonly "special-in-prompt": string | undefined;
}

/** What was given to go on from. */
export type Given =
  | { readonly messages: readonly RunMessage[] }
  /** `chat`: whether it is a message of the user. `perhaps`: where the model has a chat template. */
  | { readonly prompt: string; readonly chat: "always" | "perhaps" | "never" };

/** Reads the prompt or the messages. A prompt from stdin is sent as it is, unless there is a system message. */
export async function readGiven(
  flags: ChatFlags,
  argument: string | undefined,
  world: World,
  command: "run" | "fork" = "run",
): Promise<Given> {
  const { raw, system, messages } = flags;
  if (raw && (system !== undefined || messages !== undefined)) {
    throw usageError("--raw sends a prompt as it is: it goes with neither --system nor --messages.", command);
  }
  if (messages !== undefined) {
    if (argument !== undefined) throw usageError("A prompt and --messages exclude each other.", command);
    return { messages: [...systemMessage(system), ...(await readMessages(messages, world))] };
  }
  const prompt = await readPrompt(argument, world, command);
  if (system !== undefined) return { prompt, chat: "always" };
  const isRaw = raw || argument === "-" || flags["special-in-prompt"] !== undefined;
  return { prompt, chat: isRaw ? "never" : "perhaps" };
}

/** What a run is given. Says in one line when a prompt becomes a message of the user. */
export async function inputFor(
  given: Given,
  { system, raw }: ChatFlags,
  engine: Engine,
  world: World,
): Promise<RunInput> {
  if ("messages" in given) return given;
  const { prompt, chat } = given;
  const { tier = "ids", tokenizer } = engine;
  const takesChats = tier.startsWith("chat");
  const isMessage = raw
    ? false
    : chat === "always" ||
      takesChats ||
      (chat === "perhaps" && (await unlessCancelled(hasTemplate(tokenizer, world.signal), world.signal)));
  if (!isMessage) return { prompt };
  if (system === undefined) {
    const why = takesChats ? "The server takes chats only" : "The model has a chat template";
    const other = takesChats ? "" : " (--raw sends it as it is)";
    world.stderr.write(`${why}: the prompt is sent as a message of the user${other}.\n`);
  }
  return { messages: [...systemMessage(system), { role: "user", content: prompt }] };
}

/** The input of a line: where a server takes chats only, a prompt is a message of the user. */
export function asChat(input: RunInput, { tier = "ids" }: Engine): RunInput {
  const { prompt } = input;
  return prompt !== undefined && tier.startsWith("chat") ? { messages: [{ role: "user", content: prompt }] } : input;
}

async function hasTemplate(tokenizer: Engine["tokenizer"], signal: AbortSignal): Promise<boolean> {
  return (await tokenizer.hasChatTemplate?.({ signal })) ?? false;
}

function systemMessage(content: string | undefined): RunMessage[] {
  return content === undefined ? [] : [{ role: "system", content }];
}

/** A list of messages, or an object that has one, as the body of a request does. */
async function readMessages(path: string, world: World): Promise<readonly RunMessage[]> {
  const name = path === "-" ? "stdin" : path;
  const text = path === "-" ? await readStdin(world) : await readText(path);
  const json = parseJson(text.replace(/^\uFEFF/, ""), name);
  const messages = typeof json === "object" && json !== null && "messages" in json ? json.messages : json;
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- `checkInput` looks at them
    const input = { messages: messages as RunMessage[] };
    if (Array.isArray(messages) && messages.length === 0) throw new Error("messages is empty: nothing to answer");
    checkInput(input);
    return input.messages;
  } catch (cause) {
    throw new ThreadweaverError("invalid_prompt", `--messages ${name}: ${wordsOf(cause)}.`, { cause });
  }
}

async function readText(path: string): Promise<string> {
  return readFile(path, "utf8").catch((cause: unknown) => {
    throw new ThreadweaverError("file", `--messages ${path} cannot be read: ${wordsOf(cause)}`, { cause });
  });
}

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const form = 'Expected a list of messages such as [{"role": "user", "content": "…"}].';
    throw new ThreadweaverError("invalid_prompt", `--messages ${name} is not JSON: ${wordsOf(cause)}. ${form}`, {
      cause,
    });
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
