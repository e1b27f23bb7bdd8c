import { expect, it } from "vitest";
import { threadweaver } from "../../../src/core/dialects/bundled/index.ts";
import type { View } from "../../../src/core/dialects/schema.ts";
import { ThreadweaverError } from "../../../src/errors.ts";
import { fill, placeholders, render } from "../../../src/core/dialects/template.ts";

it("fills each placeholder that is known and leaves the others", () => {
  expect(fill("<{id}>{index}:{id} {Id} {} {x1} {return}", { id: "1.2", index: "3" })).toBe(
    "<1.2>3:1.2 {Id} {} {x1} {return}",
  );
});

it("puts values in as they are", () => {
  expect(fill("{return}", { return: "$& {id} $1" })).toBe("$& {id} $1");
});

it("names the placeholders of a template in order", () => {
  expect(placeholders("{id}: {text} {id} {X} {{index}}")).toEqual(["id", "text", "id", "index"]);
});

it("renders a template with the captures, and a function with the whole view", () => {
  const view: View = { text: "t", history: "h", captures: { id: "7" }, threads: [] };
  const dialect = { ...threadweaver, functions: { join: ({ text, history }: View) => text + history } };
  expect(render(dialect, "<{id}>", view)).toBe("<7>");
  expect(render(dialect, { fn: "join" }, view)).toBe("th");
  expect(render(dialect, { fn: "other" }, view)).toBeUndefined();
  expect(render(threadweaver, { fn: "join" }, view)).toBeUndefined();
});

it.each<[string, () => unknown, string]>([
  ["a number", () => 7, "returned number"],
  ["null", () => null, "returned null"],
  ["an object", () => ({}), "returned object"],
  ["a promise", () => Promise.resolve("late"), "returned a promise"],
])("says what a dialect's function returned where that is no string: %s", (_, fn, what) => {
  const dialect = { ...threadweaver, functions: { join: fn as () => string } };
  const view: View = { text: "", history: "", captures: {}, threads: [] };
  const call = () => render(dialect, { fn: "join" }, view);
  expect(call).toThrow(ThreadweaverError);
  expect(call).toThrow(
    `the function join of dialect threadweaver ${what}: it must return a string, or undefined for nothing`,
  );
});

it("a dialect's function may return nothing", () => {
  const dialect = { ...threadweaver, functions: { join: () => undefined } };
  expect(render(dialect, { fn: "join" }, { text: "", history: "", captures: {}, threads: [] })).toBeUndefined();
});

it.each<[string, unknown, string]>([
  ["an error", new TypeError("no such thread"), "no such thread"],
  ["a text", "bare words", "bare words"],
])("names the dialect's function that threw %s, and keeps what it threw", (_, thrown, message) => {
  const join = (): string => {
    throw thrown;
  };
  const dialect = { ...threadweaver, functions: { join } };
  const error = errorOf(() => render(dialect, { fn: "join" }, { text: "", history: "", captures: {}, threads: [] }));
  expect(error).toMatchObject({
    code: "invalid_dialect",
    message: `the function join of dialect threadweaver threw: ${message}`,
    cause: thrown,
  });
});

function errorOf(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}
