import type { Branch, Input } from "../core/machine/protocol.ts";
import { tokensOf, type Piece } from "../core/trie/piece.ts";
import { ThreadweaverError } from "../errors.ts";
import type { RunHeader } from "../run/recorder.ts";
import { encodeInput } from "./codec.ts";
import type { LineBytes } from "./line-bytes.ts";
import type { TraceContent, TraceEnd } from "./format.ts";

/** What of a run goes into its trace. */
export interface Filter {
  readonly content: TraceContent;
  header(header: RunHeader): RunHeader;
  /** Writes the input as a line, without its line feed. */
  readonly input: (input: Input, line: LineBytes) => void;
  end(end: TraceEnd): TraceEnd;
}

export interface FilterOptions {
  text: boolean;
  redact: ((text: string) => string) | undefined;
}

const everything: Filter = { content: "all", header: (header) => header, input: encodeInput, end: (end) => end };

export function createFilter({ text, redact }: FilterOptions): Filter {
  if (!text) return withholding("none", () => undefined);
  if (redact === undefined) return everything;
  return withholding("redacted", (original) => {
    const redacted: unknown = redact(original);
    if (typeof redacted === "string") return redacted;
    throw new ThreadweaverError("invalid_option", `redact must return a string; it returned a ${typeof redacted}.`);
  });
}

/**
 * Token ids are text to whoever has the tokenizer, log-probabilities name tokens, and digests of short texts can be
 * guessed: none of them is written. Error messages may quote a prompt.
 *
 * @param show what is written instead of a text; undefined: nothing.
 */
function withholding(content: TraceContent, show: (text: string) => string | undefined): Filter {
  return {
    content,
    header: (header) => {
      const stop = header.stop.map(show).filter((text) => text !== undefined);
      return { ...header, stop, combine: shownText(header.combine, show), metadata: undefined };
    },
    input: (input, line) => line.utf8(JSON.stringify(shown(input, show))),
    end: ({ t, error, result }) => ({
      t,
      error: error && { code: error.code, message: error.message === undefined ? undefined : show(error.message) },
      result: result && {
        ...result,
        ending: withMessage(result.ending, show),
        said: result.said.map((warning) => ({ ...warning, message: show(warning.message) ?? "" })),
        sha256: undefined,
      },
    }),
  };
}

type Show = (text: string) => string | undefined;

function shown(input: Input, show: Show): unknown {
  switch (input.t) {
    case "start": {
      const { t, at, prompt, vocabulary, branches } = input;
      const known = { t, at, tokens: prompt.ids?.length, prompt: shownPrompt(prompt, show), vocabulary };
      return { ...known, branches: branches?.map((branch) => shownBranch(branch, show)) };
    }
    case "sent": {
      const { promptIds: _ids, ...rest } = input;
      return rest;
    }
    case "pieces": {
      const { t, at, call, pieces } = input;
      const tokens = pieces.reduce((sum, piece) => sum + tokensOf(piece), 0);
      return { t, at, call, tokens, texts: shownTexts(pieces, show) };
    }
    case "combined": {
      const { t, at, fork, turn, whole } = input;
      return { t, at, fork, tokens: turn.ids?.length, turn: shownPrompt(turn, show), whole };
    }
    case "reasoned":
      return { ...input, text: show(input.text) };
    case "encoded": {
      const { t, at, segment, ids, text } = input;
      return { t, at, segment, tokens: ids.length, text: shownText(text, show) };
    }
    case "ended": {
      const { t, at, call, reason, usage } = input;
      const { eos: _eos, ...known } = { eos: undefined, ...reason };
      return { t, at, call, reason: withMessage(known, show), usage };
    }
    case "broke":
    case "warned":
      return { ...input, message: show(input.message) };
    case "cut":
    case "stop":
    case "time":
      return input;
  }
}

function shownPrompt({ text, chat, prefill }: Piece, show: Show): Piece | undefined {
  const messages = chat?.flatMap(({ role, content }) => {
    const shownContent = show(content);
    return shownContent === undefined ? [] : [{ role, content: shownContent }];
  });
  const shownFields = { text: shownText(text, show), prefill: shownText(prefill, show) };
  const isNothing = !messages?.length && shownFields.text === undefined && shownFields.prefill === undefined;
  return isNothing ? undefined : { ...shownFields, chat: messages };
}

function shownBranch({ name, plan, context, ...limits }: Branch, show: Show): unknown {
  const texts = { name: show(name), plan: show(plan), context: shownPrompt(context, show) };
  return { ...texts, tokens: context.ids?.length, ...limits };
}

function shownText(text: string | undefined, show: Show): string | undefined {
  return text === undefined ? undefined : show(text);
}

function shownTexts(pieces: readonly Piece[], show: Show): (string | null)[] | undefined {
  const texts = pieces.map(({ text }) => shownText(text, show));
  return texts.every((text) => text === undefined) ? undefined : texts.map((text) => text ?? null);
}

/** The texts of an ending: an error message, or the marker, which may be a stop string of the user's. */
function withMessage<T extends object>(value: T, show: Show): T {
  const shownFields = Object.entries(value).flatMap(([name, field]: [string, unknown]) =>
    (name === "message" || name === "marker") && typeof field === "string" ? [[name, show(field)]] : [],
  );
  return { ...value, ...Object.fromEntries(shownFields) };
}
