import { compilePattern, literalPattern } from "../scanner/pattern.ts";
import { scanProgram } from "../scanner/text-scanner.ts";
import type { Role, State } from "./state.ts";
import type { MatchAction, StopSpec } from "./stop-spec.ts";

/** Made once for each kind of call in a run. */
export function stopSpecFor(state: State, role: Role, depth: number): StopSpec {
  const key = `${role}:${depth === 0 ? "main" : "thread"}`;
  let watch = state.watches.get(key);
  if (watch === undefined) {
    watch = createStopSpec(stopsOf(state, role, depth), spawnsOf(state, role, depth), state);
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

function spawnsOf({ dialect: { trigger, thread } }: State, role: Role, depth: number): [string, MatchAction][] {
  if (role !== "body" || trigger.kind !== "inline" || (depth > 0 && thread.maxDepth === 1)) return [];
  const spawn: [string, MatchAction] = [trigger.spawn, { kind: "spawn" }];
  return trigger.wait === undefined ? [spawn] : [spawn, [trigger.wait, { kind: "wait" }]];
}

function createStopSpec(stops: string[], spawns: [string, MatchAction][], { vocabulary, eos }: State): StopSpec {
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
