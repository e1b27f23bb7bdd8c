import type { Dialect } from "../../core/dialects/schema.ts";
import { threadweaver } from "../../core/dialects/bundled/index.ts";
import type { Endpoint } from "../../eval/arms/endpoint.ts";
import { defaultDialect } from "../default-dialect.ts";
import { chooseEngine, withEngine, type EngineChoice, type EngineFlags } from "../engine.ts";
import { loadDialectIf } from "../load-dialect.ts";
import { usageError } from "../usage.ts";
import type { World } from "../world.ts";

interface EndpointFlags extends EngineFlags {
  readonly dialect: string | undefined;
  /** Addresses by name, with `#MODEL` after one that names its model. */
  readonly endpoint: Readonly<Record<string, string>>;
}

/** Opens the engines of an evaluation, has `use` do its work, and closes them. */
export async function withEndpoints<T>(
  flags: EndpointFlags,
  { isChat, command }: { readonly isChat: boolean; readonly command: string },
  world: World,
  use: (endpoints: readonly Endpoint[]) => Promise<T>,
): Promise<T> {
  const named = await loadDialectIf(flags.dialect);
  const choices = Object.entries(flags.endpoint).map(([name, address]) => {
    if (name === "default") throw usageError("The endpoint default is that of --engine: give another name.", command);
    const [url = "", model] = address.split("#");
    return { name, choice: chooseEngine({ ...flags, engine: url, model }, world.env, named ?? threadweaver) };
  });
  const first = { name: "default", choice: chooseEngine(flags, world.env, named ?? threadweaver) };
  return open([first, ...choices], []);

  async function open(left: readonly Choice[], opened: readonly Endpoint[]): Promise<T> {
    const [next, ...rest] = left;
    if (next === undefined) return use(opened);
    return withEngine(world, next.choice, async (engine) => {
      const dialect: Dialect = named ?? (await defaultDialect(engine, { isChat }, world));
      return open(rest, [...opened, { name: next.name, engine, dialect }]);
    });
  }
}

interface Choice {
  readonly name: string;
  readonly choice: EngineChoice;
}
