import { compilePattern, literalPattern } from "./pattern.ts";
import { scanProgram, type ScanProgram } from "./scanner.ts";
import type { Role, State } from "./state.ts";

/**
 * What a call is watched for. A marker that is one token is found by its id and by nothing else (the same characters
 * spelled out are text, as for the authors' loops); any other is found in the text.
 */
export interface Watch {
  /** Every marker that ends the call. */
  readonly stops: readonly string[];
  readonly ids: ReadonlyMap<number, string>;
  readonly eos: ReadonlySet<number>;
  /** For the text, where anything must be looked for there. */
  readonly text: { readonly program: ScanProgram; readonly meaning: readonly Meaning[] } | undefined;
}

/** What it means when the pattern of that index matches. */
export type Meaning =
  | { readonly kind: "stop"; readonly marker: string }
  | { readonly kind: "spawn" }
  | { readonly kind: "wait" };

/** Made once for each kind of call in a run. */
export function watchFor(state: State, role: Role, depth: number): Watch {
  const key = `${role}:${depth === 0 ? "main" : "thread"}`;
  let watch = state.watches.get(key);
  if (watch === undefined) {
    watch = createWatch(stopsOf(state, role, depth), spawnsOf(state, role, depth), state);
    state.watches.set(key, watch);
  }
  return watch;
}

function stopsOf({ dialect }: State, role: Role, depth: number): string[] {
  if (role === "tail") return [];
  if (role === "after") return dialect.after.kind === "phase" ? dialect.after.stop : [];
  const { trigger, thread } = dialect;
  const stops = depth === 0 ? [] : [...thread.stop];
  if (depth > 0 && thread.maxDepth === 1) return stops;
  if (trigger.kind === "marker") stops.push(trigger.marker);
  if (trigger.kind === "endOfText" && trigger.guard !== undefined) stops.push(trigger.guard.marker);
  return stops;
}

function spawnsOf({ dialect: { trigger, thread } }: State, role: Role, depth: number): [string, Meaning][] {
  if (role !== "body" || trigger.kind !== "inline" || (depth > 0 && thread.maxDepth === 1)) return [];
  const spawn: [string, Meaning] = [trigger.spawn, { kind: "spawn" }];
  return trigger.wait === undefined ? [spawn] : [spawn, [trigger.wait, { kind: "wait" }]];
}

function createWatch(stops: string[], spawns: [string, Meaning][], { vocabulary, eos }: State): Watch {
  const ids = new Map<number, string>();
  const patterns = spawns.map(([source]) => compilePattern(source));
  const meaning = spawns.map(([, what]) => what);
  for (const marker of stops) {
    const id = vocabulary.markers[marker];
    if (id !== undefined) {
      ids.set(id, marker);
    } else {
      patterns.push(literalPattern(marker));
      meaning.push({ kind: "stop", marker });
    }
  }
  const text = patterns.length === 0 ? undefined : { program: scanProgram(patterns), meaning };
  return { stops, ids, eos, text };
}
