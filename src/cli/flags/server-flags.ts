import * as z from "zod";
import { numeric, type Flags } from "./flag.ts";

const seconds = numeric(z.number().gt(0).max(1_000_000));
const path = z.string().min(1, "expected a path");

/** How to talk to a server: of every command that does. */
export const connectionFlags = {
  header: {
    value: "NAME:VALUE",
    many: true,
    help: "For a server: an HTTP header that is sent with every request. May be given several times.",
    schema: z.array(z.string()).default([]).transform(readHeaders),
  },
  profile: {
    value: "FILE",
    help: "For a server: a JSON file with parts of its profile that differ from what is found out (docs/engines.md).",
    schema: path.optional(),
  },
  "connect-timeout": {
    value: "SECONDS",
    help: "For a server: longest time to connect. Without it, 10.",
    schema: seconds.optional(),
  },
  "first-token-timeout": {
    value: "SECONDS",
    help: "For a server: longest time to the first token, its queue included. Without it, 600.",
    schema: seconds.optional(),
  },
  "idle-timeout": {
    value: "SECONDS",
    help: "For a server: longest silence inside an answer. Without it, 120.",
    schema: seconds.optional(),
  },
} as const satisfies Flags;

/** The same, for commands that make runs there. */
export const serverFlags = {
  ...connectionFlags,
  report: {
    value: "FILE",
    help: "For a server: what probe --json printed. Nothing is found out again then, and the start is one request.",
    schema: path.optional(),
  },
} as const satisfies Flags;

/** What is wrong is said without the value, which may be a key. */
function readHeaders(lines: readonly string[], context: z.RefinementCtx): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(0, colon)).trim();
    if (colon > 0 && name !== "") headers[name] = line.slice(colon + 1).trim();
    else context.addIssue({ code: "custom", message: 'expected a name, a colon and a value, such as "X-Tenant: a"' });
  }
  return headers;
}
