import { isRecord } from "../../src/engine/wire/json-path.ts";

/** One event of an answer that has tokens: its fields, under whichever names the server has for them. */
export class TokenEvent {
  readonly #event: Record<string, unknown>;
  /** The object that holds the ids and the text. */
  readonly #part: Record<string, unknown>;
  readonly #idsName: "token_ids" | "output_ids";

  private constructor(event: Record<string, unknown>, part: Record<string, unknown>, idsName: TokenEvent["idsName"]) {
    this.#event = event;
    this.#part = part;
    this.#idsName = idsName;
  }

  /** Undefined for events without tokens, such as counts, errors and `[DONE]`. */
  static parse(data: string): TokenEvent | undefined {
    if (!data.startsWith("{")) return undefined;
    const event: unknown = JSON.parse(data);
    if (!isRecord(event)) return undefined;
    if ("output_ids" in event) return new TokenEvent(event, event, "output_ids");
    const choices: unknown = event["choices"];
    const part: unknown = Array.isArray(choices) ? choices[0] : undefined;
    return isRecord(part) ? new TokenEvent(event, part, "token_ids") : undefined;
  }

  get idsName(): "token_ids" | "output_ids" {
    return this.#idsName;
  }

  get json(): string {
    return JSON.stringify(this.#event);
  }

  /** Its tokens. On SGLang's own route also those of the events before it. */
  get ids(): unknown {
    return this.#part[this.#idsName];
  }

  get text(): string {
    const text = this.#part["text"];
    return typeof text === "string" ? text : "";
  }

  get finish(): unknown {
    const meta = this.#event["meta_info"];
    return isRecord(meta) ? meta["finish_reason"] : this.#part["finish_reason"];
  }

  /** The id that ended the call, where the server says it. */
  get stopId(): number | undefined {
    const { finish } = this;
    const native = isRecord(finish) ? finish["matched"] : undefined;
    const id = native ?? this.#part["stop_reason"] ?? this.#part["matched_stop"];
    return typeof id === "number" ? id : undefined;
  }

  /** The same with other last ids. Undefined: without the field. */
  withIds(last: readonly number[] | undefined): string {
    const { ids } = this;
    const before = this.#idsName === "output_ids" && Array.isArray(ids) ? (ids.slice(0, -1) as number[]) : [];
    this.#part[this.#idsName] = last === undefined ? undefined : [...before, ...last];
    return this.json;
  }

  withText(text: string): string {
    this.#part["text"] = text;
    return this.json;
  }

  withFinish(reason: string | null): string {
    const meta = this.#event["meta_info"];
    if (isRecord(meta)) meta["finish_reason"] = reason === null ? null : { type: reason };
    else this.#part["finish_reason"] = reason;
    return this.json;
  }
}
