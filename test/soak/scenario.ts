import type { RunEvent } from "../../src/run/events.ts";
import { chanceOf, oneOf, weighted } from "./chance.ts";
import { faultOf, faults, type FaultName } from "./faults.ts";
import { storyOf, variantOf, type OutlineKind, type Place, type Story } from "./story.ts";

/**
 * Where a run is played. `vllm`, `sglang`: what they are by default. `spelled`: a vocabulary in which markers are
 * several tokens. `deaf`: it goes on when a client hangs up. `narrow`: few slots, and parts of several tokens. `vast`: a
 * context of millions of tokens, in large parts.
 */
export const flavours = ["vllm", "sglang", "spelled", "deaf", "narrow", "vast"] as const;
export type Flavour = (typeof flavours)[number];
/** Those of runs that are not huge. */
const usual = flavours.filter((flavour) => flavour !== "vast");

/** What befalls the addresses of a run that has servers of its own. */
const losses = ["one lost", "all lost", "refused for a while", "connections broken at any byte"] as const;
type Loss = (typeof losses)[number];

/** Where the context is full. */
type Overflow = "at start" | "in a thread" | "at the join";

const listeners = ["none", "onEvent", "events", "late", "leaves", "text", "lateText"] as const;

/** What ends a run: its caller, or a signal that fires. */
interface Cancel {
  by: "abort" | "signal";
  /** `sync`: in the turn in which it began. `turn`: some turns later. Else after the nth event of that type. */
  on: "sync" | "turn" | RunEvent["type"];
  nth: number;
}

interface PlaceFaults {
  place: Place;
  /** The faults of its attempts, in order. */
  names: FaultName[];
  /** Whether the last one strikes all further attempts too. */
  forever: boolean;
}

/** One run of the soak: a function of the seed and of its number. */
export interface Scenario {
  seed: number;
  index: number;
  flavour: Flavour;
  outlines: OutlineKind;
  variant: number;
  sequential: boolean;
  /** Whether forks of a hundred threads are taken. Else they are refused. */
  wide: boolean;
  overflow: Overflow | undefined;
  /** Set for a run with servers of its own. */
  loss: Loss | undefined;
  /** After which event it befalls them. */
  lossAfter: number;
  faults: PlaceFaults[];
  listener: (typeof listeners)[number];
  /** Who throws after some calls. */
  throws: { who: "listener" | "recorder"; after: number } | undefined;
  cancel: Cancel | undefined;
  logprobs: boolean;
}

const cancelMoments: Record<Cancel["on"], number> = {
  sync: 1,
  turn: 3,
  "run-start": 1,
  "catch-up": 0,
  text: 6,
  reasoning: 0,
  fork: 2,
  "thread-start": 2,
  "thread-end": 2,
  join: 2,
  "call-start": 3,
  "call-retry": 3,
  "call-first-token": 2,
  "call-end": 2,
  warning: 1,
  "run-end": 1,
};

const outlineWeights = { none: 8, zero: 4, one: 8, duplicate: 6, some: 70, hundred: 1, hundredThousand: 0 } as const;

/** Every so many runs one has 100,000 outlines: it takes as long as a thousand others. */
const hugeEvery = 2500;

export function drawScenario(seed: number, index: number): Scenario {
  const chance = chanceOf(seed, index);
  const has = (percent: number): boolean => chance(100) < percent;
  const isHuge = index % hugeEvery === hugeEvery / 2;
  const outlines = isHuge ? "hundredThousand" : weighted(chance, outlineWeights);
  const flavour = isHuge ? "vast" : oneOf(chance, usual);
  const variant = variantOf(chance);
  const sequential = has(12);
  const overflow =
    outlines === "some" && !sequential && has(8)
      ? oneOf<Overflow>(chance, ["at start", "in a thread", "at the join"])
      : undefined;
  const loss = !isHuge && overflow === undefined && has(4) ? oneOf(chance, losses) : undefined;
  const story = storyOf(seed, outlines, variant);
  const hasFaults = loss === undefined && !isHuge && has(80);
  const places = hasFaults ? drawPlaces(chance, story, sequential) : [];
  const drawn = places.map((place): PlaceFaults => drawFaults(chance, place));
  const listener = oneOf(chance, listeners);
  const cancel = has(15)
    ? { by: oneOf(chance, ["abort", "signal"] as const), on: weighted(chance, cancelMoments), nth: 1 + chance(4) }
    : undefined;
  return {
    seed,
    index,
    flavour,
    outlines,
    variant,
    sequential,
    wide: has(50),
    overflow,
    loss,
    lossAfter: chance(30),
    faults: drawn,
    listener,
    throws: has(8) ? { who: oneOf(chance, ["listener", "recorder"] as const), after: chance(20) } : undefined,
    cancel,
    // The fake servers would take minutes for those of a million tokens.
    logprobs: has(10) && !isHuge,
  };
}

function drawPlaces(chance: (n: number) => number, { threads }: Story, sequential: boolean): Place[] {
  if (sequential) return ["start"];
  const all: Place[] = ["start", "join", ...[...threads.keys()].map((id): Place => `thread ${id}`)];
  return [...new Set(Array.from({ length: 1 + chance(3) }, () => oneOf(chance, all)))];
}

const weights = Object.fromEntries(Object.entries(faults).map(([name, { weight }]) => [name, weight])) as Record<
  FaultName,
  number
>;

function drawFaults(chance: (n: number) => number, place: Place): PlaceFaults {
  const names: FaultName[] = [];
  for (let left = 1 + chance(4); left > 0; left -= 1) {
    const name = weighted(chance, weights);
    names.push(name);
    const { fatal, unseen } = faultOf(name);
    // What comes after it would be seen by nobody, or say nothing.
    if (fatal !== undefined || unseen === true) break;
  }
  const { lasting } = faultOf(names.at(-1) ?? "429");
  // Seven silences in a row would take minutes.
  const mayLast = lasting !== undefined && lasting !== "timeout";
  return { place, names, forever: chance(100) < 12 && mayLast };
}
