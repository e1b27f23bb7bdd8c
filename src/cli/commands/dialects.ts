import { dialects } from "../../core/dialects/bundled/index.ts";
import { exitCodes } from "../exit-codes.ts";
import type { commands } from "../flags/commands.ts";
import type { Values } from "../flags/flag.ts";
import { dialectData } from "../../core/dialects/dialect.ts";
import { checkDialect } from "./check-dialect.ts";
import { loadDialect } from "../load-dialect.ts";
import { suggestion, usageError } from "../usage.ts";
import { visible } from "../../visible.ts";
import type { World } from "../world.ts";

type DialectsFlags = Values<(typeof commands)["dialects"]["flags"]>;

/** `threadweaver dialects`: what there is, what it is, and whether it holds what it promises. */
export async function dialectsCommand(
  { json, example }: DialectsFlags,
  [action = "list", name]: readonly string[],
  world: World,
): Promise<number> {
  if (action === "check") return check(name, { json, example }, world);
  if (example.length > 0) throw usageError("--example is for dialects check.", "dialects");
  if (action === "show") await show(name, world);
  else if (action === "list" && name === undefined) list(json, world);
  else throw notUnderstood(action, name);
  return exitCodes.ok;
}

function notUnderstood(action: string, name: string | undefined): Error {
  if (action === "list") return usageError(`dialects list takes no argument, but ${name} was given.`, "dialects");
  const hint = suggestion(action, ["list", "show", "check"]);
  return usageError(`dialects has list, show and check, but no ${action}.${hint}`, "dialects");
}

async function show(name: string | undefined, { stdout }: World): Promise<void> {
  if (name === undefined) throw usageError("dialects show needs the name of a dialect.", "dialects");
  stdout.write(`${JSON.stringify(dialectData(await loadDialect(name)), undefined, 2)}\n`);
}

async function check(
  name: string | undefined,
  { json, example }: Pick<DialectsFlags, "json" | "example">,
  { stdout }: World,
): Promise<number> {
  if (name === undefined) throw usageError("dialects check needs the path of a dialect, or a name.", "dialects");
  const checks = await checkDialect(name, await loadDialect(name), example);
  if (json) {
    stdout.write(`${JSON.stringify(checks)}\n`);
  } else {
    const lines = checks.flatMap(({ where, what, problem, details = [] }) => [
      problem === undefined ? `ok    ${where}: ${what}` : `wrong ${where}: ${problem}`,
      ...details.map((detail) => `      ${detail}`),
    ]);
    if (example.length === 0) lines.push("      No example was given. --example FILE: a finished text of the format.");
    stdout.write(lines.map((line) => `${visible(line)}\n`).join(""));
  }
  return checks.every(({ problem }) => problem === undefined) ? exitCodes.ok : exitCodes.failed;
}

function list(json: boolean, { stdout }: World): void {
  const all = Object.values(dialects).map(({ name, version, summary }) => ({ name, version, summary }));
  if (json) {
    stdout.write(`${JSON.stringify(all)}\n`);
    return;
  }
  const width = Math.max(...all.map(({ name }) => name.length));
  for (const { name, summary } of all) stdout.write(`${name.padEnd(width)}  ${summary}\n`);
}
