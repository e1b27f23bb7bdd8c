/** The script of the timeline's page: `src/page` and the libraries that it needs, in one. */
import { resolve } from "node:path";
import { build } from "esbuild";

/** This repository. A bundled caller stands elsewhere, and says where it is. */
const here = resolve(import.meta.dirname, "..");

/** The licences of what is in it. */
const banner = `/*! threadweaver (Apache-2.0), with preact (MIT, (c) Jason Miller), @tanstack/virtual-core (MIT, (c) Tanner Linsley), \
d3-scale and what it needs (ISC, (c) Mike Bostock) */`;

export async function bundledPage(root: string = here): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ["src/page/main.tsx"],
    bundle: true,
    minify: true,
    write: false,
    format: "iife",
    target: "es2022",
    jsx: "automatic",
    jsxImportSource: "preact",
    legalComments: "none",
    banner: { js: banner },
  });
  return outputFiles[0]?.text ?? "";
}
