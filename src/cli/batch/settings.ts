import { dialects } from "../../core/dialects/bundled/index.ts";
import type { Dialect } from "../../core/dialects/schema.ts";
import { ThreadweaverError } from "../../errors.ts";
import { dialectDigest } from "../../eval/arms/dialect-digest.ts";
import { canonical } from "../../run/canonical.ts";
import type { RunOptions } from "../../run/options.ts";

/** What the results of a batch depend on besides the problems. It stands in each line of them. */
export interface BatchSettings {
  readonly model: string;
  readonly dialect: string;
  readonly mode: string;
  readonly seed: number;
  /** Of the options of a run those that were given and that change what it gives. */
  readonly [option: string]: string | number | undefined;
}

export interface SettingsSetup {
  readonly model: string;
  readonly dialect: Dialect;
  readonly mode: string;
  readonly seed: number;
  readonly options: RunOptions;
}

/** Options that change what a run gives. */
const decisive = [
  "temperature",
  "topP",
  "topK",
  "minP",
  "maxTokens",
  "maxThreadTokens",
  "timeoutMs",
  "callTimeoutMs",
  "specialInPrompt",
] as const;

export function settingsOf({ model, dialect, mode, seed, options }: SettingsSetup): BatchSettings {
  const given = decisive.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]);
  const { templateOptions, policy } = options;
  return {
    model,
    dialect: namedDialect(dialect),
    mode,
    seed,
    ...Object.fromEntries(given),
    ...(templateOptions && { templateOptions: canonical(templateOptions) }),
    ...(policy !== undefined && {
      policy: canonical([policy].flat().map(({ name, options: made }) => ({ name, ...made }))),
    }),
  };
}

/** One of your own changes while you work on it, mostly without another name or version. */
function namedDialect(dialect: Dialect): string {
  const { name, version } = dialect;
  const isBundled = Object.hasOwn(dialects, name) && dialects[name] === dialect;
  return isBundled ? `${name} ${version}` : `${name} ${version} ${dialectDigest(dialect).slice(0, 12)}`;
}

/** Throws `invalid_option` that says what differs, where the earlier results were made with other settings. */
export function checkSameSettings(path: string, earlier: Readonly<Record<string, unknown>>, now: BatchSettings): void {
  const names = Object.keys({ ...now, ...earlier }).filter((name) => name !== "problem");
  const differences = names.flatMap((name) =>
    earlier[name] === now[name] ? [] : [`${name} was ${said(earlier[name])} and is ${said(now[name])}`],
  );
  if (differences.length === 0) return;
  throw new ThreadweaverError(
    "invalid_option",
    `${path} has the results of another run: ${differences.join(", ")}. Use the same options as before, or another ` +
      "--output, or --overwrite to begin anew.",
  );
}

function said(value: unknown): string {
  return value === undefined ? "not set" : JSON.stringify(value);
}
