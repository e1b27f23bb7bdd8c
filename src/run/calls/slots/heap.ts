/** A binary heap from which any item can be removed. Adding and removing take O(log n). */
export class Heap<T> {
  readonly #isBefore: (a: T, b: T) => boolean;
  readonly #items: T[] = [];
  readonly #places = new Map<T, number>();

  /** @param isBefore a strict order. It must not change for an item that is in the heap. */
  constructor(isBefore: (a: T, b: T) => boolean) {
    this.#isBefore = isBefore;
  }

  get size(): number {
    return this.#items.length;
  }

  get first(): T | undefined {
    return this.#items[0];
  }

  add(item: T): void {
    this.#rise(item, this.#items.length);
  }

  /** Does nothing where it is not in the heap. */
  remove(item: T): void {
    const place = this.#places.get(item);
    if (place === undefined) return;
    this.#places.delete(item);
    const last = this.#items.pop();
    if (last !== undefined && place < this.#items.length) this.#settle(last, place);
  }

  /** Puts an item into a place that is free, or further up or down. */
  #settle(item: T, place: number): void {
    const child = this.#firstChild(place);
    if (child === undefined || !this.#isBefore(child.item, item)) {
      this.#rise(item, place);
      return;
    }
    this.#put(child.item, place);
    this.#settle(item, child.place);
  }

  #rise(item: T, place: number): void {
    const above = (place - 1) >> 1;
    const parent = this.#items[above];
    if (place === 0 || parent === undefined || !this.#isBefore(item, parent)) {
      this.#put(item, place);
      return;
    }
    this.#put(parent, place);
    this.#rise(item, above);
  }

  #firstChild(place: number): { item: T; place: number } | undefined {
    const left = 2 * place + 1;
    const [one, other] = [this.#items[left], this.#items[left + 1]];
    if (one === undefined) return undefined;
    return other !== undefined && this.#isBefore(other, one)
      ? { item: other, place: left + 1 }
      : { item: one, place: left };
  }

  #put(item: T, place: number): void {
    this.#items[place] = item;
    this.#places.set(item, place);
  }
}
