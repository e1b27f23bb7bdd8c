import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { hold } from "../faulty-proxy.ts";

/** What one answer suffers on its way from the server to the client. */
export type LineFault =
  /** The request gets no answer: the connection is reset or closed, or nothing comes. */
  | { kind: "unanswered"; how: Break }
  /** After so many events and so many bytes of the next one. */
  | { kind: "inEvent"; events: number; bytes: number; how: Break }
  /** After the first byte of the first character that has several. */
  | { kind: "inCharacter"; how: Break }
  /** An event comes without its field name, so readers have to leave it out. */
  | { kind: "nameless"; events: number }
  /** Nothing is lost, but the bytes come a few at a time. */
  | { kind: "dribble" };

export type Break = "reset" | "close" | "silence";

export interface LineRequest {
  path: string;
  headers: ReadonlyMap<string, string>;
  body: string;
}

/** The fault of a request, and what to do when it strikes. */
export interface Suffering {
  fault: LineFault;
  strikes: () => void;
}

/** Stands between clients and a server, reads the requests, and hurts single answers: other calls of the server go on. */
export class Line implements AsyncDisposable {
  url = "";
  readonly #target: URL;
  readonly #faultOf: (request: LineRequest) => Suffering | undefined;
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((client) => this.#serve(client));

  /** @param faultOf is asked for each request when it has come whole. */
  constructor(target: string, faultOf: (request: LineRequest) => Suffering | undefined) {
    this.#target = new URL(target);
    this.#faultOf = faultOf;
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => void this.#server.listen(0, "127.0.0.1", resolve));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => void this.#server.close(() => resolve()));
  }

  #serve(client: Socket): void {
    const upstream = connect(Number(this.#target.port), this.#target.hostname);
    let answer = new AnswerOnLine(client, undefined);
    hold(this.#sockets, [client, upstream], () => {
      upstream.destroy();
      // One that is silent stays silent, whatever the server does.
      if (!answer.isBroken) client.destroy();
    });
    let asked = Buffer.alloc(0);
    client.on("data", (chunk: Buffer) => {
      asked = Buffer.concat([asked, chunk]);
      const request = wholeRequest(asked);
      if (request === undefined) return;
      answer = new AnswerOnLine(client, this.#faultOf(request));
      if (!answer.isBroken) upstream.write(asked);
      asked = Buffer.alloc(0);
    });
    upstream.on("data", (chunk: Buffer) => answer.pass(chunk));
    upstream.on("end", () => {
      if (!answer.isBroken) client.end();
    });
  }
}

/** One answer on its way. */
class AnswerOnLine {
  /** Whether nothing passes any more. */
  isBroken = false;
  readonly #client: Socket;
  readonly #suffering: Suffering | undefined;
  #came = Buffer.alloc(0);
  #passed = 0;
  #isOver = false;

  constructor(client: Socket, suffering: Suffering | undefined) {
    this.#client = client;
    this.#suffering = suffering;
    if (suffering?.fault.kind === "unanswered") this.#break(suffering.fault.how);
  }

  pass(chunk: Buffer): void {
    const fault = this.#suffering?.fault;
    if (this.isBroken || this.#client.destroyed) return;
    if (fault === undefined || this.#isOver) return void this.#client.write(chunk);
    if (fault.kind === "dribble") return this.#dribble(chunk);
    this.#came = Buffer.concat([this.#came, chunk]);
    const at = placeOf(fault, this.#came);
    if (at === undefined) return this.#passTo(this.#came.length);
    if (fault.kind === "nameless") {
      this.#strike();
      this.#came.write("x", at);
      return this.#passTo(this.#came.length);
    }
    this.#passTo(at);
    if (fault.kind !== "unanswered") this.#break(fault.how);
  }

  #passTo(end: number): void {
    if (end > this.#passed) this.#client.write(this.#came.subarray(this.#passed, end));
    this.#passed = Math.max(this.#passed, end);
  }

  #dribble(chunk: Buffer): void {
    this.#strike();
    this.#isOver = false;
    for (let at = 0; at < chunk.length; at += 7) this.#client.write(chunk.subarray(at, at + 7));
  }

  #break(how: Break): void {
    this.#strike();
    this.isBroken = true;
    if (how === "reset") this.#client.resetAndDestroy();
    else if (how === "close") this.#client.destroySoon();
  }

  #strike(): void {
    this.#isOver = true;
    this.#suffering?.strikes();
  }
}

/** Where in an answer its fault strikes. Undefined: not in what has come so far. */
function placeOf(fault: LineFault, came: Buffer): number | undefined {
  const body = came.indexOf("\r\n\r\n");
  if (body < 0) return undefined;
  if (fault.kind === "inCharacter") {
    const at = came.subarray(body).findIndex((byte) => byte >= 0xc0);
    return at < 0 ? undefined : body + at + 1;
  }
  if (fault.kind !== "inEvent" && fault.kind !== "nameless") return undefined;
  let at = came.indexOf("data: {", body);
  for (let n = 0; n < fault.events && at >= 0; n += 1) at = came.indexOf("data: {", at + 1);
  if (at < 0) return undefined;
  return fault.kind === "nameless" ? at : Math.min(at + fault.bytes, came.length);
}

function wholeRequest(bytes: Buffer): LineRequest | undefined {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const [first = "", ...lines] = bytes.subarray(0, end).toString("latin1").split("\r\n");
  const headers = new Map(lines.map((line) => pairOf(line)));
  const body = bytes.subarray(end + 4);
  if (body.length < Number(headers.get("content-length") ?? 0)) return undefined;
  return { path: first.split(" ")[1] ?? "", headers, body: body.toString() };
}

function pairOf(line: string): [string, string] {
  const colon = line.indexOf(":");
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}
