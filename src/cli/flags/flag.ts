import * as z from "zod";

/** One option of a command. Parsing, checking and the help all come from it. */
export interface Flag<S extends z.ZodType = z.ZodType> {
  /** What the help calls its value; a flag without one is a switch. */
  readonly value?: string;
  readonly short?: string;
  /** Whether it may be given several times; its schema then takes a list. */
  readonly many?: true;
  readonly help: string;
  /** Takes the string that was given, or undefined; of a switch, a boolean. Its default is shown in the help. */
  readonly schema: S;
}

export type Flags = Readonly<Record<string, Flag>>;

export interface Command<F extends Flags = Flags> {
  readonly summary: string;
  /** Ways to call it, after the program's name. */
  readonly usage: readonly string[];
  /** Arguments that are no flags, at most. */
  readonly positionals: number;
  readonly flags: F;
}

export type Values<F extends Flags> = { readonly [K in keyof F]: z.output<F[K]["schema"]> };

export function command<const F extends Flags>(command: Command<F>): Command<F> {
  return command;
}

export const toggle = z.boolean().default(false);

/** A number written out; `schema` says which are good. */
export function numeric<S extends z.ZodType<number, number>>(schema: S): z.ZodPipe<z.ZodType<number, string>, S> {
  const written = z.string().transform((text, context) => {
    const number = text.trim() === "" ? Number.NaN : Number(text);
    if (Number.isFinite(number)) return number;
    context.addIssue({ code: "custom", message: "expected a number" });
    return z.NEVER;
  });
  return written.pipe(schema);
}
