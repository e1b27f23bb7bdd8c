/** Packs the package, installs the tarball into an empty folder as a user would, and uses it there. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
const largest = 4_000_000;

function run(cwd: string, command: string, args: string[], expected = 0): { stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8" });
  assert.equal(status, expected, `${command} ${args.join(" ")} ended with ${status}\n${stdout}\n${stderr}`);
  return { stdout, stderr };
}

const folder = mkdtempSync(join(tmpdir(), "threadweaver-package-"));
try {
  run(root, "npm", ["pack", "--ignore-scripts", "--pack-destination", folder]);
  const [tarball = ""] = readdirSync(folder);
  const { size } = statSync(join(folder, tarball));
  assert.ok(size < largest, `the tarball has ${size} bytes, more than ${largest}`);
  console.log(`${tarball}: ${(size / 1e6).toFixed(2)} MB`);

  const app = join(folder, "app");
  mkdirSync(app);
  writeFileSync(join(app, "package.json"), JSON.stringify({ name: "app", private: true, type: "module" }));
  // --legacy-peer-deps leaves the optional peer out, as a user without the embedded engine has it.
  run(app, "npm", ["install", "--no-audit", "--no-fund", "--legacy-peer-deps", join(folder, tarball)]);
  const cli = join(app, "node_modules", ".bin", "threadweaver");

  // Without the optional peer: everything but the embedded engine works, and that says what is missing.
  run(app, process.execPath, ["--input-type=module", "-e", 'await import("threadweaver")']);
  assert.match(run(app, cli, ["dialects", "list"]).stdout, /threadweaver-conclusion/);
  const missing = run(app, cli, ["run", "Q: 64*27+14*89\n"], 2);
  assert.match(missing.stderr, /npm install node-llama-cpp@3\.22\.1/);
  assert.equal(missing.stdout, "");

  const tokenizing = `import { localTokenizer } from "threadweaver/tokenizer";
    await localTokenizer("nowhere").catch(({ code, message }) => console.log(code, message));`;
  const { stdout: untold } = run(app, process.execPath, ["--input-type=module", "-e", tokenizing]);
  assert.match(untold, /^missing_dependency .*npm install @huggingface\/tokenizers@0\.2$/m);

  // With it (this repository's own copy, so that nothing of its size is fetched): the bundled model answers.
  for (const peer of ["node-llama-cpp", "@huggingface", "@ai-sdk", "@opentelemetry"]) {
    symlinkSync(join(root, "node_modules", peer), join(app, "node_modules", peer));
  }
  const { stdout } = run(app, cli, ["run", "Q: 64*27+14*89\n", "--json"]);
  const result = JSON.parse(stdout) as { content: string; threads: unknown[] };
  assert.equal(result.content.trim(), String.raw`\boxed{2974}`);
  assert.equal(result.threads.length, 2);
  writeFileSync(
    join(app, "app.ts"),
    `import { createRunner, threadweaver, type RunResult } from "threadweaver";
     import { bundledModel, llamaEngine } from "threadweaver/llama";
     import { localTokenizer, type LocalTokenizer } from "threadweaver/tokenizer";
     const tokenizer: LocalTokenizer = await localTokenizer(${JSON.stringify(join(root, "models", "hf"))});
     if ((await tokenizer.encode("<Thread>", { bos: true })).join() !== "256,267") throw new Error("no tokenizer");
     if (!(await tokenizer.renderTemplate([{ role: "user", content: "Q" }])).endsWith("Q\\n")) throw new Error("no template");
     import { equal, type Verdict } from "threadweaver/grade";
     const verdict: Verdict = equal("1/2", "0.5");
     if (!verdict.equal) throw new Error("no grader");
     import { quorum, type JoinPolicy } from "threadweaver/policies";
     const policy: JoinPolicy = quorum(3);
     if (policy.name !== "quorum") throw new Error("no policies");
     import { loadDataset, passAtK, type Dataset } from "threadweaver/eval";
     if (typeof passAtK !== "function") throw new Error("no statistics");
     const dataset: Dataset = await loadDataset({ name: "bundled" });
     if (dataset.problems.length !== 60) throw new Error("no problems");
     import { trainingUnits, trajectoryOfResult, type TrainingUnit } from "threadweaver/train";
     import { numberedLines, readTrace } from "threadweaver/trajectories";
     const trace = readTrace("The answer is 4.", { dialect: threadweaver }).value;
     if (trace === undefined || numberedLines(trace) !== "L1: The answer is 4.") throw new Error("no trace");
     import { wholeDistribution } from "threadweaver/rollout";
     const temperature: number = wholeDistribution.temperature;
     if (temperature !== 1) throw new Error("no rollouts");
     const engine = await llamaEngine({ model: bundledModel });
     const result: RunResult = await createRunner({ engine, dialect: threadweaver }).run({ prompt: "Q: 64*27+14*89\\n" }, { tree: true }).result;
     const units: TrainingUnit[] = trainingUnits(trajectoryOfResult(result));
     if (units.length !== 4) throw new Error("no training units");
     if (result.threads.length !== 2) throw new Error("no threads");
     await engine.close();`,
  );
  run(app, process.execPath, ["app.ts"]);
  copyFileSync(join(root, "scripts", "package", "app.ts"), join(app, "streaming.ts"));
  assert.match(run(app, process.execPath, ["streaming.ts"]).stdout, /the application works/);
  // Not type-checked: the types of `@ai-sdk/provider` need a package that it does not bring.
  const speaking = `import { createLanguageModel } from "threadweaver/ai-sdk";
    import { bundledModel, llamaEngine } from "threadweaver/llama";
    const engine = await llamaEngine({ model: bundledModel });
    const content = [{ type: "text", text: "Q: 64*27+14*89" }];
    const model = createLanguageModel({ engine, dialect: "threadweaver", run: { temperature: 0 } });
    const made = await model.doGenerate({ prompt: [{ role: "user", content }] });
    console.log(made.content.length, made.content.at(-1).text.trim());
    await engine.close();`;
  writeFileSync(join(app, "speaking.mjs"), speaking);
  assert.match(run(app, process.execPath, ["speaking.mjs"]).stdout, /^4 \\boxed\{2974\}$/m);
  symlinkSync(join(root, "node_modules", "@types"), join(app, "node_modules", "@types"));
  // The types need neither those of Node nor a newer target.
  const least = { module: "nodenext", target: "es2023", strict: true, noEmit: true, types: [] };
  writeFileSync(join(app, "tsconfig.json"), JSON.stringify({ compilerOptions: least, files: ["app.ts"] }));
  run(app, join(root, "node_modules", ".bin", "tsc"), ["-p", "."]);
  for (const modules of [{ module: "nodenext" }, { module: "esnext", moduleResolution: "bundler" }]) {
    const compilerOptions = {
      ...modules,
      target: "es2024",
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      noEmit: true,
      types: ["node"],
    };
    writeFileSync(join(app, "tsconfig.json"), JSON.stringify({ compilerOptions }));
    run(app, join(root, "node_modules", ".bin", "tsc"), ["-p", "."]);
  }

  // An old Node is refused by name at the import itself.
  const old = `Object.defineProperty(process.versions, "node", { value: "20.20.2" }); await import("threadweaver");`;
  const { stderr } = run(app, process.execPath, ["--input-type=module", "-e", old], 1);
  assert.match(stderr, /threadweaver needs Node 22\.12 or newer; this is 20\.20\.2/);

  // The manual is in the package that links to it.
  const manual = readFileSync(join(app, "node_modules", "threadweaver", "README.md"), "utf8");
  for (const [, link = ""] of manual.matchAll(/\]\(((?!https?:)[^)#]+)/g)) {
    assert.ok(existsSync(join(app, "node_modules", "threadweaver", link)), `the README links to ${link}`);
  }
  console.log("installed and used");
} finally {
  rmSync(folder, { recursive: true, force: true });
}
