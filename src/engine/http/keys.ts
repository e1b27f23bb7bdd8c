import { ThreadweaverError } from "../../errors.ts";
import { untilAborted } from "../abort.ts";

/** A key, or what returns the one that holds now. */
export type ApiKey = string | (() => string | Promise<string>);

/**
 * A key as it can be sent: without white space around it and without the scheme, which is added.
 *
 * @throws `invalid_option` for what no key is. The message does not show it.
 */
export function cleanKey(given: string): string {
  const key = given.trim().replace(/^Bearer\s+/i, "");
  if (key === "") throw invalid("apiKey is empty. Leave it out where the server needs none.");
  const characters = Array.from(key);
  const at = characters.findIndex((character) => !/^[\x21-\x7e]$/.test(character));
  if (at === -1) return key;
  const what = "no key holds, and no header can carry: was it copied shortened, or with a line break? Copy it anew";
  throw invalid(`apiKey has ${named(characters[at])} as its character ${at + 1}, which ${what}.`);
}

/** Asks for the key that holds now. @throws `engine_unavailable` where the function fails. */
export async function currentKey(apiKey: ApiKey, signal: AbortSignal): Promise<string> {
  if (typeof apiKey === "string") return apiKey;
  let given: unknown;
  try {
    given = await untilAborted(Promise.resolve(apiKey()), signal);
  } catch (cause) {
    if (signal.aborted) throw cause;
    const message = "The function that was given as apiKey failed, so no request was sent.";
    throw new ThreadweaverError("engine_unavailable", message, { cause, retryable: true });
  }
  if (typeof given === "string") return cleanKey(given);
  throw invalid(`The function that was given as apiKey must return a string; it returned ${typeof given}.`);
}

/**
 * Headers as they can be sent.
 *
 * @throws `invalid_option` for one that no request can carry. The message does not show its value.
 */
export function cleanHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const clean: Record<string, string> = {};
  for (const [name, given] of Object.entries(headers)) {
    const value = given.trim();
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) {
      throw invalid(`headers has ${JSON.stringify(name)}, which is no name of an HTTP header.`);
    }
    const characters = Array.from(value);
    const at = characters.findIndex((character) => !/^[\t\x20-\x7e\x80-\xff]$/.test(character));
    if (at !== -1) {
      throw invalid(
        `headers.${name} has ${named(characters[at])} as its character ${at + 1}, which no header can carry.`,
      );
    }
    clean[name] = value;
  }
  return clean;
}

const names: Readonly<Record<string, string>> = { "\n": "a line feed", "\r": "a carriage return", " ": "a space" };

function named(character = ""): string {
  const code = character.codePointAt(0) ?? 0;
  return names[character] ?? `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}

function invalid(message: string): ThreadweaverError {
  return new ThreadweaverError("invalid_option", message);
}
