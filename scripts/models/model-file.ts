import { execFileSync } from "node:child_process";
import { homedir } from "node:os";
import { join } from "node:path";

/** The path of a model's file: a path as it is, or a model that `fetch.sh` knows, fetched into the cache. */
export function modelFile(model: string): string {
  if (model.endsWith(".gguf")) return model;
  const folder = join(process.env["THREADWEAVER_CACHE"] ?? join(homedir(), ".cache", "threadweaver"), "models");
  const script = join(import.meta.dirname, "fetch.sh");
  return execFileSync("bash", [script, model, folder], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }).trim();
}
