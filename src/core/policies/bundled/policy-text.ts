import type { JoinPolicy } from "../policy.ts";
import { policyDataSchema, policyFrom, policyNames } from "./index.ts";

/** What a bare number after the name means, such as 3 in `quorum:3`. */
const shortForms: Readonly<Record<string, string>> = {
  firstOf: "count",
  quorum: "count",
  deadline: "ms",
  criticalTokens: "count",
  stragglers: "factor",
  confidence: "warmups",
};

/** A bundled policy as it is written in one word, such as `quorum:3` or `confidence:warmups=4,window=64`; or what is wrong with it. */
export function policyInWords(text: string): JoinPolicy | string {
  const [name = "", ...rest] = text.split(":");
  if (!policyNames.some((known) => known === name)) return `names no policy: there are ${policyNames.join(", ")}`;
  const parts = rest
    .join(":")
    .split(",")
    .filter((part) => part !== "");
  const options = Object.fromEntries(
    parts.map((part) => {
      const [key, value] = part.includes("=") ? part.split("=", 2) : [shortForms[name], part];
      return [key, Number(value)];
    }),
  );
  const parsed = policyDataSchema.safeParse({ name, options });
  if (parsed.success) return policyFrom(parsed.data);
  const problems = parsed.error.issues.map(({ path, message }) => [...path.slice(1), message].join(" "));
  return `cannot be made: ${problems.join("; ")}. Write it as in quorum:3, deadline:30000 (milliseconds) or confidence:warmups=4,window=64`;
}
