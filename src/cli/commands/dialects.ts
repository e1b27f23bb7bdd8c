import { dialects } from "../../core/dialects/bundled/index.ts";
import { exitCodes } from "../exit-codes.ts";
import type { commands } from "../flags/commands.ts";
import type { Values } from "../flags/flag.ts";
import { dialectData } from "../../core/dialects/dialect.ts";
import { loadDialect } from "../load-dialect.ts";
import { suggestion, usageError } from "../usage.ts";
import type { World } from "../world.ts";

type DialectsFlags = Values<(typeof commands)["dialects"]["flags"]>;

/** `threadweaver dialects`: what there is, and what it is. */
export async function dialectsCommand(
  { json }: DialectsFlags,
  [action = "list", name]: readonly string[],
  world: World,
): Promise<number> {
  if (action === "show") await show(name, world);
  else if (action === "list" && name === undefined) list(json, world);
  else throw notUnderstood(action, name);
  return exitCodes.ok;
}

function notUnderstood(action: string, name: string | undefined): Error {
  if (action === "list") return usageError(`dialects list takes no argument, but ${name} was given.`, "dialects");
  const hint = suggestion(action, ["list", "show"]);
  return usageError(`dialects has list and show, but no ${action}.${hint}`, "dialects");
}

async function show(name: string | undefined, { stdout }: World): Promise<void> {
  if (name === undefined) throw usageError("dialects show needs the name of a dialect.", "dialects");
  stdout.write(`${JSON.stringify(dialectData(await loadDialect(name)), undefined, 2)}\n`);
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
