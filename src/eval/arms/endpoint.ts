import type { BlockTags } from "../../core/measures/authors-ratio.ts";
import type { Dialect } from "../../core/dialects/schema.ts";
import type { Engine } from "../../engine/engine.ts";
import type { EndpointInfo } from "../ledger/header.ts";
import { dialectDigest } from "./dialect-digest.ts";
import { authorsTags } from "./measure.ts";

/** A model that answers. */
export interface Endpoint {
  /** `default`, or the name that arms give after `@`. */
  readonly name: string;
  readonly engine: Engine;
  /** The format of its arms that fork. */
  readonly dialect: Dialect;
}

/** An endpoint, and what is asked of it once. */
export interface OpenEndpoint extends Endpoint {
  readonly tags: BlockTags | undefined;
}

export async function openEndpoint(endpoint: Endpoint): Promise<OpenEndpoint> {
  const { markers } = endpoint.dialect;
  const isOfAuthors = markers.includes("<Parallel>") && markers.includes("<Thread>");
  return { ...endpoint, tags: isOfAuthors ? await authorsTags(endpoint.engine) : undefined };
}

/** What a ledger says of an endpoint. */
export function endpointInfo({ name, engine, dialect }: Endpoint): EndpointInfo {
  const { name: address, model, tier = "ids" } = engine;
  const found = "report" in engine ? reportOf(engine.report) : {};
  const format = { name: dialect.name, sha256: dialectDigest(dialect) };
  return { name, engine: address, model, ...found, tier, dialect: format };
}

function reportOf(report: unknown): { server?: string; version?: string } {
  if (typeof report !== "object" || report === null) return {};
  const kind = "kind" in report && typeof report.kind === "string" ? { server: report.kind } : {};
  const version = "version" in report && typeof report.version === "string" ? { version: report.version } : {};
  return { ...kind, ...version };
}
