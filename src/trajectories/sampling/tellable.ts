import { dialects } from "../../core/dialects/bundled/index.ts";
import type { Dialect } from "../../core/dialects/schema.ts";
import { canRehearse } from "../../core/rehearsal/example.ts";
import { ThreadweaverError } from "../../errors.ts";
import { hasSummary, layoutOf } from "../layout/layout.ts";

/**
 * @param target the format in which texts are kept, where it is another one.
 * @param canAsk whether summaries can be asked for.
 * @throws `invalid_option` for formats whose finished texts do not say what each thread wrote, or cannot be told in the target.
 */
export function requireTellable(dialect: Dialect, target: Dialect = dialect, canAsk = true): void {
  const isSame = target.name === dialect.name;
  if (!(isSame ? canRehearse(dialect) : hasPlainBlocks(dialect))) {
    const why = isSame ? "do not say what each thread wrote" : `cannot be told in ${target.name}`;
    const others = Object.values(dialects).filter((one) => one.instructions !== undefined && hasPlainBlocks(one));
    const names = others.map(({ name }) => name).join(" or ");
    const message = `Finished texts of ${dialect.name} ${why}. Choose ${names}, or a format that the model was trained on.`;
    throw new ThreadweaverError("invalid_option", message);
  }
  if (isSame || canAsk || !hasSummary(layoutOf(target))) return;
  const message = `Blocks of ${target.name} end with a summary, and texts of ${dialect.name} have none: give an asker, which asks for it.`;
  throw new ThreadweaverError("invalid_option", message);
}

/** Blocks of a plan and threads, with text between them. */
function hasPlainBlocks(dialect: Dialect): boolean {
  return canRehearse(dialect) && dialect.trigger.kind === "marker";
}
