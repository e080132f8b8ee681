import { FakeSocket, type SendData } from "../support/fake_socket.ts";

/** What `onOpen` sends first, so that a socket is known to belong to a connection. */
export function introduction(connectionId: number): string {
  return `connection ${connectionId}`;
}

/** A socket that knows whose it is, and tells when it is closed by the pool. */
export class RaceSocket extends FakeSocket {
  /** The number of its connection, once `onOpen` has begun. */
  connectionId: number | undefined;
  onClose: () => void = () => {};

  override send(data: SendData): void {
    super.send(data);
    if (typeof data !== "string") return;
    const [word, id] = data.split(" ");
    if (word === "connection") this.connectionId = Number(id);
  }

  override close(code?: number, reason?: string): void {
    super.close(code, reason);
    this.onClose();
  }

  get isOpen(): boolean {
    return this.readyState === WebSocket.OPEN;
  }

  /** Whether its handshake is under way and nobody has given it up. */
  get isDialling(): boolean {
    return this.readyState === WebSocket.CONNECTING &&
      this.closeCalls.length === 0;
  }
}
