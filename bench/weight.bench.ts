import { spawnSync } from "node:child_process";
import { build } from "esbuild";
import { alternate, report } from "./measure.ts";

/** What an application imports, and the least that anyone does. */
const programs = {
  "createEngine and createRunner": 'export { createEngine, createRunner, threadweaver } from "threadweaver";',
  "validateFormat alone": 'export { validateFormat } from "threadweaver";',
  "the core alone": 'export { step, createState } from "threadweaver/core";',
};

/** Bytes of a minified bundle with all that it needs, by package. */
async function bundle(contents: string): Promise<{ total: number; parts: Map<string, number> }> {
  const { metafile } = await build({
    stdin: { contents, resolveDir: import.meta.dirname },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "node",
    write: false,
    metafile: true,
  });
  const [output] = Object.values(metafile.outputs);
  const parts = new Map<string, number>();
  for (const [path, { bytesInOutput }] of Object.entries(output?.inputs ?? {})) {
    const name = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? "ours";
    parts.set(name, (parts.get(name) ?? 0) + bytesInOutput);
  }
  return { total: output?.bytes ?? 0, parts };
}

/** How heavy the built package is: in a bundle, and in milliseconds to import, a bare process taken off. */
export async function weightBench(): Promise<void> {
  const { status } = spawnSync("tsup", ["--silent"], { stdio: "inherit" });
  if (status !== 0) throw new Error("the package could not be built");
  for (const [name, contents] of Object.entries(programs)) {
    const { total, parts } = await bundle(contents);
    const kb = (bytes: number): string => `${Math.round(bytes / 1000)} KB`;
    const largest = [...parts].toSorted(([, a], [, b]) => b - a).slice(0, 4);
    report(`weight: bundle of ${name}`, kb(total), largest.map(([part, bytes]) => `${part} ${kb(bytes)}`).join(", "));
  }
  const start = (code: string) => () => {
    const { status: ended, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", code], {
      cwd: import.meta.dirname,
      encoding: "utf8",
    });
    if (ended !== 0) throw new Error(stderr);
  };
  const { nothing = 0, ...times } = await alternate({
    nothing: start(""),
    threadweaver: start('import "threadweaver";'),
    "threadweaver/core": start('import "threadweaver/core";'),
    "threadweaver and its HTTP client": start('import "threadweaver"; import "openai"; import "undici";'),
  });
  for (const [name, ms] of Object.entries(times)) report(`weight: import ${name}`, `${Math.round(ms - nothing)} ms`);
}
