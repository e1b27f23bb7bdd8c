import { spawnSync } from "node:child_process";

/** Why llama.cpp cannot be built here; undefined where it can. */
export function compilerProblem(): string | undefined {
  const missing = ["git", "cmake", "ninja", "c++"].filter((tool) => spawnSync(tool, ["--version"]).error !== undefined);
  return missing.length === 0 ? undefined : `${missing.join(", ")}: missing`;
}
