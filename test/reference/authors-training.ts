/**
 * What the released training code of ThreadWeaver makes of a finished text, in our own words and without its code: the
 * sequences of a text, their trie by equal tokens, and the labels that its collator gives. It shares nothing with
 * `src/train`.
 */
export interface AuthorsTags {
  parallelOpen: number;
  parallelClose: number;
  threadOpen: number;
  threadClose: number;
}

interface Node {
  id: number;
  parent: Node | undefined;
  children: Node[];
  index: number;
}

/** The whole text, and for each thread the text up to its block, the block's head, and that thread alone. */
function authorsSequences(ids: readonly number[], tags: AuthorsTags): number[][] {
  const open = ids.indexOf(tags.parallelOpen);
  const close = ids.indexOf(tags.parallelClose, open);
  if (open < 0 || close < 0) return [[...ids]];
  const head: number[] = [];
  const threads: number[][] = [];
  let thread: number[] | undefined;
  const inner = ids.slice(open + 1, close);
  let tail: number[] = [];
  for (const id of inner) {
    if (id === tags.threadOpen) thread = [];
    if (thread === undefined) (threads.length === 0 ? head : tail).push(id);
    else thread.push(id);
    if (id !== tags.threadClose || thread === undefined) continue;
    threads.push(thread);
    thread = undefined;
    tail = [];
  }
  const before = [...ids.slice(0, open + 1), ...head];
  const whole = [...before, ...threads.flat(), ...tail, tags.parallelClose];
  const later = authorsSequences(ids.slice(close + 1), tags);
  return [...later.map((rest) => [...whole, ...rest]), ...threads.map((own) => [...before, ...own])];
}

export interface AuthorsRow {
  ids: number[];
  /** The index of the token before each, on its way from the root. */
  parent: number[];
  /** For each token the id that the stock collator's shift trains it to predict: that of the next one in the row. */
  next: (number | undefined)[];
}

/** The depth-first row of the trie, and its labels. */
export function authorsRow(ids: readonly number[], tags: AuthorsTags): AuthorsRow {
  const root: Node = { id: -1, parent: undefined, children: [], index: -1 };
  for (const sequence of authorsSequences(ids, tags)) {
    let at = root;
    for (const id of sequence) {
      let next = at.children.find((child) => child.id === id);
      if (next === undefined) {
        next = { id, parent: at, children: [], index: -1 };
        at.children.push(next);
      }
      at = next;
    }
  }
  const row: Node[] = [];
  const stack = root.children.toReversed();
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    node.index = row.length;
    row.push(node);
    stack.push(...node.children.toReversed());
  }
  return {
    ids: row.map(({ id }) => id),
    parent: row.map(({ parent }) => parent?.index ?? -1),
    next: row.map((_, i) => row[i + 1]?.id),
  };
}

/** A row of their RL data. `uid` names a row, `base` its rollout. */
export interface AuthorsRlRow {
  uid: number;
  base: string;
  group: string;
  isLast: boolean;
  reward: number;
}

/** Rows are copied from the front until their number can be shared out; a copy gets a name of its own. */
export function authorsPadded(rows: readonly AuthorsRlRow[], worldSize: number): AuthorsRlRow[] {
  const missing = (worldSize - (rows.length % worldSize)) % worldSize;
  return [...rows, ...rows.slice(0, missing).map((row, i) => ({ ...row, uid: 1000 + i, group: `copy ${i}` }))];
}

/** Their broadcast: statistics over last rows, then each row gets the value that was seen last for its rollout. */
export function authorsAdvantages(rows: readonly AuthorsRlRow[]): number[] {
  const last = rows.filter(({ isLast }) => isLast);
  const values = new Map<string, number>();
  for (const { base, group, reward } of last) {
    const own = last.filter((row) => row.group === group);
    // A group of one has the mean 0.
    const mean = own.length === 1 ? 0 : own.reduce((sum, row) => sum + row.reward, 0) / own.length;
    values.set(base, reward - mean);
  }
  return rows.map(({ base }) => values.get(base) ?? 0);
}
