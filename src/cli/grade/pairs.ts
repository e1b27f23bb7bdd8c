import * as z from "zod";
import { ThreadweaverError } from "../../errors.ts";

/** Two answers that are to be compared. */
export interface Pair {
  readonly line: number;
  readonly gold: string;
  readonly answer: string;
}

const text = z.union([z.string(), z.number()], "expected text or a number").transform(String);
const row = z.object({ gold: text, answer: text });

/** Reads pairs line by line, as they come. Throws at the first line that is none, with its number. */
export async function* readPairs(input: AsyncIterable<Uint8Array | string>): AsyncGenerator<Pair> {
  let line = 0;
  for await (const json of lines(input)) {
    line += 1;
    const bare = line === 1 ? json.replace(/^\uFEFF/, "") : json;
    if (bare.trim() !== "") yield parsePair(bare, line);
  }
}

function parsePair(json: string, line: number): Pair {
  let data: unknown;
  try {
    data = JSON.parse(json);
  } catch (error) {
    throw mistake(line, `it is not JSON (${error instanceof Error ? error.message : String(error)})`);
  }
  const parsed = row.safeParse(data);
  if (parsed.success) return { line, ...parsed.data };
  throw mistake(line, parsed.error.issues.map((issue) => [...issue.path, issue.message].join(": ")).join("; "));
}

function mistake(line: number, why: string): ThreadweaverError {
  return new ThreadweaverError(
    "invalid_option",
    `Line ${line} of the pairs cannot be used: ${why}. Each line is a JSON object such as {"gold": "1/2", "answer": "0.5"}. ` +
      "The lines before it have been graded: correct this one and run the command again.",
  );
}

async function* lines(input: AsyncIterable<Uint8Array | string>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of input) {
    rest += typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
    const complete = rest.split("\n");
    rest = complete.pop() ?? "";
    yield* complete;
  }
  rest += decoder.decode();
  if (rest !== "") yield rest;
}
