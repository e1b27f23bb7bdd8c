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
    return { name, choice: chooseNamed(name, address, flags, world.env, named ?? threadweaver) };
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

/** A server that is not of --engine: it may have another model, and has a key of its own. */
function chooseNamed(
  name: string,
  address: string,
  flags: EndpointFlags,
  env: World["env"],
  dialect: Dialect,
): EngineChoice {
  const [engine = "", model] = address.split("#");
  const variable = `THREADWEAVER_API_KEY_${name.toUpperCase().replaceAll(/\W/g, "_")}`;
  const key = env[variable] || undefined;
  // Secrets go to no host that does not have them already.
  const known = originsOf(flags.engine);
  const isSameHost = originsOf(engine).every((origin) => known.includes(origin));
  const own = {
    ...flags,
    engine,
    model,
    "api-key": isSameHost && key === undefined ? flags["api-key"] : undefined,
    header: isSameHost ? flags.header : {},
    tokenizer: undefined,
    "context-tokens": undefined,
    gpu: undefined,
    profile: undefined,
    report: undefined,
  };
  const shared = isSameHost ? env["THREADWEAVER_API_KEY"] : undefined;
  return chooseEngine(own, { THREADWEAVER_API_KEY: key ?? shared }, dialect);
}

function originsOf(addresses: string): string[] {
  return addresses.split(",").map((address) => URL.parse(address.trim())?.origin ?? address);
}

interface Choice {
  readonly name: string;
  readonly choice: EngineChoice;
}
