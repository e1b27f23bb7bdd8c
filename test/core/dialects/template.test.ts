import { expect, it } from "vitest";
import { threadweaver } from "../../../src/core/dialects/bundled/index.ts";
import type { View } from "../../../src/core/dialects/schema.ts";
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
