import { describe, expect, it, onTestFinished } from "vitest";
import { createEngine } from "../../src/engine/openai.ts";
import { startFakeServer, type FakeServerOptions } from "../../src/testing/index.ts";
import { cli, jsonLines } from "./support.ts";

const plan = "<plan>\n1. cats\n2. dogs\n</plan>";

/** What a model that knows nothing but the prompt says. */
function answer(prompt: string): string {
  if (prompt.endsWith("1. cats\n")) return "Purr.\n</step>";
  if (prompt.endsWith("2. dogs\n")) return "Bark.\n</step>";
  if (prompt.endsWith("<answer>\n")) return "Both.";
  return prompt.includes("Should I travel by train") ? plan : "Cats, and dogs too.";
}

async function ran(args: readonly string[], options: Partial<FakeServerOptions>, stdin = "") {
  const server = await startFakeServer({ model: answer, ...options });
  onTestFinished(() => server.close());
  const engine = await createEngine({ baseURL: server.baseURL, contextTokens: 4000 });
  return cli(["run", "--engine", server.baseURL, "--context-tokens", "4000", ...args], { engine, stdin });
}

const unmarked = { controls: [] };
const told = (name: string) =>
  `has no markers of its own: ${name} tells it how to fork (--dialect names another one).\n`;

describe("the dialect of a run that names none", () => {
  it("is threadweaver where the model has its markers", async () => {
    const { code, stderr } = await ran(["Cats or dogs?"], {});
    expect(code).toBe(0);
    expect(stderr).not.toContain("has no markers");
  });

  it("is skeleton for any other model that takes a chat: it forks", async () => {
    const { code, stdout, stderr } = await ran(["Cats or dogs?"], unmarked);
    expect(code).toBe(0);
    expect(stdout).toBe(`${plan}\n<step>\n1. cats\nPurr.\n</step>\n<step>\n2. dogs\nBark.\n</step>\n<answer>\nBoth.\n`);
    expect(stderr).toContain(told("skeleton"));
    expect(stderr).toContain("2 threads");
  });

  it("says why where it does not fork", async () => {
    const { code, stdout, stderr } = await ran(["Cats?"], { ...unmarked, model: () => "Yes." });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "Yes.\n" });
    expect(stderr).toContain("No thread was started: the model answered at once, without a plan.\n");
  });

  it("is asyncthink where a server takes whole turns only", async () => {
    const { code, stderr } = await ran(["Cats or dogs?"], { kind: "chat", model: () => "<ANSWER>Both.</ANSWER>" });
    expect(code).toBe(0);
    expect(stderr).toContain(told("asyncthink"));
  });

  it("is threadweaver for a prompt that is sent as it is, whatever the model", async () => {
    const { stderr } = await ran(["-"], unmarked, "Cats or dogs?");
    expect(stderr).not.toContain("tells it how to fork");
    expect(stderr).toContain("marker-unknown");
  });
});

describe("a comparison in a dialect that works by prompt", () => {
  it("has two baselines: the plain question, and the same format without forks", async () => {
    const { code, stderr } = await ran(["Cats or dogs?", "--mode", "compare"], unmarked);
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /\nsequential +\d+ +\d+ .*\none pass +\d+ +\d+ .*\nfork-join +\d+ +\d+ .*\ngain over sequential +[\d.]+x .*\ngain over one pass +[\d.]+x /,
    );
  });

  it("has both in JSON, and in each line of a batch", async () => {
    const { stdout } = await ran(["Cats or dogs?", "--mode", "compare", "--json"], unmarked);
    expect(JSON.parse(stdout)).toMatchObject({
      forkJoin: { threads: [{ name: "1" }, { name: "2" }] },
      onePass: { text: plan, threads: [] },
      sequential: { text: "Cats, and dogs too.", threads: [] },
      equal: false,
    });
    const line = `${JSON.stringify({ id: "a", messages: [{ role: "user", content: "Cats or dogs?" }] })}\n`;
    const args = ["--dialect", "skeleton", "--mode", "compare", "--input", "-", "--output", "-"];
    const batch = await ran(args, unmarked, line);
    expect(jsonLines(batch.stdout)).toMatchObject([{ id: "a", onePass: { text: plan }, equal: false }]);
    expect(batch.stderr).toMatch(
      /Means of 1 problem:\n.*\nsequential .*\none pass .*\nfork-join .*\ngain over sequential /,
    );
  });
});
