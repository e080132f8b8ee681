import type { SocketEnd, SocketOwner } from "../../src/io/socket.ts";

/** Hears what a socket tells its owner, and keeps it. */
export class RecordingOwner implements SocketOwner {
  readonly log: string[] = [];
  readonly data: unknown[] = [];
  readonly ends: SocketEnd[] = [];
  onClosed: () => void = () => {};

  socketOpened(): void {
    this.log.push("opened");
  }

  socketReceived(data: unknown): void {
    this.log.push("received");
    this.data.push(data);
  }

  socketReceivedLate(): void {
    this.log.push("late");
  }

  socketPonged(): void {
    this.log.push("ponged");
  }

  socketClosed(end: SocketEnd): void {
    this.log.push("closed");
    this.ends.push(end);
    this.onClosed();
  }
}
