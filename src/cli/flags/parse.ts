import { parseArgs } from "node:util";
import { suggestion, usageError } from "../usage.ts";
import type { Command, Flag, Flags, Values } from "./flag.ts";

export type Parsed<F extends Flags> =
  | { readonly help: true }
  | { readonly help: false; readonly flags: Values<F>; readonly positionals: readonly string[] };

/** Reads the arguments after a command's name. Throws `invalid_option` that names the flag and what is wrong with it. */
export function parse<F extends Flags>(name: string, command: Command<F>, args: readonly string[]): Parsed<F> {
  // Not strict: its messages name no flag that was meant, and stop at the first mistake.
  const { tokens, values } = parseArgs({
    args: [...args],
    options: Object.fromEntries(Object.entries(command.flags).map(([flag, spec]) => [flag, optionOf(spec)])),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  for (const token of tokens) if (token.kind === "option") checkToken(name, command.flags, token);
  if (values["help"] === true) return { help: true };
  const positionals = tokens.flatMap((token) => (token.kind === "positional" ? [token.value] : []));
  if (positionals.length > command.positionals) throw tooMany(name, command, positionals);
  return { help: false, flags: checkValues(name, command.flags, values), positionals };
}

function optionOf({ value, short, many }: Flag): {
  type: "string" | "boolean";
  multiple: boolean;
  short?: string;
} {
  const type = value === undefined ? "boolean" : "string";
  const option = { type, multiple: many === true } as const;
  return short === undefined ? option : { ...option, short };
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

function checkToken(command: string, flags: Flags, { name, rawName, value, inlineValue }: OptionToken): void {
  const flag = Object.hasOwn(flags, name) ? flags[name] : undefined;
  if (flag === undefined) {
    const hint = suggestion(
      rawName,
      Object.keys(flags).map((known) => `--${known}`),
    );
    throw usageError(`There is no option ${rawName}.${hint}`, command);
  }
  if (flag.value === undefined && value !== undefined) throw usageError(`${rawName} takes no value.`, command);
  // `--model --json`: the second flag is not meant as a model.
  const swallowed = inlineValue === false && value?.startsWith("--") === true;
  if (flag.value !== undefined && (value === undefined || swallowed)) {
    throw usageError(`${rawName} needs a value: ${rawName} ${flag.value}.`, command);
  }
}

function tooMany(name: string, command: Command, positionals: readonly string[]): Error {
  const surplus = positionals.slice(command.positionals).map((word) => JSON.stringify(word));
  const quote = name === "run" ? " A prompt of several words must be quoted." : "";
  return usageError(`Not understood: ${surplus.join(" ")}.${quote}`, name);
}

function checkValues<F extends Flags>(command: string, flags: F, given: Readonly<Record<string, unknown>>): Values<F> {
  const problems: string[] = [];
  const values = Object.entries(flags).map(([name, { schema }]) => {
    const checked = schema.safeParse(given[name]);
    if (checked.success) return [name, checked.data] as const;
    const why = checked.error.issues.map(({ message }) => message).join("; ");
    problems.push(`--${name} ${JSON.stringify(given[name])} cannot be used: ${why}.`);
    return [name, undefined] as const;
  });
  if (problems.length > 0) throw usageError(problems.join(" "), command);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each value comes from its own flag's schema
  return Object.fromEntries(values) as Values<F>;
}
