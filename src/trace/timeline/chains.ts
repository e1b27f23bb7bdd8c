interface Sequence {
  readonly calls: readonly { readonly call: number; readonly tokens: number }[];
  readonly forkIds: readonly number[];
}

interface Fork {
  readonly threadIds: readonly number[];
}

/** How many generated tokens lie before things, on the longest chain that leads to them. */
export interface Chains {
  /** By sequence; `before` has one entry a call. */
  readonly sequences: { from: number; to: number; before: number[] }[];
  /** By fork. */
  readonly forks: { at: number; join: number }[];
  /** Of the whole run. */
  readonly end: number;
}

/**
 * Counts the chains of a run whose forks are waited for. Calls are numbered in the order in which they were made, so the
 * first call of a fork says after which calls of its parent it was made.
 */
export function chainsOf(sequences: readonly Sequence[], forks: readonly Fork[]): Chains {
  const chains: Chains = { sequences: [], forks: [], end: 0 };
  const firstCall = ({ threadIds }: Fork): number =>
    Math.min(...threadIds.map((id) => sequences[id]?.calls[0]?.call ?? Infinity));
  const follow = (id: number, from: number): number => {
    const { calls = [], forkIds = [] } = sequences[id] ?? {};
    const before: number[] = [];
    let at = from;
    let next = 0;
    const forkUpTo = (call: number): void => {
      for (; next < forkIds.length; next += 1) {
        const fork = forks[forkIds[next] ?? 0];
        if (fork === undefined || firstCall(fork) > call) return;
        const begin = at;
        at = Math.max(at, ...fork.threadIds.map((thread) => follow(thread, begin)));
        chains.forks[forkIds[next] ?? 0] = { at: begin, join: at };
      }
    };
    for (const { call, tokens } of calls) {
      forkUpTo(call);
      before.push(at);
      at += tokens;
    }
    forkUpTo(Infinity);
    chains.sequences[id] = { from, to: at, before };
    return at;
  };
  return { ...chains, end: follow(0, 0) };
}
