/** Every subset of `k` items, by the definition: with the first item, and without it. */
export function everySubsetOf<Item>(items: readonly Item[], k: number): Item[][] {
  const [first, ...rest] = items;
  if (k === 0) return [[]];
  if (first === undefined || items.length < k) return [];
  return [...everySubsetOf(rest, k - 1).map((subset) => [first, ...subset]), ...everySubsetOf(rest, k)];
}
