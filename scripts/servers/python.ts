import { spawnSync } from "node:child_process";

/** Why the servers cannot be installed here; undefined where they can. */
export function pythonProblem(): string | undefined {
  const { status, stdout } = spawnSync("python3", ["-c", "import sys; print(*sys.version_info[:2])"], {
    encoding: "utf8",
  });
  if (status !== 0) return "python3 is missing";
  const [major = 0, minor = 0] = stdout.trim().split(" ").map(Number);
  if (major > 3 || (major === 3 && minor >= 11)) return undefined;
  return `python3 is ${major}.${minor}, and 3.11 or later is needed`;
}
