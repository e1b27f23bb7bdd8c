import type { Branch } from "../../core/machine/protocol.ts";
import type { ChatMessage, Piece } from "../../core/trie/piece.ts";
import type { Engine } from "../../engine/engine.ts";
import { roomFor } from "../../engine/room.ts";
import { factsOf, ThreadweaverError } from "../../errors.ts";
import { checkInput, type RunInput } from "../input.ts";
import type { CheckedOptions } from "../options.ts";
import { encodePrompt } from "../prompt.ts";
import type { CheckedBranch } from "./options.ts";

/** What all branches share, and what each sees after it. */
export interface Trunk {
  readonly prompt: Piece;
  readonly branches: readonly Branch[];
}

/** What a fork is encoded with. */
interface Encoding {
  readonly branches: readonly CheckedBranch[];
  readonly engine: Engine;
  readonly options: Pick<CheckedOptions, "specialInPrompt" | "templateOptions">;
  readonly signal: AbortSignal;
}

/**
 * Encodes a fork. Each branch is sent the ids that the model's template gives for its messages; what these have in
 * common is the trunk. After a prompt, the text of a branch is encoded on its own, so that all share the prompt's ids.
 *
 * @throws `invalid_prompt`, `engine_refused` and `context_exceeded`, naming the branch, before a token is generated.
 */
export async function encodeFork(
  input: RunInput,
  branches: readonly CheckedBranch[],
  engine: Engine,
  options: Encoding["options"],
  signal: AbortSignal,
): Promise<Trunk> {
  const given = checkInput(input);
  const encoding = { branches, engine, options, signal };
  const trunk = "messages" in given ? await encodeChat(given.messages, encoding) : await encodeText(input, encoding);
  const length = trunk.prompt.ids?.length ?? 0;
  roomFor(engine, length);
  const fits = async (branch: CheckedBranch, i: number): Promise<void> => {
    const own = trunk.branches[i]?.context.ids?.length ?? 0;
    await naming(branch, () => roomFor(engine, length + own));
  };
  await Promise.all(branches.map(fits));
  return trunk;
}

async function encodeText(input: RunInput, { branches, engine, options, signal }: Encoding): Promise<Trunk> {
  const asking = branches.find(({ kind }) => kind === "ask");
  if (asking !== undefined) {
    const message = `${asking.where} asks, which is a turn of a chat, but the fork has a prompt: give messages, or \`continue\``;
    throw new ThreadweaverError("invalid_prompt", message);
  }
  const prompt = await encodePrompt(input, engine, options, signal);
  const ids = await Promise.all(branches.map((branch) => naming(branch, () => encodeOwn(branch, engine, signal))));
  return { prompt, branches: branches.map((branch, i) => branchOf(branch, { ids: ids[i] ?? [], text: branch.text })) };
}

async function encodeOwn({ text }: CheckedBranch, engine: Engine, signal: AbortSignal): Promise<readonly number[]> {
  return engine.tokenizer.encode(text, { controls: "text", signal });
}

async function encodeChat(
  messages: readonly ChatMessage[],
  { branches, engine, options: { templateOptions }, signal }: Encoding,
): Promise<Trunk> {
  if (messages.length === 0) throw new ThreadweaverError("invalid_prompt", "messages is empty: nothing to go on from");
  const { tokenizer } = engine;
  const render = async (chat: readonly ChatMessage[]): Promise<readonly number[]> =>
    tokenizer.renderChat(chat, { templateOptions, signal });
  const alone = await renderAlone(branches, engine, () => render(messages));
  const rendered = await Promise.all(
    branches.map((branch) =>
      naming(branch, async () => {
        if (branch.kind === "ask") return render([...messages, { role: "user", content: branch.text }]);
        return [...(alone ?? []), ...(await encodeOwn(branch, engine, signal))];
      }),
    ),
  );
  const [first = [], ...others] = alone === undefined ? rendered : [alone, ...rendered];
  const shared = others.reduce((length, ids) => commonLength(first, ids, length), first.length);
  const ids = await wholeCharacters(first.slice(0, shared), engine, signal);
  const prompt: Piece = { ids, text: await tokenizer.decode(ids, { signal }), chat: messages };
  const contexts = await Promise.all(
    rendered.map(async (whole): Promise<Piece> => {
      const own = whole.slice(ids.length);
      return { ids: own, text: await tokenizer.decode(own, { signal }) };
    }),
  );
  return { prompt, branches: branches.map((branch, i) => branchOf(branch, contexts[i] ?? {})) };
}

/** The messages with the beginning of an answer. Some templates refuse them where no turn of the user is among them. */
async function renderAlone(
  branches: readonly CheckedBranch[],
  { name, tier = "ids" }: Engine,
  render: () => Promise<readonly number[]>,
): Promise<readonly number[] | undefined> {
  const continued = branches.find(({ kind }) => kind === "continue");
  if (continued === undefined) {
    return render().catch((error: unknown) => {
      if (ThreadweaverError.isInstance(error) && error.code === "invalid_prompt") return undefined;
      throw error;
    });
  }
  if (tier !== "chat-only") return naming(continued, render);
  const message = `${continued.where} continues the assistant's turn, and ${name} takes whole turns only (${tier}): use \`ask\``;
  throw new ThreadweaverError("engine_refused", message);
}

/** Ids without the last ones, if those are the beginning of a character. */
async function wholeCharacters(
  ids: readonly number[],
  { tokenizer }: Engine,
  signal: AbortSignal,
): Promise<readonly number[]> {
  let length = ids.length;
  // oxlint-disable-next-line no-await-in-loop -- one after the other: a character has few tokens
  while (length > 0 && (await tokenizer.decode(ids.slice(0, length), { signal })).endsWith("\uFFFD")) length -= 1;
  return ids.slice(0, length);
}

function branchOf({ name, text, maxTokens, sampling }: CheckedBranch, context: Piece): Branch {
  return {
    name,
    plan: text,
    context,
    ...(maxTokens !== undefined && { maxTokens }),
    ...(sampling !== undefined && { sampling }),
  };
}

/** Does something for a branch; an error of it names the branch. */
async function naming<T>(branch: CheckedBranch, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!ThreadweaverError.isInstance(error)) throw error;
    const message = `${branch.where} (${JSON.stringify(branch.name)}): ${error.message}`;
    throw new ThreadweaverError(error.code, message, { ...factsOf(error), cause: error });
  }
}

function commonLength(a: ArrayLike<number>, b: ArrayLike<number>, most: number): number {
  let n = 0;
  while (n < most && a[n] === b[n]) n += 1;
  return n;
}

/** Whether the first ids of a list are these. */
export function startsWith(ids: readonly number[], first: ArrayLike<number>): boolean {
  return commonLength(first, ids, first.length) === first.length;
}
