import { readFile, readdir } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const src = fileURLToPath(new URL("../src", import.meta.url));

/** Which rooms a room may import. The reasons are in ARCHITECTURE.md. */
const allowed: Record<string, readonly string[]> = {
  core: [],
  engine: ["core"],
  llama: ["core", "engine"],
  tokenizer: ["core", "engine"],
  run: ["core", "engine", "grade"],
  testing: [],
  grade: [],
  files: [],
  eval: ["core", "engine", "run", "grade", "trace", "files"],
  train: ["core", "grade"],
  trajectories: ["core", "engine", "run", "grade", "files"],
  rollout: ["core", "engine", "run", "grade", "train", "files"],
  trace: ["core", "engine", "run", "files"],
  page: ["trace"],
  "ai-sdk": ["core", "engine", "run"],
  observe: ["run"],
  otel: ["core", "engine", "run"],
  cli: [
    "core",
    "engine",
    "llama",
    "tokenizer",
    "run",
    "grade",
    "trace",
    "files",
    "eval",
    "train",
    "rollout",
    "trajectories",
  ],
  "index.ts": ["core", "engine", "run"],
  "errors.ts": [],
  "node-version.ts": [],
  "visible.ts": [],
};

/** Any room may import these; they import nothing. */
const everybodys: readonly string[] = ["errors.ts", "node-version.ts", "visible.ts"];

/** Packages, and the only places that may import them. Everything else may import none. */
const packages: Record<string, (file: string) => boolean> = {
  zod: (file) =>
    /^(core\/(dialects|limits|machine|policies|trie)\/|run\/((attempts|fork|policies)\/options|policies\/record|function-schema|options|runner|events|thread-info|recorder|batch\/options|calls\/retries)|engine\/|llama\/|tokenizer\/|cli\/|testing\/|trace\/|train\/|rollout\/|trajectories\/|(ai-sdk|otel)\/|eval\/(?!statistics))/.test(
      file,
    ),
  openai: (file) => file.startsWith("engine/"),
  "eventsource-parser": (file) => file.startsWith("engine/"),
  undici: (file) => file.startsWith("engine/"),
  "node-llama-cpp": (file) => file.startsWith("llama/"),
  "@huggingface/jinja": (file) => file.startsWith("llama/") || file.startsWith("tokenizer/"),
  "@huggingface/tokenizers": (file) => file.startsWith("tokenizer/"),
  hyparquet: (file) => file === "eval/datasets/rows/parquet.ts",
  "hyparquet-writer": (file) => file.startsWith("cli/data/"),
  "@opentelemetry/api": (file) => file.startsWith("otel/"),
  "@ai-sdk/provider": (file) => file.startsWith("ai-sdk/"),
  "log-update": (file) => file.startsWith("cli/"),
  // Bundled into the page when the package is built, so no dependencies of it.
  preact: (file) => file.startsWith("page/"),
  "@tanstack/virtual-core": (file) => file === "page/use-virtual.ts",
  "d3-scale": (file) => file.startsWith("page/"),
};

interface Import {
  file: string;
  target: string;
}

