import { writeFile } from "node:fs/promises";
import { defineConfig, type Options } from "tsup";
import { bundledPage } from "./scripts/page.ts";

const library = {
  index: "src/index.ts",
  core: "src/core/index.ts",
  engine: "src/engine/index.ts",
  llama: "src/llama/index.ts",
  tokenizer: "src/tokenizer/index.ts",
  testing: "src/testing/index.ts",
  grade: "src/grade/index.ts",
  policies: "src/run/policies/index.ts",
  eval: "src/eval/index.ts",
  train: "src/train/index.ts",
  rollout: "src/rollout/index.ts",
  trajectories: "src/trajectories/index.ts",
  trace: "src/trace/index.ts",
  "ai-sdk": "src/ai-sdk/index.ts",
  observe: "src/observe/index.ts",
  otel: "src/otel/index.ts",
};

const config: Options = {
  entry: { ...library, cli: "src/cli/main.ts" },
  // `await using engine` needs types that an application's own target may not have.
  dts: { entry: library, banner: '/// <reference lib="esnext.disposable" />' },
  format: "esm",
  target: "node22",
  clean: true,
  sourcemap: true,
  // The sources are in the package, so their maps need not hold them once more.
  esbuildOptions: (options) => {
    options.sourcesContent = false;
  },
  splitting: true,
  treeshake: true,
  onSuccess: async () => writeFile("dist/page.js", await bundledPage(process.cwd())),
};

const built: ReturnType<typeof defineConfig> = defineConfig(config);
export default built;
