/** Counts of messages and bytes, for one connection or a whole pool. */
export class Traffic {
  messagesSent = 0;
  messagesReceived = 0;
  messagesDropped = 0;
  bytesSent = 0;
  bytesReceived = 0;

  countSent(size: number): void {
    this.messagesSent++;
    this.bytesSent += size;
  }

  countReceived(size: number): void {
    this.messagesReceived++;
    this.bytesReceived += size;
  }
}
