import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Heap } from "../../../src/run/calls/slots/heap.ts";

interface Item {
  readonly key: number;
}

const commands = fc.array(
  fc.oneof(
    { arbitrary: fc.record({ do: fc.constant("add" as const), key: fc.nat({ max: 20 }) }), weight: 3 },
    fc.record({ do: fc.constant("remove" as const), which: fc.nat() }),
    fc.record({ do: fc.constant("removeFirst" as const) }),
  ),
  { maxLength: 200 },
);

describe("a heap", () => {
  it("has the least of its items first, whatever was added and removed", () => {
    fc.assert(
      fc.property(commands, (given) => {
        const heap = new Heap<Item>((a, b) => a.key < b.key);
        const items: Item[] = [];
        for (const command of given) {
          if (command.do === "add") {
            const item = { key: command.key };
            items.push(item);
            heap.add(item);
          } else {
            const item = command.do === "removeFirst" ? heap.first : items[command.which % items.length];
            if (item === undefined) continue;
            items.splice(items.indexOf(item), 1);
            heap.remove(item);
          }
          expect(heap.size).toBe(items.length);
          expect(heap.first?.key).toBe(items.length === 0 ? undefined : Math.min(...items.map(({ key }) => key)));
        }
      }),
    );
  });

  it("leaves all as it is where an item that it does not have is removed", () => {
    const heap = new Heap<Item>((a, b) => a.key < b.key);
    const [one, other] = [{ key: 1 }, { key: 1 }];
    heap.add(one);
    heap.remove(other);
    expect([heap.size, heap.first]).toEqual([1, one]);
    heap.remove(one);
    heap.remove(one);
    expect([heap.size, heap.first]).toEqual([0, undefined]);
  });
});
