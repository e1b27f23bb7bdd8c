import { dialects } from "../core/dialects/bundled/index.ts";
import type { Dialect } from "../core/dialects/schema.ts";
import type { Vocabulary } from "../core/machine/protocol.ts";
import type { State } from "../core/machine/state.ts";
import type { Engine } from "../engine/engine.ts";
import type { RunWarning } from "./result.ts";

/**
 * What the user of a run should know before it generates anything: the engine's own warnings, and that the model does
 * not have a dialect's markers. A run without forks needs none of what they are about.
 */
export function warningsBefore(
  { engine, dialect }: { engine: Engine; dialect: Dialect },
  { markers }: Vocabulary,
): RunWarning[] {
  const forks = dialect.trigger.kind !== "none";
  const told = (engine.warnings ?? [])
    .filter(({ code }) => forks || code !== "batch-cost")
    .map((warning) => ({ ...warning, threadId: "" }));
  // On the other tiers nothing is known of the model's tokens.
  const needsTokens = forks && dialect.trained === "tokens" && (engine.tier ?? "ids") === "ids";
  const hasSome = dialect.markers.some((marker) => marker in markers);
  if (!needsTokens || hasSome || told.some(({ code }) => code === "marker-unknown")) return told;
  const [first, ...others] = dialect.markers;
  const message =
    `${engine.model} has no token for ${first}, nor for any of the ${others.length} other markers of ${dialect.name}: ` +
    `it seems not to be trained on this format, and will hardly start a thread. ${whatToTry}.`;
  return [...told, { code: "marker-unknown", message, threadId: "" }];
}

/**
 * What the user of a run should know that ended without a thread, although its dialect is made of them. Nothing, where
 * something else was said about that already.
 */
export function warningAfter(state: State, warnings: readonly RunWarning[]): RunWarning | undefined {
  const { dialect, ending, forks, calls, trie } = state;
  const isUntold = dialect.instructions !== undefined && trie.segments[0]?.chat === undefined;
  const couldFork = (dialect.trained !== undefined || isUntold) && calls.some(({ mayFork }) => mayFork);
  const cameToItsEnd = ending !== undefined && ["eos", "marker", "length"].includes(ending.kind);
  if (!couldFork || !cameToItsEnd || forks.length > 0 || warnings.some(({ code }) => isAboutForks(code)))
    return undefined;
  if (isUntold) {
    const why = `${dialect.name} tells a model about its format in front of messages, and a prompt is sent as it is`;
    const message = `no thread was started, since the model never asked for one. ${why}: give messages.`;
    return { code: "never-forked", message, threadId: "" };
  }
  const message =
    `no thread was started, since the model never asked for one. ${dialect.name} needs a model that was trained on its ` +
    `format and is prompted as it was in its training, and a problem that has parts. ${whatToTry}.`;
  return { code: "never-forked", message, threadId: "" };
}

function isAboutForks(code: RunWarning["code"]): boolean {
  return code === "marker-unknown" || code === "never-forked" || code === "fork-refused" || code.startsWith("plan-");
}

const prompted = Object.values(dialects).filter(({ instructions }) => instructions !== undefined);

const whatToTry = `Try a model that was trained on it, or a dialect that works by prompt (${prompted.map(({ name }) => name).join(", ")})`;
