import { readFile } from "node:fs/promises";
import type { Dialect } from "../core/dialects/schema.ts";
import { untilAborted } from "../engine/abort.ts";
import type { Engine } from "../engine/engine.ts";
import type { LocalTokenizer } from "../engine/tokenizer/local-tokenizer.ts";
import { ThreadweaverError } from "../errors.ts";
import { bundledModel } from "../llama/bundled-model.ts";
import type { Gpu } from "../llama/options.ts";
import type { CreateEngineOptions, Timeouts } from "../engine/openai.ts";
import { timeoutsOf } from "./timeouts.ts";
import type { TimeoutFlags } from "./timeouts.ts";
import { usageError } from "./usage.ts";

/** How a server is talked to. */
export interface ServerChoice {
  readonly timeouts?: Timeouts | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Paths of JSON files. */
  readonly profile?: string | undefined;
  readonly report?: string | undefined;
}

interface ServerFlags extends TimeoutFlags {
  readonly header: Readonly<Record<string, string>>;
  readonly profile: string | undefined;
  readonly report?: string | undefined;
}

/** What the flags ask for. */
export type EngineChoice =
  | {
      readonly kind: "llama";
      readonly model: string;
      readonly bundled: boolean;
      readonly contextTokens?: number | undefined;
      readonly gpu?: Gpu | undefined;
    }
  | ({
      readonly kind: "server";
      /** Several where the run is to go on at the next one when one is lost. */
      readonly baseURL: string | readonly string[];
      readonly model: string | undefined;
      readonly apiKey: string | undefined;
      readonly contextTokens: number | undefined;
      /** A folder in Hugging Face form. */
      readonly tokenizer: string | undefined;
      /** The markers that a model was trained on: a server does not report which strings its tokenizer reads as control tokens. */
      readonly controls: readonly string[];
    } & ServerChoice);

export interface EngineFlags extends ServerFlags {
  readonly engine: string;
  readonly model: string | undefined;
  readonly "api-key": string | undefined;
  readonly "context-tokens": number | undefined;
  readonly tokenizer: string | undefined;
  readonly gpu: Gpu | undefined;
}

export function chooseEngine(
  flags: EngineFlags,
  env: Readonly<Record<string, string | undefined>>,
  { markers, needs }: Dialect,
): EngineChoice {
  const { tokenizer } = flags;
  const server = serverChoiceOf(flags);
  const contextTokens = flags["context-tokens"];
  if (flags.engine === "llama") {
    if (flags["api-key"] !== undefined) throw usageError("--api-key is for servers: --engine llama has none.", "run");
    if (tokenizer !== undefined) {
      throw usageError("--tokenizer is for servers: the model file of --engine llama holds its own.", "run");
    }
    if (server.timeouts !== undefined) throw usageError("Time-outs are for servers: --engine llama has none.", "run");
    const [flag] = Object.keys(server);
    if (flag !== undefined)
      throw usageError(`--${flag.replace(/s$/, "")} is for servers: --engine llama takes none.`, "run");
    return {
      kind: "llama",
      model: flags.model ?? bundledModel,
      bundled: flags.model === undefined,
      contextTokens,
      ...(flags.gpu !== undefined && { gpu: flags.gpu }),
    };
  }
  if (flags.gpu !== undefined)
    throw usageError("--gpu is for --engine llama: a server was started with its own.", "run");
  const addresses = flags.engine.split(",").map((part) => part.trim());
  const wrong = addresses.find((address) => !isAddress(address));
  if (wrong !== undefined) {
    throw usageError(
      `--engine ${JSON.stringify(wrong)} is neither llama nor the address of a server such as http://127.0.0.1:8000/v1.`,
      "run",
    );
  }
  // A variable that is set to nothing is as good as unset.
  const apiKey = flags["api-key"] ?? (env["THREADWEAVER_API_KEY"] || undefined);
  const [first = "", ...others] = addresses;
  const baseURL = others.length === 0 ? first : addresses;
  // What a model is prompted to write, the prompt must be able to say.
  const controls = needs === "text" ? markers : [];
  return {
    kind: "server",
    baseURL,
    model: flags.model,
    apiKey,
    contextTokens,
    tokenizer,
    controls,
    ...server,
  };
}

function isAddress(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && (url.protocol === "http:" || url.protocol === "https:");
}

interface Opening {
  /** Ends it. */
  signal?: AbortSignal | undefined;
  /** Gets the share of a model that is read, from 0 to 1. */
  progress?: { tell(fraction: number): void; end(): void } | undefined;
}

/** Both engines are imported when they are called for: llama's package is optional, and the other one's is large. */
export async function openEngine(choice: EngineChoice, { signal, progress }: Opening = {}): Promise<Engine> {
  if (choice.kind === "llama") {
    const { llamaEngine } = await import("../llama/index.ts");
    const { model, contextTokens, gpu } = choice;
    const onLoadProgress = progress && ((fraction: number) => progress.tell(fraction));
    return llamaEngine({ model, contextTokens, gpu, onLoadProgress, signal }).finally(() => progress?.end());
  }
  const { createEngine } = await import("../engine/openai.ts");
  const { kind: _kind, tokenizer, profile, report, ...options } = choice;
  return createEngine({
    ...options,
    ...(await readServerFiles({ profile, report })),
    tokenizer: await openTokenizer(tokenizer),
    signal,
  });
}

/** What the flags say about how to talk to a server. Nothing that was not given. */
export function serverChoiceOf(flags: ServerFlags): ServerChoice {
  const { header, profile, report } = flags;
  const timeouts = timeoutsOf(flags);
  return {
    ...(timeouts && { timeouts }),
    ...(Object.keys(header).length > 0 && { headers: header }),
    ...(profile !== undefined && { profile }),
    ...(report !== undefined && { report }),
  };
}

/** Reads the files that are named. What is in them is checked where it is used. */
export async function readServerFiles(
  files: Pick<ServerChoice, "profile" | "report">,
): Promise<Pick<CreateEngineOptions, "profile" | "report">> {
  const [profile, report] = await Promise.all([
    readJson("--profile", files.profile),
    readJson("--report", files.report),
  ]);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- createEngine checks its options
  return { profile, report } as Pick<CreateEngineOptions, "profile" | "report">;
}

async function readJson(flag: string, file: string | undefined): Promise<unknown> {
  if (file === undefined) return undefined;
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new ThreadweaverError("file", `${flag} ${file} cannot be read: ${deepMessage(cause)}`, { cause });
  });
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ThreadweaverError("invalid_option", `${flag} ${file} is not JSON: ${deepMessage(cause)}`, { cause });
  }
}

function deepMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Imported when it is asked for: its package is optional. */
export async function openTokenizer(folder: string | undefined): Promise<LocalTokenizer | undefined> {
  if (folder === undefined) return undefined;
  const { localTokenizer } = await import("../tokenizer/index.ts");
  return localTokenizer(folder);
}

/** Opens the engine, has `use` do its work, and closes it, also when Ctrl-C comes in between. */
export async function withEngine<T>(
  world: { readonly signal: AbortSignal; openEngine(choice: EngineChoice): Promise<Engine> },
  choice: EngineChoice,
  use: (engine: Engine) => Promise<T>,
): Promise<T> {
  const engine = await unlessCancelled(world.openEngine(choice), world.signal);
  try {
    return await use(engine);
  } finally {
    await engine.close();
  }
}

/** Waits for what a run needs, but no longer than until the user cancels. */
export function unlessCancelled<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return untilAborted(
    promise,
    signal,
    () => new ThreadweaverError("aborted", "Cancelled before anything was generated."),
  );
}
