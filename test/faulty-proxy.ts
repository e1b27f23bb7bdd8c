import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** What a connection suffers, and after how many bytes of the server's answers. */
export interface ConnectionFault {
  after: number;
  /**
   * `cut`: the connection is closed. `reset`: with an RST. `silence`: nothing more comes. `garble`: all bytes from there
   * on are other ones.
   */
  kind: "cut" | "reset" | "silence" | "garble";
  /** What garbling makes of bytes. @defaultValue every brace is a bracket, which is no JSON any more */
  garbled?: (bytes: Buffer) => Buffer;
}

const bracesAsBrackets = (bytes: Buffer): Buffer => Buffer.from(bytes.map((byte) => (byte === 0x7b ? 0x5b : byte)));

/** Stands between a client and a server, and breaks connections as it is told. */
export class FaultyProxy {
  url = "";
  /** Connections so far. */
  connections = 0;
  readonly #target: URL;
  #faultOf: (connection: number) => ConnectionFault | undefined = () => undefined;
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((client) => this.#serve(client));

  constructor(target: string) {
    this.#target = new URL(target);
  }

  /** From now on connections suffer. Those that are open are closed. @param faultOf is asked for each, counted from 0. */
  arm(faultOf: (connection: number) => ConnectionFault | undefined): void {
    this.#faultOf = faultOf;
    this.connections = 0;
    for (const socket of this.#sockets) socket.destroy();
  }

  async start(port = 0): Promise<this> {
    await new Promise<void>((resolve) => void this.#server.listen(port, "127.0.0.1", resolve));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return this;
  }

  /** Cuts everything, and takes no more connections. */
  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.resetAndDestroy();
    await new Promise<void>((resolve) => void this.#server.close(() => resolve()));
  }

  #serve(client: Socket): void {
    const fault = this.#faultOf(this.connections);
    this.connections += 1;
    const upstream = connect(Number(this.#target.port), this.#target.hostname);
    hold(this.#sockets, [client, upstream], () => {
      client.destroy();
      upstream.destroy();
    });
    client.pipe(upstream);
    let passed = 0;
    upstream.on("data", (chunk: Buffer) => {
      if (fault === undefined) return void client.write(chunk);
      const left = Math.max(0, fault.after - passed);
      passed += chunk.length;
      client.write(chunk.subarray(0, left));
      if (chunk.length > left) suffer(fault, client, chunk.subarray(left));
    });
    upstream.on("end", () => client.end());
  }
}

function suffer({ kind, garbled = bracesAsBrackets }: ConnectionFault, client: Socket, rest: Buffer): void {
  if (kind === "cut") client.destroySoon();
  else if (kind === "reset") client.resetAndDestroy();
  else if (kind === "garble") client.write(garbled(rest));
}

/** Keeps sockets in a set while they are open. @param onClose is called for each that closes; errors are no news. */
export function hold(held: Set<Socket>, sockets: readonly Socket[], onClose: () => void): void {
  for (const socket of sockets) {
    socket.setNoDelay(true);
    held.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => {
      held.delete(socket);
      onClose();
    });
  }
}
