import type { Header } from "../../ledger/header.ts";
import type { Protocol } from "../../protocol/protocol.ts";
import { tableOf, type Section } from "../document.ts";

/** All that two results must have in common before they are compared. */
export function settingsSection(header: Header): Section {
  return {
    title: "Settings",
    blocks: [
      tableOf(settingsOf(header), [
        ["Setting", ([name]) => name],
        ["Value", ([, value]) => value],
      ]),
    ],
  };
}

function settingsOf({ dataset, protocol, ...header }: Header): [string, string][] {
  const { limit, sampling, closing } = protocol;
  const asked = Object.entries(sampling).filter(([, value]) => value !== undefined);
  return [
    ["dataset", `${dataset.name}, ${dataset.problems} problems${skippedOf(dataset.skipped)}`],
    ["dataset file", dataset.sha256 === undefined ? "none" : `SHA-256 ${dataset.sha256}${knownOf(dataset.known)}`],
    ["problems", `SHA-256 ${dataset.digest}`],
    ["protocol", `${protocol.name}: ${protocol.samples} ${protocol.samples === 1 ? "sample" : "samples"} a problem`],
    ["asked as", [protocol.form, special(protocol)].filter(Boolean).join(", ")],
    ["template", protocol.template],
    ...(protocol.system === undefined ? [] : [["system message", protocol.system] satisfies [string, string]]),
    [
      "sampling",
      asked.length === 0 ? "the server's own" : asked.map(([name, value]) => `${name} ${String(value)}`).join(", "),
    ],
    ["limit", limit === undefined ? "the context" : `${limit.tokens} tokens, ${limitNames[limit.of]}`],
    ["answer found by", protocol.answer],
    ["graded by", protocol.grading === "dataset" ? "the dataset's policy" : protocol.grading],
    ...(header.arms.some(({ kind }) => kind === "budget")
      ? [["budget closes with", `${closing.text} and at most ${closing.tokens} tokens`] satisfies [string, string]]
      : []),
    ["seed", `${header.seed}`],
    ["problems at once", `${header.concurrency}`],
    ...header.endpoints.flatMap((endpoint): [string, string][] => [
      [`endpoint ${endpoint.name}`, endpointOf(endpoint)],
      [`dialect of ${endpoint.name}`, dialectOf(endpoint, header.dialect)],
    ]),
    ["made", `${header.created} by threadweaver ${header.threadweaver}`],
  ];
}

const limitNames = {
  "critical-path": "on the critical path",
  total: "in all",
  thread: "in each thread",
} as const;

/** The model, and what serves it. */
export function endpointOf({ model, engine, server, version, tier }: Header["endpoints"][number]): string {
  const served = [server, version].filter((word) => word !== undefined).join(" ");
  return `${model} on ${served === "" ? engine : `${served} (${engine})`}, tier ${tier}`;
}

/** @param first the name of the first endpoint's: all that older ledgers have */
function dialectOf({ dialect }: Header["endpoints"][number], first: string): string {
  return dialect === undefined ? first : `${dialect.name}, SHA-256 ${dialect.sha256}`;
}

function skippedOf(skipped: number): string {
  return skipped === 0 ? "" : `, ${skipped} left out because they cannot be graded`;
}

function knownOf(known: boolean): string {
  return known ? ", a known release" : ", no known release";
}

function special({ specialInPrompt }: Protocol): string | undefined {
  if (specialInPrompt === undefined) return undefined;
  return specialInPrompt === "parse" ? "control strings are tokens" : "control strings are text";
}
