import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { apiKey, kind, url } from "./support.ts";

const run = promisify(execFile);
const root = new URL("../..", import.meta.url).pathname;

/** What torch says of 64 tokens: with the weights that are served, and with those after some steps of training. */
const fingerprints = JSON.parse(
  readFileSync(new URL("../fixtures/fingerprints.json", import.meta.url), "utf8"),
) as Record<"served" | "changed", Fingerprint>;

interface Fingerprint {
  readonly ids: readonly number[];
  readonly logprobs: readonly number[];
}

/**
 * Has the trainer put a checkpoint into the server's folder, which is one that the server does not look at.
 *
 * @param there what is in that folder before: the weights of the checkpoint unless said otherwise.
 */
async function reload(fingerprint: Fingerprint, { address = url, there }: { address?: string; there?: string } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "threadweaver-weights-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const name of ["checkpoint", "served"]) mkdirSync(join(folder, name));
  for (const name of ["checkpoint", "served"])
    copyFileSync(join(root, "models", "hf", "model.safetensors"), join(folder, name, "model.safetensors"));
  if (there !== undefined) writeFileSync(join(folder, "served", "model.safetensors"), there);
  writeFileSync(join(folder, "checkpoint", "fingerprint.json"), JSON.stringify(fingerprint));
  const files = ["--model", join(folder, "checkpoint"), "--served", join(folder, "served")];
  const command = ["-m", "threadweaver_training", "reload", ...files, "--url", new URL(address).origin];
  const env = { ...process.env, PYTHONPATH: join(root, "training"), THREADWEAVER_API_KEY: apiKey };
  return run("python3", command, { env });
}

describe.skipIf(kind !== "vllm")("weights that are sent to a vLLM that runs", () => {
  it("answer as the trainer's do", async () => {
    const { stdout } = await reload(fingerprints.served);
    const { apart, weight_version: version } = JSON.parse(stdout) as { apart: number; weight_version: string };
    expect(apart).toBeLessThan(1e-3);
    expect(version).toMatch(/^[0-9a-f]{12}$/);
  });

  it("are refused where the server went on with others", async () => {
    await expect(reload(fingerprints.changed)).rejects.toThrow(
      /serves other weights than those of .*: a log-probability differs by \d.*Start it with --model .*served/,
    );
  });

  it("are refused where the server did not take a step that is too small for the tolerance", async () => {
    const logprobs = fingerprints.served.logprobs.map((value) => value - 1e-4);
    await expect(reload({ ...fingerprints.served, logprobs }, { there: "weights of before" })).rejects.toThrow(
      /serves other weights than those of .*: a log-probability differs by .*, and none has changed/,
    );
  });

  it("are refused where nobody answers", async () => {
    await expect(reload(fingerprints.served, { address: "http://127.0.0.1:9" })).rejects.toThrow(
      /cannot be reached: .* Start the server/,
    );
  });
});
