import { describe, expect, it } from "vitest";
import { openEngine, type EngineChoice } from "../../src/cli/engine.ts";
import { LoadProgress } from "../../src/cli/view/load-progress.ts";
import { bundledModel } from "../../src/llama/index.ts";
import { cli, Screen } from "./support.ts";

describe("--gpu", () => {
  const opening = async (args: readonly string[]): Promise<EngineChoice[]> => {
    const unwanted = () => Promise.reject(new Error("no engine is needed"));
    return (await cli(["run", "Q", ...args], { engine: unwanted })).opened;
  };

  it("is handed to the embedded engine, and left out where it is not given", async () => {
    expect(await opening(["--gpu", "auto"])).toMatchObject([{ kind: "llama", gpu: "auto" }]);
    expect((await opening([]))[0]).not.toHaveProperty("gpu");
  });

  it("is refused with a server, and where there is no such kind", async () => {
    const server = await cli(["run", "Q", "--engine", "http://127.0.0.1:1/v1", "--gpu", "cuda"]);
    expect(server).toMatchObject({ code: 2, stderr: expect.stringContaining("--gpu is for --engine llama") as string });
    const unknown = await cli(["run", "Q", "--gpu", "abacus"]);
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining("--gpu") as string });
  });

  it("opens an engine on what there is", async () => {
    const engine = await openEngine({ kind: "llama", model: bundledModel, bundled: true, gpu: "auto" });
    expect(engine).toHaveProperty("gpu");
    await engine.close();
  });
});

describe("the progress of loading a model", () => {
  const load = async (isTTY: boolean, secondsATell: number): Promise<Screen> => {
    const screen = new Screen({ isTTY });
    let now = 0;
    const progress = new LoadProgress(screen, () => (now += secondsATell * 1000));
    const choice = { kind: "llama", model: bundledModel, bundled: true } as const;
    const engine = await openEngine(choice, { progress });
    await engine.close();
    return screen;
  };

  it("is shown on a terminal where it takes long, and is gone when the model is there", async () => {
    const { written, text } = await load(true, 1);
    expect(text).toContain("Loading the model: 100 %");
    // The line is erased, and the cursor stands where it stood.
    expect(written.endsWith("\u001B[2K\u001B[1A\u001B[2K\u001B[G\u001B[?2026l")).toBe(true);
  });

  it("is not shown where it is quick, or on no terminal", async () => {
    expect((await load(true, 0.0001)).text).toBe("");
    expect((await load(false, 1)).text).toBe("");
  });
});
