import { writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { openEngine } from "../../src/cli/engine.ts";
import { startFakeServer } from "../../src/testing/index.ts";
import { cli, temporaryFolder } from "./support.ts";

const opened = async (args: string[]): Promise<object | undefined> => {
  const { opened: choices } = await cli(["run", "Q", "--engine", "http://127.0.0.1:9/v1", ...args]);
  return choices[0];
};

describe("flags for servers", () => {
  it("--header may be given several times", async () => {
    expect(await opened(["--header", "X-Tenant: a:b", "--header=X-Priority:1"])).toMatchObject({
      headers: { "X-Tenant": "a:b", "X-Priority": "1" },
    });
    const { code, stderr } = await cli(["run", "Q", "--engine", "http://127.0.0.1:9/v1", "--header", "nonsense"]);
    expect(code).toBe(2);
    expect(stderr).toContain("expected a name, a colon and a value");
  });

  it("headers, a profile and a report reach the engine", async () => {
    await using server = await startFakeServer({ kind: "text", model: () => "yes" });
    const file = temporaryFolder();
    writeFileSync(file("profile.json"), '{"request":{"seed":null}}');
    const probed = await cli(["probe", server.baseURL, "--context-tokens", "500", "--header", "x-a: 1", "--json"]);
    expect(probed.code).toBe(0);
    writeFileSync(file("report.json"), probed.stdout);
    const before = server.requests.length;
    const args = ["--profile", file("profile.json"), "--report", file("report.json"), "--header", "x-a: 2"];
    const { code, stdout } = await cli(
      ["run", "Q", "--engine", server.baseURL, "--mode", "sequential", "--json", ...args],
      {
        engine: () =>
          openEngine({
            kind: "server",
            baseURL: server.baseURL,
            model: undefined,
            apiKey: undefined,
            contextTokens: 500,
            tokenizer: undefined,
            controls: [],
            headers: { "x-a": "2" },
            profile: file("profile.json"),
            report: file("report.json"),
          }),
      },
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ text: "yes" });
    expect(server.requests.length - before).toBe(2);
    expect(server.calls.at(-1)?.headers["x-a"]).toBe("2");
    expect(server.calls.at(-1)?.body).not.toHaveProperty("seed");
  });

  it("are not for llama", async () => {
    for (const flag of ["--profile", "--report"]) {
      expect(await cli(["run", "Q", flag, "x.json"])).toMatchObject({
        code: 2,
        stderr: expect.stringContaining(`${flag} is for servers`),
      });
    }
    expect(await cli(["run", "Q", "--header", "a: b"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--header is for servers"),
    });
  });

  it.each([
    ['{"request":{"seeds":null}}', /there is no option profile\.request\.seeds \(there are prompt, promptAs, /],
    ['{"requests":{}}', /there is no option profile\.requests \(there are kind, /],
    ['{"request":{"seed":7}}', /profile\.request\.seed: /],
    ['{"request":', /--profile .* is not JSON/],
    [undefined, /--profile .* cannot be read/],
  ])("a profile that cannot be used is told by its field: %s", async (text, message) => {
    const file = temporaryFolder()("profile.json");
    if (text !== undefined) writeFileSync(file, text);
    const { code, stderr } = await cli(["probe", "http://127.0.0.1:9/v1", "--profile", file]);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(message);
  });
});

it("a probe of a server that does not say its context reports the rest", async () => {
  await using server = await startFakeServer({ kind: "chat", model: () => "yes" });
  const { stdout } = await cli(["probe", server.baseURL]);
  expect(stdout).toMatch(/^runs +asyncthink, pacore$/m);
  expect(await cli(["probe", server.baseURL, "--context-tokens", "500"])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^context +500 tokens/m),
  });
});
