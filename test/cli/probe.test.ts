import { describe, expect, it } from "vitest";
import { startFakeServer } from "../../src/testing/index.ts";
import { cli } from "./support.ts";

describe("threadweaver probe", () => {
  it("says what a server is, what runs there and what a fork costs", async () => {
    await using server = await startFakeServer({ model: () => "yes", cacheBlock: 32 });
    const { code, stdout, stderr } = await cli(["probe", server.baseURL]);
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^server +vllm 0\.32\.0 at http:\/\/127\.0\.0\.1:\d+/);
    expect(stdout).toMatch(/^tier +ids$/m);
    expect(stdout).toMatch(/^runs +threadweaver, /m);
    expect(stdout).toMatch(/^forks +aligned\(32\): /m);
  });

  it("prints the whole report as JSON, and advises on flags", async () => {
    await using server = await startFakeServer({ model: () => "yes", cacheReport: false });
    const { stdout } = await cli(["probe", server.baseURL, "--json"]);
    const report: unknown = JSON.parse(stdout);
    expect(report).toMatchObject({ kind: "vllm", tier: "ids", forkCost: "unknown", reportsCachedTokens: false });
    expect(report).toMatchObject({ advice: [expect.stringContaining("--enable-prompt-tokens-details")] });
  });

  it("says what to do about a key that is missing, and never shows one that is wrong", async () => {
    await using server = await startFakeServer({ model: () => "yes", apiKey: "right" });
    const { code, stdout, stderr } = await cli(["probe", server.baseURL, "--api-key", "wrong-secret"]);
    expect(code).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/401/);
    expect(stderr).not.toContain("wrong-secret");
    const { code: right } = await cli(["probe", server.baseURL], { env: { THREADWEAVER_API_KEY: "right" } });
    expect(right).toBe(0);
  });

  it("needs an address, and a server there", async () => {
    expect(await cli(["probe"])).toMatchObject({ code: 2, stderr: expect.stringContaining("needs the address") });
    expect(await cli(["probe", "http://127.0.0.1:9/v1"])).toMatchObject({ code: 1, stdout: "" });
  });
});
