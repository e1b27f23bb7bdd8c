import * as z from "zod";
import { protocolSchema } from "../protocol/protocol.ts";

export const ledgerVersion = 1;

/** A model that answers: `default`, or a name that was given. */
const endpointSchema = z.strictObject({
  name: z.string().min(1),
  /** The server's address without its key, or `llama`. */
  engine: z.string(),
  model: z.string(),
  /** What the server is, such as `vllm`, and its version; where it says so. */
  server: z.string().optional(),
  version: z.string().optional(),
  /** How exactly it goes on: `ids`, `text`, ... */
  tier: z.string(),
  /** The format of its arms, with the SHA-256 of its definition. Ledgers of before have none. */
  dialect: z.strictObject({ name: z.string(), sha256: z.string() }).optional(),
});

/** How problems are answered. */
const armSchema = z.strictObject({
  /** As it was asked for, such as `attempts-5:quorum:3@draft`; unique in its ledger. */
  name: z.string().min(1),
  kind: z.enum(["sequential", "one-pass", "fork-join", "threads-in-turn", "budget", "attempts"]),
  endpoint: z.string(),
  /** Of attempts: how many, and the policies that cut them. */
  attempts: z.int().min(1).optional(),
  policies: z.array(z.string()).optional(),
});

/** The first line of a ledger: all that its samples have in common. */
export const headerSchema = z.strictObject({
  type: z.literal("header"),
  version: z.literal(ledgerVersion),
  /** The version of the program that made it. */
  threadweaver: z.string(),
  /** ISO 8601. */
  created: z.string(),
  dataset: z.strictObject({
    name: z.string(),
    /** Of the file; undefined for problems without one. */
    sha256: z.string().optional(),
    /** Whether that checksum is of a known release. */
    known: z.boolean(),
    problems: z.int().min(1),
    /** SHA-256 of all ids, questions, answers and tolerances in their order. */
    digest: z.string(),
    /** Problems that cannot be graded, which are left out. */
    skipped: z.int().min(0),
  }),
  protocol: protocolSchema,
  arms: z.array(armSchema).min(1),
  endpoints: z.array(endpointSchema).min(1),
  /** The name of the first endpoint's. */
  dialect: z.string(),
  seed: z.int().min(0),
  /** Problems at once. Wall clocks of more than one are not what one user waits for. */
  concurrency: z.int().min(1),
});

export type Header = z.output<typeof headerSchema>;
export type ArmInfo = z.output<typeof armSchema>;
export type EndpointInfo = z.output<typeof endpointSchema>;
