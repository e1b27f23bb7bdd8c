import { ThreadweaverError } from "../../errors.ts";
import { connect } from "../connect.ts";
import type { EngineWarning } from "../engine.ts";
import { readAddress } from "../http/api-address.ts";
import type { ServerEngine } from "../server-engine.ts";
import type { CreateEngineOptions, ServerOptions } from "../server-options.ts";
import { Address } from "./address.ts";
import { Addresses } from "./addresses.ts";
import { FailoverEngine } from "./failover-engine.ts";
import { isLoss } from "./loss.ts";
import { checkSameModel } from "./same-model.ts";

/**
 * Connects to the first address that answers. The others are connected to when they are needed.
 *
 * @throws an error that names every address, where none answers. A server that answers and refuses is not passed over.
 */
export async function connectAddresses(options: CreateEngineOptions, urls: readonly string[]): Promise<ServerEngine> {
  let first: ServerEngine | undefined;
  const list = urls.map((baseURL): Address => {
    const isOf = options.report !== undefined && options.report.address === readAddress(baseURL).address;
    const own: ServerOptions = { ...options, baseURL, report: isOf ? options.report : undefined };
    const address: Address = new Address(baseURL, async () => {
      if (first === undefined) return connect(own);
      return connectLike(first, address, { ...own, measureCache: false, signal: undefined });
    });
    return address;
  });
  const addresses = new Addresses(list);
  for (const address of list) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- the next one is asked only if this one is lost
      first = await address.connected();
      return new FailoverEngine(addresses, first, warningsOf(addresses));
    } catch (error) {
      if (!isLoss(error)) throw error;
      const failure = addresses.failed(address, undefined, error);
      if (address === list.at(-1)) throw failure;
    }
  }
  throw new ThreadweaverError("invalid_option", "baseURL has no address.");
}

function warningsOf(addresses: Addresses): EngineWarning[] {
  return addresses.takeWarnings(undefined);
}

async function connectLike(first: ServerEngine, address: Address, options: ServerOptions): Promise<ServerEngine> {
  const engine = await connect(options);
  try {
    checkSameModel(first.report, engine.report);
    return engine;
  } catch (error) {
    address.isUnfit = true;
    await engine.close();
    throw error;
  }
}
