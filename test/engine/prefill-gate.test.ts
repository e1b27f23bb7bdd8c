import { describe, expect, it } from "vitest";
import { PrefillGate } from "../../src/engine/prefill-gate.ts";
import type { Lease } from "../../src/engine/prefill-gate.ts";

const alike = Array.from({ length: 300 }, (_, n) => n);
const other = alike.toReversed();

interface Options {
  id?: string;
  extends?: string;
  prompt?: readonly number[];
  shared?: number;
  signal?: AbortSignal;
}

function call({ prompt = [1], signal = new AbortController().signal, ...names }: Options = {}) {
  return { prompt, signal, ...names };
}

/** Whether a promise is settled when everything that can happen now has happened. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  void promise.finally(() => void (settled = true));
  await new Promise((resolve) => setImmediate(resolve));
  return settled;
}

describe("a call that goes on from another", () => {
  it("waits until that one's stream has closed, once its last token has come", async () => {
    const gate = new PrefillGate();
    const trunk = await gate.enter(call({ id: "trunk" }));
    trunk.finishing();
    const child = gate.enter(call({ extends: "trunk" }));
    expect(await isSettled(child)).toBe(false);
    trunk.release();
    expect(await isSettled(child)).toBe(true);
  });

  it("does not wait for one that goes on generating", async () => {
    const gate = new PrefillGate();
    await gate.enter(call({ id: "main" }));
    expect(await isSettled(gate.enter(call({ extends: "main" })))).toBe(true);
  });

  it("waits for one that was cancelled, whose stream is being closed", async () => {
    const gate = new PrefillGate();
    const controller = new AbortController();
    const trunk = await gate.enter(call({ id: "trunk", signal: controller.signal }));
    controller.abort();
    const child = gate.enter(call({ extends: "trunk" }));
    expect(await isSettled(child)).toBe(false);
    trunk.release();
    expect(await isSettled(child)).toBe(true);
  });

  it("does not wait once its caller has given up", async () => {
    const gate = new PrefillGate();
    const trunk = await gate.enter(call({ id: "trunk" }));
    trunk.finishing();
    const controller = new AbortController();
    const child = gate.enter(call({ extends: "trunk", signal: controller.signal }));
    controller.abort();
    expect(await isSettled(child)).toBe(true);
  });

  it("passes with its siblings, however long what they share, since that is in the cache", async () => {
    const gate = new PrefillGate();
    const siblings = [1, 2, 3].map((id) => gate.enter(call({ extends: "trunk", prompt: [...alike, id] })));
    expect(await isSettled(Promise.all(siblings))).toBe(true);
  });
});

describe("calls at once that begin alike", () => {
  const enterThree = (gate: PrefillGate): [Promise<Lease>, Promise<Lease>, Promise<Lease>] => [
    gate.enter(call({ prompt: [...alike, 1] })),
    gate.enter(call({ prompt: [...alike, 2] })),
    gate.enter(call({ prompt: [...alike, 3] })),
  ];

  it("let the first go ahead until it is answered, and then pass together", async () => {
    const [first, ...rest] = enterThree(new PrefillGate());
    const lease = await first;
    for (const one of rest) expect(await isSettled(one)).toBe(false);
    lease.prefilled();
    for (const one of rest) expect(await isSettled(one)).toBe(true);
  });

  it("do not wait for a first one that failed", async () => {
    const [first, ...rest] = enterThree(new PrefillGate());
    (await first).release();
    for (const one of rest) expect(await isSettled(one)).toBe(true);
  });

  it("pass at once when such a beginning has been answered before", async () => {
    const gate = new PrefillGate();
    (await gate.enter(call({ prompt: alike }))).prefilled();
    expect(await isSettled(Promise.all(enterThree(gate)))).toBe(true);
  });

  it("wait again where they are said to share it, since it may be in the cache no more", async () => {
    const gate = new PrefillGate();
    (await gate.enter(call({ prompt: alike }))).prefilled();
    const trunk = [...alike, ...alike];
    const [first, second] = [1, 2].map((id) => gate.enter(call({ prompt: [...trunk, id], shared: trunk.length })));
    const lease = await first;
    expect(await isSettled(second!)).toBe(false);
    lease?.prefilled();
    expect(await isSettled(second!)).toBe(true);
    // One that comes alone waits for nobody.
    const third = gate.enter(call({ prompt: [...trunk, 3], shared: trunk.length }));
    expect(await isSettled(third)).toBe(true);
    const fourth = gate.enter(call({ prompt: [...trunk, 4], shared: trunk.length }));
    expect(await isSettled(fourth)).toBe(false);
    (await third).prefilled();
    expect(await isSettled(fourth)).toBe(true);
  });

  it("are not held up by calls that begin otherwise, nor by short ones", async () => {
    const gate = new PrefillGate();
    void gate.enter(call({ prompt: alike }));
    expect(await isSettled(gate.enter(call({ prompt: other })))).toBe(true);
    void gate.enter(call({ prompt: [1, 2, 3] }));
    expect(await isSettled(gate.enter(call({ prompt: [1, 2, 3] })))).toBe(true);
  });
});
