import { probeServer } from "../../engine/openai.ts";
import type { ServerReport } from "../../engine/detect/server-report.ts";
import { openTokenizer, readServerFiles, serverChoiceOf } from "../engine.ts";
import { exitCodes } from "../exit-codes.ts";
import type { commands } from "../flags/commands.ts";
import type { Values } from "../flags/flag.ts";
import { usageError } from "../usage.ts";
import { visible } from "../../visible.ts";
import type { World } from "../world.ts";

type ProbeFlags = Values<(typeof commands)["probe"]["flags"]>;

/** `threadweaver probe URL`: what a server is, what can run there, and what its forks cost. */
export async function probeCommand(flags: ProbeFlags, [address]: readonly string[], world: World): Promise<number> {
  if (address === undefined)
    throw usageError("probe needs the address of a server, such as http://127.0.0.1:8000/v1.", "probe");
  const apiKey = flags["api-key"] ?? world.env["THREADWEAVER_API_KEY"];
  const tokenizer = await openTokenizer(flags.tokenizer);
  const { profile, ...server } = serverChoiceOf(flags);
  const report = await probeServer({
    baseURL: address,
    model: flags.model,
    apiKey,
    tokenizer,
    contextTokens: flags["context-tokens"],
    timeouts: server.timeouts,
    headers: server.headers,
    ...(await readServerFiles({ profile })),
    signal: world.signal,
  });
  world.stdout.write(flags.json ? `${JSON.stringify(report)}\n` : describe(report));
  return exitCodes.ok;
}

function describe(report: ServerReport): string {
  const { contextTokens } = report;
  const lines: [string, string][] = [
    ["server", `${report.kind}${report.version === undefined ? "" : ` ${report.version}`} at ${report.address}`],
    ["model", report.model],
    [
      "context",
      contextTokens === undefined ? "unknown: give --context-tokens where it matters" : `${contextTokens} tokens`,
    ],
    ["tier", report.tier],
    ["runs", report.dialects.join(", ") || "none of the bundled dialects"],
    ["markers", markersOf(report)],
    ["begin, end", `${report.bos ?? "none"}, ${report.eos.join(" ") || "unknown"}`],
    ["forks", forkCosts(report.forkCost)],
    ["cached tokens", report.reportsCachedTokens ? "reported" : "not reported"],
    ...report.warnings.map(({ message }): [string, string] => ["warning", message]),
    ...report.advice.map((advice): [string, string] => ["advice", advice]),
  ];
  // A server's words are no more to be trusted on a terminal than a model's.
  return lines.map(([name, value]) => `${name.padEnd(14)} ${visible(value)}\n`).join("");
}

function markersOf({ markers, tier }: ServerReport): string {
  if (markers.length === 0) return `unknown: found in the text, as the tier is ${tier}`;
  const single = markers.flatMap(({ text, ids, special }) =>
    ids.length === 1 ? [special === true ? `${text} (special)` : text] : [],
  );
  const several = markers.length - single.length;
  return [
    ...(single.length > 0 ? [`one token: ${single.join(" ")}`] : []),
    ...(several > 0 ? [`${several} of the bundled dialects are spelled out, and found in the text`] : []),
  ].join("; ");
}

function forkCosts(cost: ServerReport["forkCost"]): string {
  if (cost === "shared") return "shared: a thread computes only what is its own";
  if (cost === "recomputed") return "recomputed: every thread computes the whole prefix anew";
  if (cost === "unknown") return "unknown: the server does not say what it had cached";
  return `${cost}: a thread computes its own and what is left of the last whole block`;
}
