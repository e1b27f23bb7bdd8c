import { describe, expect, it } from "vitest";
import { World } from "./world.ts";

describe("slots", () => {
  it("are given as they are free, and to one step's calls only when the step is over", async () => {
    const world = new World(2);
    const run = world.enter();
    for (const name of ["a", "b", "c"]) world.ask(run, name);
    expect(world.holding).toHaveLength(0);
    await world.turn();
    expect(world.holding.map(({ name }) => name)).toEqual(["a", "b"]);
    world.release(world.holding[0]);
    await world.turn();
    expect(world.holding.map(({ name }) => name)).toEqual(["b", "c"]);
  });

  it("are given once for each that was given back, however often it was", async () => {
    const world = new World(1);
    const run = world.enter();
    const first = world.ask(run, "first");
    for (const name of ["a", "b"]) world.ask(run, name);
    await world.turn();
    for (let n = 0; n < 3; n += 1) first.slot.release();
    await world.turn();
    expect(world.begun.map(({ name }) => name)).toEqual(["first", "a"]);
  });

  it("are not given to a call that has left its line", async () => {
    const world = new World(1);
    const run = world.enter();
    world.ask(run, "holds");
    await world.turn();
    const left = world.ask(run, "left");
    const kept = world.ask(run, "kept");
    world.release(left);
    world.release(left);
    expect(await world.finish()).toEqual(["kept"]);
    world.release(kept);
    expect(world.begun).not.toContain(left);
  });

  it("are given to a join and a tail before any call that begins, however many wait", async () => {
    const world = new World(2);
    const runs = Array.from({ length: 100 }, () => world.enter());
    for (const run of runs) for (let n = 0; n < 8; n += 1) world.ask(run, "begins");
    await world.turn();
    for (const run of [99, 3, 50]) world.ask(run, "goes on", { goesOn: true });
    world.release(world.holding[0]);
    world.release(world.holding[0]);
    await world.turn();
    expect(world.holding.map(({ name }) => name)).toEqual(["goes on", "goes on"]);
    expect((await world.finish())[0]).toBe("goes on");
  });

  it("are given to one call that begins after as many that went on as there are slots, and at least eight", async () => {
    for (const [count, inRow] of [
      [1, 8],
      [20, 20],
    ] as const) {
      const world = new World(count);
      const [long, short] = [world.enter(), world.enter()];
      for (let n = 0; n < count; n += 1) world.ask(long, "first");
      await world.turn();
      for (let n = 0; n < 50; n += 1) world.ask(long, "on", { goesOn: true });
      world.ask(short, "begins");
      expect((await world.finish()).indexOf("begins")).toBe(inRow);
    }
  });

  it("go to joins first also where many of them went on before while no other call waited", async () => {
    const world = new World(1);
    const [long, short] = [world.enter(), world.enter()];
    for (let n = 0; n < 30; n += 1) world.ask(long, "on", { goesOn: true });
    for (let n = 0; n < 29; n += 1) {
      await world.turn();
      world.release(world.holding[0]);
    }
    world.ask(short, "begins");
    world.ask(long, "join", { goesOn: true });
    expect(await world.finish()).toEqual(["on", "join", "begins"]);
  });
});

describe("of the calls of one run", () => {
  it("the most deeply nested comes first: each thread around it has to go on after it", async () => {
    const world = new World(1);
    const run = world.enter();
    for (const [name, depth] of Object.entries({ main: 0, thread: 1, nested: 3, within: 2 }))
      world.ask(run, name, { depth });
    expect(await world.finish()).toEqual(["nested", "within", "thread", "main"]);
  });

  it("those with the highest limit come first among siblings, and those without a limit before them", async () => {
    const world = new World(1);
    const run = world.enter();
    const limits = { few: 100, many: 800, some: 300, unlimited: Infinity };
    for (const [name, mayWrite] of Object.entries(limits)) world.ask(run, name, { depth: 1, mayWrite });
    expect(await world.finish()).toEqual(["unlimited", "many", "some", "few"]);
  });

  it("equal ones keep their order, so the first of a fork is the one that others wait for at the engine", async () => {
    const world = new World(3);
    const run = world.enter();
    const names = Array.from({ length: 20 }, (_, n) => `${n}`);
    for (const name of names) world.ask(run, name, { depth: 1, mayWrite: 500 });
    expect(await world.finish()).toEqual(names);
  });
});

