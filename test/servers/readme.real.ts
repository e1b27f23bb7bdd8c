import { expect, it, onTestFinished } from "vitest";
import { createExampleFolder, fencesOf, readPage, runExample } from "../page-fences.ts";
import { url } from "./support.ts";

it.each(fencesOf(readPage("README.md")).filter(({ info }) => info === "ts server"))(
  "what the README shows for servers runs on this one: $code",
  async ({ code, output }) => {
    const { path, remove } = createExampleFolder();
    onTestFinished(remove);
    const own = code.replace("http://127.0.0.1:8000", new URL(url).origin);
    expect(await runExample(path, own)).toBe(output);
  },
);
