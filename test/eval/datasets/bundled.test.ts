import { describe, expect, it } from "vitest";
import { loadDataset } from "../../../src/eval/index.ts";
import { chainChecks, decomposesChecks } from "./bundled-checks.ts";

describe("the problems of the package", async () => {
  const { problems, ...dataset } = await loadDataset({ name: "bundled" });
  const ofKind = (kind: string) => problems.filter(({ fields }) => fields["kind"] === kind);

  it("are 60, of which half decompose and half are chains, in turn", () => {
    expect(dataset).toMatchObject({ path: undefined, known: true, rows: 60, skipped: [], policy: "default" });
    expect(problems.map(({ fields }) => fields["kind"])).toEqual(
      Array.from({ length: 60 }, (_, index) => (index % 2 === 0 ? "decomposes" : "chain")),
    );
  });

  it("are named by a checksum that changes with them", () => {
    expect(dataset.sha256).toMatchInlineSnapshot(`"d538ef36b5411447ba49b9e88872a68ac9da188848473b3ee4af56d6a84ba367"`);
  });

  it("have the answers that programs find", () => {
    const found = Object.entries({ ...decomposesChecks, ...chainChecks }).map(([id, check]) => [id, String(check())]);
    expect(Object.fromEntries(problems.map(({ id, answer }) => [id, answer]))).toEqual(Object.fromEntries(found));
    expect(ofKind("decomposes").map(({ id }) => id)).toEqual(Object.keys(decomposesChecks));
    expect(ofKind("chain").map(({ id }) => id)).toEqual(Object.keys(chainChecks));
  });

  it("say how many parts or steps they have, and no question is there twice", () => {
    for (const { fields } of ofKind("decomposes")) expect(fields["parts"]).toBeGreaterThanOrEqual(2);
    for (const { fields } of ofKind("chain")) expect(fields["steps"]).toBeGreaterThanOrEqual(2);
    expect(new Set(problems.map(({ question }) => question)).size).toBe(60);
  });

  it("are of seven topics, and no topic has more than a third", () => {
    const counts = Object.values(Object.groupBy(problems, ({ fields }) => String(fields["topic"])));
    expect(counts).toHaveLength(7);
    for (const ofTopic of counts) expect(ofTopic?.length).toBeLessThanOrEqual(20);
  });
});