async function importsOfSource(): Promise<Import[]> {
  const files = (await readdir(src, { recursive: true })).filter((name) => /\.tsx?$/.test(name));
  const found = await Promise.all(
    files.map(async (file) => {
      const text = await readFile(join(src, file), "utf8");
      const code = text.replaceAll(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, "");
      const targets = [...code.matchAll(/(?:\bfrom\s+|\bimport\s+|\bimport\(\s*)"([^"\s]+)"/g)].map((m) => m[1] ?? "");
      return targets.map((target) => ({ file, target }));
    }),
  );
  return found.flat();
}

const roomOf = (file: string): string => file.split("/")[0] ?? "";
const resolve = ({ file, target }: Import): string => relative(src, join(src, dirname(file), target));

describe("the walls between the rooms", async () => {
  const imports = await importsOfSource();

  it("has read the sources", () => {
    expect(imports.length).toBeGreaterThan(100);
    expect(imports).toContainEqual({ file: "core/machine/machine.ts", target: "./receive.ts" });
  });

  it("hold: a room imports only the rooms below it", () => {
    const through = imports.filter((found) => {
      if (!found.target.startsWith(".")) return false;
      const room = roomOf(resolve(found));
      return room !== roomOf(found.file) && !everybodys.includes(room) && !allowed[roomOf(found.file)]?.includes(room);
    });
    expect(through).toEqual([]);
  });

  it("hold: nothing imports the entry point, and every room is known", () => {
    expect(imports.filter((found) => found.target.startsWith(".") && resolve(found) === "index.ts")).toEqual([]);
    expect(new Set(imports.map(({ file }) => roomOf(file)))).toEqual(
      new Set(Object.keys(allowed).filter((room) => !everybodys.includes(room))),
    );
  });

  it("hold: no file imports itself through others, types included", () => {
    const targets = new Map<string, string[]>();
    for (const found of imports) {
      if (found.target.startsWith(".")) targets.set(found.file, [...(targets.get(found.file) ?? []), resolve(found)]);
    }
    const finished = new Set<string>();
    const circles: string[] = [];
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(" -> "));
      if (finished.has(file) || path.includes(file)) return;
      for (const target of targets.get(file) ?? []) visit(target, [...path, file]);
      finished.add(file);
    };
    for (const file of targets.keys()) visit(file, []);
    expect(circles).toEqual([]);
  });

  it("hold: a package is imported in its own place only", () => {
    const outside = imports.filter(({ file, target }) => {
      if (target.startsWith(".") || target.startsWith("node:")) return false;
      return packages[target.replace(/^((?:@[^/]+\/)?[^/]+).*$/, "$1")]?.(file) !== true;
    });
    expect(outside).toEqual([]);
  });

  it("hold: the core, the run, the grader, training data, the statistics, and what of trajectories writes no files know nothing of Node", () => {
    const pure = /^(core|run|grade|train|trajectories\/(?!ask|making)|eval\/statistics)\//;
    expect(imports.filter(({ file, target }) => pure.test(file) && target.startsWith("node:"))).toEqual([]);
  });

  it("hold: the page runs in a browser, on what of traces does so too", () => {
    const taken = imports.filter(({ file }) => file.startsWith("page/")).map(resolve);
    const outside = taken.filter((file) => file.includes("/") && !file.startsWith("page/") && !file.startsWith("../"));
    expect(new Set(outside)).toEqual(
      new Set(
        ["facts", "figures", "phases", "timeline", "words", "block"]
          .map((name) => `trace/timeline/${name}.ts`)
          .concat("trace/page/data.ts"),
      ),
    );
    const ofNode = new Set(imports.filter(({ target }) => target.startsWith("node:")).map(({ file }) => file));
    expect(outside.filter((file) => ofNode.has(file))).toEqual([]);
  });

  it("hold: the statistics know nothing else of ours", () => {
    const out = imports.filter(({ file }) => file.startsWith("eval/statistics/")).map(resolve);
    expect(out.filter((file) => !file.startsWith("eval/statistics/") && file !== "errors.ts")).toEqual([]);
  });

  it("hold: traces take of the run what is pure, and of the engine how options are checked", () => {
    const pure = /^run\/(recorder|resume|options|build-result|events|result|listen\/reporter)\.ts$/;
    const taken = imports.filter(({ file }) => file.startsWith("trace/")).map(resolve);
    expect(taken.length).toBeGreaterThan(20);
    expect(taken.filter((file) => file.startsWith("run/") && !pure.test(file))).toEqual([]);
    expect(taken.filter((file) => file.startsWith("engine/"))).toEqual(["engine/parse-options.ts"]);
  });

  it("hold: what checks trajectories knows nothing of what asks for them", () => {
    const asks = /^(run|engine|files|trajectories\/(ask|making|rewriting|sampling))\//;
    const out = imports.filter(
      ({ file, target }) =>
        file.startsWith("trajectories/") &&
        !/^trajectories\/(ask|making|rewriting|sampling|prompts|card|index\.ts)/.test(file) &&
        target.startsWith("."),
    );
    expect(out.map(resolve).filter((file) => asks.test(file))).toEqual([]);
  });

  const asking = /^(ask|making|rewriting|sampling)\//;
  it.each(["core", "eval/statistics", "trajectories"])(
    "hold: %s has no clock, no chance of its own and no promises",
    async (room) => {
      const files = (await readdir(join(src, room), { recursive: true })).filter((name) => name.endsWith(".ts"));
      for (const file of files) {
        if (room === "trajectories" && asking.test(file)) continue;
        const code = (await readFile(join(src, room, file), "utf8")).replaceAll(/\/\*[^]*?\*\/|\/\/.*$/gm, "");
        expect(code, file).not.toMatch(/\b(Date\.now|performance\.|Math\.random|setTimeout|Promise\b|async |await )/);
      }
    },
  );

  it("are what ARCHITECTURE.md draws: every room, and every file of the core and of the run", async () => {
    const page = await readFile(join(src, "..", "ARCHITECTURE.md"), "utf8");
    const rooms = (await readdir(src, { withFileTypes: true })).filter((entry) => entry.isDirectory());
    for (const { name } of rooms) expect(page.includes(`  ${name}/`), name).toBe(true);
    for (const room of ["core", "run"]) {
      const files = (await readdir(join(src, room), { recursive: true })).filter((name) => name.endsWith(".ts"));
      for (const file of files) expect(page.includes(basename(file)), `${room}/${file}`).toBe(true);
    }
  });
});
