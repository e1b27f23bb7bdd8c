import { endBeforeOf, threadStops } from "../dialects/markers.ts";
import { compilePattern, literalPattern, startPattern } from "../scanner/pattern.ts";
import { scanProgram } from "../scanner/text-scanner.ts";
import type { Role } from "../trie/trie.ts";
import type { Sequence, State } from "./state.ts";
import type { MatchAction, StopSpec } from "./stop-spec.ts";

/**
 * What a sequence may still do in its next call. `forks`: everything that its dialect allows. `no-forks`: it starts no
 * threads. `last`: it can only end, since it has nearly used up its calls.
 */
export type Freedom = "forks" | "no-forks" | "last";

/** What a sequence's stops depend on. */
type Place = Pick<Sequence, "depth" | "captures" | "parent" | "calls">;

/** The stops of a call. They are made once for each kind of call in a run. */
export function stopSpecFor(state: State, role: Role, place: Place, freedom: Freedom): StopSpec {
  const { depth } = place;
  const own = [...ownStops(state, place), ...othersOf(state, place)];
  const onLine = place.calls === 0 && beginsLine(state.dialect);
  const key = JSON.stringify([role, depth === 0 ? "main" : "thread", freedom, onLine, ...own]);
  let spec = state.stopSpecs.get(key);
  if (spec === undefined) {
    const strings = depth === 0 ? state.stop : [];
    const markers = stopsOf(state, role, depth, own, freedom);
    const atStart = onLine ? othersOf(state, place).filter((text) => text.startsWith("\n") && text.length > 1) : [];
    spec = createStopSpec(state, markers, { actions: actionsOf(state, role, depth, freedom), strings, atStart });
    state.stopSpecs.set(key, spec);
  }
  return spec;
}

/** Whether sequences of this depth may start threads by what they write. */
export function forksAtDepth({ dialect: { trigger, thread } }: State, depth: number): boolean {
  return trigger.kind !== "none" && trigger.kind !== "start" && (depth === 0 || thread.maxDepth > 1);
}

/** The markers that end a thread; none end main. */
export function ownStops({ dialect }: State, { depth, captures }: Place): readonly string[] {
  return depth === 0 ? [] : threadStops(dialect, captures["index"] ?? "");
}

/** Whether this is a stop string of the run. It ends main, and is not part of its text. */
export function isStopString({ stop }: State, { depth }: Pick<Sequence, "depth">, marker: string): boolean {
  return depth === 0 && stop.includes(marker);
}

/** The guard of this marker, if it has one. The runtime then replaces the marker. */
export function guardOf({ dialect: { trigger } }: State, marker: string): { readonly put: string } | undefined {
  return trigger.kind === "endOfText" && trigger.guard?.marker === marker ? trigger.guard : undefined;
}

/** What begins a text that is not this thread's to write. */
function othersOf({ dialect, sequences, forks }: State, { depth, parent }: Place): readonly string[] {
  if (depth === 0 || parent === undefined || dialect.thread.endBefore === undefined) return [];
  const siblings = (forks[parent.fork]?.threads ?? [])
    .filter((_, index) => index !== parent.index)
    .map((id) => sequences[id])
    .filter((sequence) => sequence !== undefined);
  return endBeforeOf(
    dialect,
    siblings.map(({ captures }) => captures),
  );
}

/** Whether what a thread writes first is at the beginning of a line. */
function beginsLine({ context }: State["dialect"]): boolean {
  switch (context.kind) {
    case "prefix":
      return context.header.prompt.endsWith("\n");
    case "text":
      return typeof context.text === "string" && context.text.endsWith("\n");
    case "chat":
      return context.prefill === undefined || (typeof context.prefill === "string" && context.prefill.endsWith("\n"));
    default:
      return false;
  }
}

/** Whether a thread ends before this marker, which is not its own to write. */
export function endsBefore(state: State, sequence: Place, marker: string): boolean {
  return !ownStops(state, sequence).includes(marker) && othersOf(state, sequence).includes(marker);
}

/** Whether a marker that ended a call is no part of the text. */
export function isDropped(state: State, sequence: Place, marker: string): boolean {
  return (
    guardOf(state, marker) !== undefined || isStopString(state, sequence, marker) || endsBefore(state, sequence, marker)
  );
}

function stopsOf(state: State, role: Role, depth: number, own: readonly string[], freedom: Freedom): readonly string[] {
  const { trigger, after } = state.dialect;
  if (role === "tail") return [];
  if (role === "after") return after.kind === "phase" ? after.stop : [];
  const stops = [...own];
  if (!forksAtDepth(state, depth)) return stops;
  if (trigger.kind === "marker" && freedom === "forks") stops.push(trigger.marker);
  // Even without forks the model must not write results itself. But every replacement costs a call, so not in the last
  // ones.
  if (trigger.kind === "endOfText" && trigger.guard !== undefined && freedom !== "last") {
    stops.push(trigger.guard.marker);
  }
  return stops;
}

function actionsOf(state: State, role: Role, depth: number, freedom: Freedom): [string, MatchAction][] {
  const { trigger } = state.dialect;
  if (role !== "body" || trigger.kind !== "inline" || freedom === "last" || !forksAtDepth(state, depth)) return [];
  const actions: [string, MatchAction][] = freedom === "forks" ? [[trigger.spawn, { kind: "spawn" }]] : [];
  if (trigger.wait !== undefined) actions.push([trigger.wait, { kind: "wait" }]);
  return actions;
}

/** What is found in the text besides markers. */
interface Watched {
  actions: [string, MatchAction][];
  /** Stop strings of the run. */
  strings: readonly string[];
  /** Markers that begin with a line feed, which the text before this call ends with already. */
  atStart: readonly string[];
}

function createStopSpec(
  { vocabulary }: State,
  markers: readonly string[],
  { actions: found, strings, atStart }: Watched,
): StopSpec {
  const ids = new Map<number, string>();
  const patterns = found.map(([source]) => compilePattern(source));
  const actions = found.map(([, action]) => action);
  for (const marker of markers) {
    const id = vocabulary.markers[marker];
    if (id !== undefined) {
      ids.set(id, marker);
    } else {
      patterns.push(literalPattern(marker));
      actions.push({ kind: "stop", marker });
    }
  }
  for (const marker of atStart) {
    patterns.push(startPattern(marker.slice(1)));
    actions.push({ kind: "stop", marker });
  }
  for (const string of strings) {
    patterns.push(literalPattern(string));
    actions.push({ kind: "stop", marker: string });
  }
  const text = patterns.length === 0 ? undefined : { program: scanProgram(patterns), actions };
  const inText = [...markers.filter((marker) => vocabulary.markers[marker] === undefined), ...strings];
  return { markers: [...markers, ...strings], ids, text, strings: inText.filter((one) => isAlone(one, inText)) };
}

/** Whether a text is no part of another one, which might still come where this one ends. */
function isAlone(text: string, all: readonly string[]): boolean {
  return all.every((other) => other === text || !other.includes(text));
}
