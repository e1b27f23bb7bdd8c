import { debuglog } from "node:util";
import { ThreadweaverError } from "../errors.ts";
import { exitCodeOf, exitCodes } from "./exit-codes.ts";
import { commands } from "./flags/commands.ts";
import { timeoutOptions } from "./timeouts.ts";
import { visible } from "../visible.ts";
import { painter } from "./view/paint.ts";
import type { World } from "./world.ts";

const debug = debuglog("threadweaver");

/** Says on stderr, in one paragraph, what went wrong; returns the exit code. */
export function reportError(world: World, error: unknown): number {
  debug("%O", error);
  const paint = painter(world.stderr);
  world.stderr.write(`${paint("red", "threadweaver:")} ${visible(messageOf(error), { keep: "\n" })}\n`);
  return ThreadweaverError.isInstance(error) ? exitCodeOf(error.code) : exitCodes.failed;
}

function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (ThreadweaverError.isInstance(error) && error.code !== "internal") {
    return inFlags(aboutKept(message)) + hintFor(error);
  }
  return (
    `${message}. This is a mistake in threadweaver, not in your command: please report it with the output of ` +
    "NODE_DEBUG=threadweaver before the same command."
  );
}

function hintFor({ status }: ThreadweaverError): string {
  return status === 401 || status === 403
    ? " Set THREADWEAVER_API_KEY, which other users cannot see, or --api-key."
    : "";
}

/** The library speaks of its options; here they are flags. */
export function inFlags(message: string): string {
  const flags = new Map([["baseURL", "--engine"]]);
  for (const flag of Object.keys(commands.run.flags)) {
    // One word may be just a word: `model` stands in many messages.
    if (flag.includes("-")) flags.set(camelCase(flag), `--${flag}`);
  }
  const named = Object.entries(timeoutOptions).reduce(
    (text, [flag, option]) => text.replaceAll(`timeouts.${option}`, `--${flag}`),
    message.replace("retry.perCall or retry.maxMs", "--retries or --retry-max-wait"),
  );
  return named.replace(/\b[a-z]+(?:[A-Z][a-z]*)+\b/g, (option) => flags.get(option) ?? option);
}

/** Who reads this has no error object, but may have a trace. */
function aboutKept(message: string): string {
  return message
    .replace(/(are kept), in partial of this error, and in (.+?): resume goes on from there\./, "$1 in $2.")
    .replace(
      /All (\d+) generated tokens are kept, in partial of this error\./,
      "Its $1 generated tokens are lost: with --trace FILE they would be kept, to go on from.",
    );
}

function camelCase(flag: string): string {
  return flag.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}