describe("among runs", () => {
  it("one with fewer calls comes before an older one, and those with about as many are served one after the other", async () => {
    for (const goesOn of [false, true]) {
      const world = new World(1);
      const asked = Object.entries({ long: 8, middle: 7, short: 3, last: 4 });
      for (const [name, calls] of asked) {
        const run = world.enter();
        for (let n = 0; n < calls; n += 1) world.ask(run, name, { goesOn });
      }
      const order = (await world.finish()).filter((name, n, all) => name !== all[n - 1]);
      // The eighth call and the sixteenth are of the oldest run in any case.
      expect(order).toEqual(["short", "last", "long", "middle"]);
    }
  });

  it("one goes back in its line as soon as it asks for more", async () => {
    const world = new World(1);
    const [one, two] = [world.enter(), world.enter()];
    for (let n = 0; n < 5; n += 1) world.ask(one, "one");
    for (let n = 0; n < 4; n += 1) world.ask(two, "two");
    await world.turn();
    expect(world.holding[0]?.name).toBe("two");
    world.ask(two, "two");
    expect(await world.finish()).toEqual(["one", "one", "one", "one", "one", "two", "two", "two", "two"]);
  });

  it("an older one comes first as long as both had made none, or up to 3 calls, or up to 15, or up to 63", async () => {
    const firstOf = async (old: number, young: number): Promise<string | undefined> => {
      const world = new World(1);
      const runs = [world.enter(), world.enter()];
      for (let n = 0; n < old; n += 1) world.ask(0, "", { goesOn: true });
      for (let n = 0; n < young; n += 1) world.ask(1, "", { goesOn: true });
      await world.finish();
      for (const run of runs) world.ask(run, run === 0 ? "old" : "young");
      return (await world.finish())[0];
    };
    for (const [old, young] of [
      [0, 0],
      [3, 1],
      [15, 4],
      [63, 16],
      [3, 15],
      [255, 64],
    ] as const)
      expect(await firstOf(old, young), `${old} and ${young}`).toBe("old");
    for (const [old, young] of [
      [1, 0],
      [4, 3],
      [16, 15],
      [64, 63],
    ] as const)
      expect(await firstOf(old, young), `${old} and ${young}`).toBe("young");
  });

  it("every eighth call is one of the oldest, so it does not wait for ever while new ones come", async () => {
    const world = new World(1);
    const oldest = world.enter();
    for (let n = 0; n < 10; n += 1) world.ask(oldest, "old");
    await world.turn();
    const order: string[] = [];
    for (let n = 0; n < 40; n += 1) {
      world.ask(world.enter(), "new");
      world.release(world.holding[0]);
      await world.turn();
      order.push(world.holding[0]?.name ?? "");
    }
    const turns = order.flatMap((name, n) => (name === "old" ? [n] : []));
    expect(turns).toEqual([6, 14, 22, 30, 38]);
  });

  it("a short one that comes after 256 long ones waits for at most two calls, each time that it asks", async () => {
    const world = new World(64);
    const long = Array.from({ length: 256 }, () => world.enter());
    for (const run of long) for (let n = 0; n < 40; n += 1) world.ask(run, "long");
    // They have begun four calls each, or more.
    for (let n = 0; n < 256 * 5; n += 1) {
      await world.turn();
      world.release(world.holding[0]);
    }
    const short = world.enter();
    for (const claim of [{ goesOn: false }, { goesOn: false, depth: 1 }, { goesOn: true }]) {
      const from = world.begun.length;
      const call = world.ask(short, "short", claim);
      while (!world.holding.includes(call)) {
        // Joins of the others come in between.
        world.ask(long[world.begun.length % 256] ?? 0, "join", { goesOn: true });
        world.release(world.holding[0]);
        await world.turn();
      }
      expect(world.begun.length - from).toBeLessThanOrEqual(2 * world.count);
      world.release(call);
    }
  });
});
