import { spawn } from "node:child_process";
import { join } from "node:path";

const root = join(import.meta.dirname, "..", "..");

/** What a program wrote on stdout. Its stderr is this process's. @throws an error that names it where it fails. */
async function output(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, ...env } });
  // Who ends the loop ends what it runs; a terminal's Ctrl-C reaches both by itself.
  const end = (): void => void child.kill("SIGTERM");
  process.once("SIGTERM", end);
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (part: string) => (text += part));
  const code = await new Promise<number | null>((resolve, reject) =>
    child.on("error", reject).on("close", resolve),
  ).finally(() => process.removeListener("SIGTERM", end));
  if (code === 0) return text;
  throw new Error(`${[command, ...args].join(" ").slice(0, 300)} ended with ${code}: see above`);
}

/** Runs a command of this package's program. */
export function threadweaver(args: readonly string[], apiKey = ""): Promise<string> {
  return output(process.execPath, [join(root, "src", "cli", "main.ts"), ...args], { THREADWEAVER_API_KEY: apiKey });
}

export function flagsOf(values: Readonly<Record<string, string | number>>): string[] {
  return Object.entries(values).flatMap(([name, value]) => [`--${name}`, `${value}`]);
}
