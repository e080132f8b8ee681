/** The runtime's own `WebSocket`, with what it raised written down. */
export class RealClient {
  readonly socket: WebSocket;
  /** `open`, `message <text>`, `error`, `close <code> <wasClean>`. */
  readonly events: string[] = [];
  /** The text of the last `error` event. */
  errorText = "";
  readonly opened: Promise<void>;
  readonly ended: Promise<void>;

  constructor(url: string, protocols: string[] = []) {
    const opened = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    this.opened = opened.promise;
    this.ended = ended.promise;
    this.socket = new WebSocket(url, protocols);
    this.socket.binaryType = "arraybuffer";
    this.socket.addEventListener("open", () => {
      this.events.push("open");
      opened.resolve();
    });
    this.socket.addEventListener("message", ({ data }) => {
      const shown = typeof data === "string"
        ? data
        : `${data.byteLength} bytes`;
      this.events.push(`message ${shown}`);
    });
    this.socket.addEventListener("error", (event) => {
      this.events.push("error");
      if (event instanceof ErrorEvent) this.errorText = event.message;
    });
    this.socket.addEventListener("close", ({ code, wasClean }) => {
      this.events.push(`close ${code} ${wasClean}`);
      ended.resolve();
    });
  }
}
