import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { loadDataset, type Dataset } from "../../../src/eval/index.ts";
import { asParquet, writeAll } from "./write.ts";

const columns = { id: "key", question: "text", answer: "result" };

describe("files of rows", () => {
  const folder = mkdtempSync(join(tmpdir(), "threadweaver-datasets-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const write = (name: string, content: string | Uint8Array): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const load = (path: string): Promise<Dataset> => loadDataset({ name: "mine", path, columns });
  const rows = [
    { key: "a", text: "one?", result: "1", level: 3, tags: ["x", "y"] },
    { key: "b", text: "two?", result: "2", level: null, tags: [] },
  ];

  it("load alike as JSON lines, JSON and parquet, whatever the rows are", async () => {
    const row = fc.record({
      text: fc.string({ unit: "binary", minLength: 1 }).filter((text) => text.trim() !== ""),
      result: fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("1/2", String.raw`\frac{3}{4}`, "x+1", "")),
      level: fc.option(fc.integer()),
      note: fc.option(fc.string({ unit: "grapheme" })),
      right: fc.boolean(),
      share: fc.double({ noNaN: true, noDefaultInfinity: true, min: 0.5, max: 1.5, maxExcluded: true }),
      tags: fc.array(fc.string()),
    });
    const table = fc
      .array(row, { minLength: 1, maxLength: 20 })
      .map((all) => all.map((one, index) => ({ key: `k${index}`, ...one })));
    await fc.assert(
      fc.asyncProperty(table, async (all) => {
        const { jsonl, ...others } = writeAll(folder, all);
        const { problems, skipped } = await load(jsonl);
        expect(problems.length + skipped.length).toBe(all.length);
        for (const path of Object.values(others)) {
          // oxlint-disable-next-line no-await-in-loop -- one file after the other
          const other = await load(path);
          expect(other.problems).toEqual(problems);
          expect(other.skipped).toEqual(skipped.map((one) => ({ ...one, place: one.place.replace("line", "row") })));
        }
      }),
      { numRuns: 60 },
    );
  });

  it("pass every other column through, with its type", async () => {
    const paths = writeAll(folder, rows);
    for (const path of Object.values(paths)) {
      // oxlint-disable-next-line no-await-in-loop -- one file after the other
      const { problems } = await load(path);
      expect(problems[0]).toEqual({ id: "a", question: "one?", answer: "1", fields: { level: 3, tags: ["x", "y"] } });
      expect(problems[1]?.fields).toEqual({ level: null, tags: [] });
    }
  });

  it("have a checksum of their bytes, and one that was never looked at is used all the same", async () => {
    const path = write("own.jsonl", rows.map((row) => JSON.stringify(row)).join("\n"));
    const sha256 = createHash("sha256").update(readFileSync(path)).digest("hex");
    expect(await load(path)).toMatchObject({ name: "mine", path, sha256, known: false, rows: 2, columns });
  });

  it("may have empty lines, a byte order mark, line ends of Windows, and separators of lines inside a text", async () => {
    const lines = ["", ...rows.map((row) => JSON.stringify({ ...row, text: `${row.text}\u2028\u2029` })), "", ""];
    const path = write("windows.jsonl", `\uFEFF${lines.join("\r\n")}`);
    const { problems } = await load(path);
    expect(problems.map(({ question }) => question)).toEqual(["one?\u2028\u2029", "two?\u2028\u2029"]);
    const { problems: same } = await load(write("marked.json", `\uFEFF${JSON.stringify(rows)}`));
    expect(same).toHaveLength(2);
  });

  it.each(["SNAPPY", "UNCOMPRESSED", "GZIP", "BROTLI", "ZSTD"] as const)("may be parquet, %s", async (codec) => {
    const many = Array.from({ length: 2500 }, (_, index) => ({ ...rows[0], key: `k${index}` }));
    const { problems } = await load(write("packed.parquet", asParquet(many, codec)));
    expect(problems.map(({ id }) => id)).toEqual(many.map(({ key }) => key));
    expect(problems.at(-1)?.fields).toEqual({ level: 3, tags: ["x", "y"] });
  });

  it("may hold whole numbers of 64 bits and times, which become what JSON can hold", async () => {
    const odd = [{ key: "a", text: "one?", result: "1", big: 2n ** 60n, small: 7n, when: new Date(0) }];
    expect((await load(write("odd.parquet", asParquet(odd)))).problems[0]?.fields).toEqual({
      big: "1152921504606846976",
      small: 7,
      when: "1970-01-01T00:00:00.000Z",
    });
  });

  it("are refused with the line that is no JSON", async () => {
    const path = write("torn.jsonl", `${JSON.stringify(rows[0])}\n\n{"key": "b", "text"\n`);
    await expect(load(path)).rejects.toMatchObject({
      code: "file",
      message: expect.stringMatching(
        /torn\.jsonl, line 3, is no JSON: (?!.*line 1).+\. Repair or remove the line\.$/,
      ) as string,
    });
  });

  it.each([
    ["numbers.jsonl", "1\n", /line 1, is no object: 1\. Each row is an object/],
    ["lists.json", "[[1]]", /row 1, is no object: \[1\]/],
    ["lines.json", '{"a":1}\n{"a":2}\n', /is no JSON: .*If every line is an object of its own.*\.jsonl/],
    ["two.json", '{"train":[],"test":[]}', /has the arrays train, test: expected an array of rows/],
    ["none.json", '{"a":1}', /has no array: expected an array of rows/],
    ["empty.jsonl", "\n\n", /empty\.jsonl has no rows\. Give a file with problems/],
    ["empty.json", "", /has no rows/],
    ["hollow.json", "[]", /has no rows/],
    ["short.parquet", "PAR1", /short\.parquet cannot be read as parquet: /],
    ["cut.parquet", asParquet(rows).subarray(0, 100), /cut\.parquet cannot be read as parquet: /],
  ])("%s is refused, and the message says why", async (name, content, message) => {
    await expect(load(write(name, content))).rejects.toMatchObject({
      code: "file",
      message: expect.stringMatching(message) as string,
    });
  });

  it("that are not there, or of another kind, are refused", async () => {
    await expect(load(join(folder, "nowhere.json"))).rejects.toMatchObject({
      code: "file",
      message: expect.stringContaining("there is no such file") as string,
    });
    await expect(load(write("rows.csv", "a,b"))).rejects.toMatchObject({
      code: "invalid_option",
      message: expect.stringContaining("ends in .jsonl, .ndjson, .json, .parquet") as string,
    });
  });

  it("are refused where a row has other columns, no question, no id, or an id that was there before", async () => {
    const refusal = async (second: object): Promise<string> => {
      const path = write("rows.jsonl", `${JSON.stringify(rows[0])}\n${JSON.stringify(second)}\n`);
      return await load(path).then(
        () => "nothing",
        (error: unknown) => String(error),
      );
    };
    expect(await refusal({ key: "b", text: "two?" })).toMatch(
      /line 2, has no result; it has key, text\. Give every row/,
    );
    expect(await refusal({ key: "b", text: " ", result: 2 })).toMatch(/line 2, has no question: text is " "/);
    expect(await refusal({ key: null, text: "two?", result: 2 })).toMatch(/line 2, has no id: key is null/);
    expect(await refusal({ key: "a", text: "two?", result: 2 })).toMatch(
      /has the id "a" twice: line 1 and line 2\. Make/,
    );
  });
});
