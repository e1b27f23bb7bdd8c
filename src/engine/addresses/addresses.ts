import { factsOf, ThreadweaverError } from "../../errors.ts";
import type { EngineWarning } from "../engine.ts";
import { Address } from "./address.ts";
import { isLoss } from "./loss.ts";
import { Sessions } from "./sessions.ts";

/**
 * The addresses of one model, and which of them each session uses. There is no balancing: a session stays with its
 * address until that is lost, and then goes on to the next one in the list.
 */
export class Addresses {
  readonly list: readonly Address[];
  readonly #sessions = new Sessions();
  /** Where new sessions begin: the address that worked last. */
  #latest = 0;
  /** Losses that no call has told of. */
  #untold: { session: string | undefined; warning: EngineWarning }[] = [];

  constructor(list: readonly Address[]) {
    this.list = list;
  }

  get names(): string {
    return this.list.map(({ url }) => url).join(", ");
  }

  /** The address of a session, or where none is given the one that worked last. */
  of(session: string | undefined): Address {
    const index = session === undefined ? this.#latest : this.#sessions.at(session, this.#latest);
    const address = this.list[index];
    if (address === undefined) throw new RangeError("there must be at least one address");
    return address;
  }

  /** Something came from an address. */
  worked(address: Address): void {
    if (address.failure === undefined) return;
    address.failure = undefined;
    this.#latest = this.list.indexOf(address);
  }

  /** Losses to tell of in a call of this session: its own, and those that belong to none. */
  takeWarnings(session: string | undefined): EngineWarning[] {
    const told = this.#untold.filter((loss) => loss.session === undefined || loss.session === session);
    if (told.length > 0) this.#untold = this.#untold.filter((loss) => !told.includes(loss));
    return told.map(({ warning }) => warning);
  }

  /**
   * Takes in what a call failed with. If its address is lost, the session's next call goes to the next one, so the error
   * is worth another attempt. An address that cannot be connected to is lost, whatever the reason. Returns the error to
   * throw.
   */
  failed(address: Address, session: string | undefined, error: unknown): unknown {
    if (!ThreadweaverError.isInstance(error) || error.code === "aborted" || error.code === "closed") return error;
    if (address.engine !== undefined && !isLoss(error)) return error;
    if (address.failure === undefined) this.#tell(address, session, error);
    address.failure = error;
    this.#moveOn(address, session);
    return this.list.every(({ failure }) => failure !== undefined) ? this.#allLost(error) : retryable(error);
  }

  /** The error where no address works. It says what each of them failed with. */
  #allLost(error: ThreadweaverError): ThreadweaverError {
    const failures = this.list.flatMap(({ failure }) => failure ?? []);
    const message = `None of the addresses ${this.names} works. ${failures.map((each) => each.message).join(" ")}`;
    const mayPass = failures.some((each) => ThreadweaverError.isInstance(each) && each.retryable);
    return new ThreadweaverError(error.code, message, { ...factsOf(error), retryable: mayPass, cause: error });
  }

  /** Another call of the session may have moved it on already. */
  #moveOn(from: Address, session: string | undefined): void {
    const next = this.#next(this.list.indexOf(from));
    if (session !== undefined && this.of(session) === from) this.#sessions.move(session, next);
    if (this.list[this.#latest] === from) this.#latest = next;
  }

  /** The next address in the list that serves the same model, as far as is known. */
  #next(index: number): number {
    const { length } = this.list;
    for (let step = 1; step < length; step += 1) {
      const at = (index + step) % length;
      if (this.list[at]?.isUnfit === false) return at;
    }
    return index;
  }

  #tell({ url }: Address, session: string | undefined, error: ThreadweaverError): void {
    const message = `the address ${url} was lost, and calls go on at another one: ${error.message}`;
    this.#untold.push({ session, warning: { code: "address-lost", message } });
    // A session may make no further call, and its warning would be kept for ever.
    if (this.#untold.length > this.list.length * 2) this.#untold.shift();
  }
}

/** What is lost for good at one address may be had at another. */
function retryable(error: ThreadweaverError): ThreadweaverError {
  if (error.retryable) return error;
  return new ThreadweaverError(error.code, error.message, { ...factsOf(error), retryable: true, cause: error });
}
