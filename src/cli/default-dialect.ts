import { asyncthink, skeleton, threadweaver } from "../core/dialects/bundled/index.ts";
import type { Dialect } from "../core/dialects/schema.ts";
import type { Engine } from "../engine/engine.ts";
import { resolveVocabulary } from "../run/vocabulary.ts";
import { unlessCancelled } from "./engine.ts";
import type { World } from "./world.ts";

/**
 * The dialect for a model where none was named: `threadweaver` where it has the markers or gets a prompt as it is, else one
 * that works by prompt. Says in one line when it is one of those.
 */
export async function defaultDialect(
  engine: Engine,
  { isChat }: { readonly isChat: boolean },
  world: Pick<World, "signal" | "stderr">,
): Promise<Dialect> {
  const { signal, stderr } = world;
  if (!isChat) return threadweaver;
  const { markers } = await unlessCancelled(resolveVocabulary(threadweaver, engine, signal), signal);
  if (Object.keys(markers).length > 0) return threadweaver;
  const dialect = engine.tier === "chat-only" ? asyncthink : skeleton;
  const { name } = dialect;
  stderr.write(
    `${engine.model} has no markers of its own: ${name} tells it how to fork (--dialect names another one).\n`,
  );
  return dialect;
}
