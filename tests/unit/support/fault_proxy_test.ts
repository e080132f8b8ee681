import { assert, assertEquals } from "@std/assert";
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import {
  blackhole,
  fin,
  type Flow,
  latency,
  limitRate,
  limitTotal,
  pass,
  rst,
  slice,
} from "../../support/fault_flow.ts";
import { type Direction, FaultProxy } from "../../support/fault_proxy.ts";
import { Watch } from "../../support/watch.ts";

/** One end of a TCP connection, with what reached it written down. */
class End {
  readonly socket: Socket;
  /** The sizes of what was read at once. */
  readonly reads: number[] = [];
  text = "";
  end: "none" | "fin" | "rst" = "none";
  readonly #watch = new Watch();

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (bytes: Uint8Array) => {
      this.text += new TextDecoder().decode(bytes);
      this.reads.push(bytes.length);
      this.#watch.changed();
    });
    socket.on("end", () => this.#ended("fin"));
    socket.on("error", () => this.#ended("rst"));
  }

  until(condition: () => boolean): Promise<void> {
    return this.#watch.until(condition);
  }

  #ended(end: "fin" | "rst"): void {
    this.end = end;
    this.#watch.changed();
  }
}

/** A connection through a proxy, with both its ends at hand. */
class Path implements AsyncDisposable {
  readonly proxy: FaultProxy;
  readonly ends: Readonly<Record<Direction, { from: End; to: End }>>;
  readonly client: End;
  readonly server: End;
  readonly #listener: Server;

  private constructor(
    proxy: FaultProxy,
    listener: Server,
    client: End,
    server: End,
  ) {
    this.proxy = proxy;
    this.client = client;
    this.server = server;
    this.#listener = listener;
    this.ends = {
      toServer: { from: client, to: server },
      toClient: { from: server, to: client },
    };
  }

  static async open(): Promise<Path> {
    const listener = createServer({ allowHalfOpen: true }, (socket) => {
      // A second connection has no `End` to hear its reset.
      socket.on("error", () => {});
    });
    listener.listen(0, "127.0.0.1");
    await once(listener, "listening");
    const proxy = await FaultProxy.start(portOf(listener));
    const accepted = once(listener, "connection");
    const client = new End(dial(proxy.port));
    const [socket] = await accepted;
    return new Path(proxy, listener, client, new End(socket));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.socket.destroy();
    this.server.socket.destroy();
    await this.proxy[Symbol.asyncDispose]();
    const closed = once(this.#listener, "close");
    this.#listener.close();
    await closed;
  }
}

function portOf(listener: Server): number {
  const address = listener.address();
  assert(typeof address === "object" && address !== null);
  return address.port;
}

function dial(port: number): Socket {
  return connect({ port, host: "127.0.0.1", allowHalfOpen: true });
}

const DIRECTIONS: readonly Direction[] = ["toServer", "toClient"];

function opposite(direction: Direction): Direction {
  return direction === "toServer" ? "toClient" : "toServer";
}

for (const direction of DIRECTIONS) {
  Deno.test(`FaultProxy passes bytes and FIN ${direction}`, async () => {
    await using path = await Path.open();
    const { from, to } = path.ends[direction];
    from.socket.write("hello");
    await to.until(() => to.text === "hello");
    from.socket.end("bye");
    await to.until(() => to.end === "fin");
    assertEquals(to.text, "hellobye");
    // Half-open: the other direction still works.
    to.socket.write("late");
    await from.until(() => from.text === "late");
    assertEquals(from.end, "none");
  });

  Deno.test(`FaultProxy passes a reset ${direction}`, async () => {
    await using path = await Path.open();
    const { from, to } = path.ends[direction];
    from.socket.write("hello");
    await to.until(() => to.text === "hello");
    from.socket.resetAndDestroy();
    await to.until(() => to.end === "rst");
  });

  Deno.test(`FaultProxy blackhole ${direction}: nothing passes, not even the end, until it is over`, async () => {
    await using path = await Path.open();
    const { from, to } = path.ends[direction];
    path.proxy.set(blackhole, direction);
    from.socket.end("held");
    // The other way nothing is held up: so often that the above had its time.
    for (const text of ["1", "12", "123", "1234"]) {
      to.socket.write(text.slice(-1));
      await from.until(() => from.text === text);
    }
    assertEquals([to.text, to.end], ["", "none"]);
    path.proxy.set(pass, direction);
    await to.until(() => to.end === "fin");
    assertEquals(to.text, "held");
  });

  const endings: readonly [string, Flow][] = [["rst", rst], ["fin", fin]];
  for (const [ending, flow] of endings) {
    Deno.test(`FaultProxy ${ending} ${direction}: for connections that are up and for new ones`, async () => {
      await using path = await Path.open();
      const { from, to } = path.ends[direction];
      path.proxy.set(flow, direction);
      await to.until(() => to.end === ending);
      from.socket.write("nobody hears it");
      if (direction === "toServer") return;
      const next = new End(dial(path.proxy.port));
      await next.until(() => next.end === ending);
      next.socket.destroy();
    });
  }

  Deno.test(`FaultProxy latency ${direction}: everything comes later, in order`, async () => {
    await using path = await Path.open();
    const { from, to } = path.ends[direction];
    path.proxy.set(latency(60), direction);
    const began = performance.now();
    from.socket.write("a");
    from.socket.end("b");
    await to.until(() => to.end === "fin");
    const took = performance.now() - began;
    assertEquals(to.text, "ab");
    assert(took >= 59 && took < 5_000, `it took ${took} ms`);
  });

  Deno.test(`FaultProxy slice ${direction}: bytes come in pieces`, async () => {
    await using path = await Path.open();
    const { from, to } = path.ends[direction];
    path.proxy.set(slice(2, 15), direction);
    const began = performance.now();
    from.socket.write("dribble");
    await to.until(() => to.text === "dribble");
    const took = performance.now() - began;
    // A reader that was held up finds several pieces at once.
    assert(to.reads.length > 1, `pieces of ${to.reads}`);
    assert(took >= 44 && took < 5_000, `it took ${took} ms`);
  });

  Deno.test(`FaultProxy limit ${direction}: a rate, and a total after which nothing passes`, async () => {
    await using path = await Path.open();
    const { from, to } = path.ends[direction];
    path.proxy.set(limitRate(1_000), direction);
    const began = performance.now();
    from.socket.write("x".repeat(100));
    await to.until(() => to.text.length === 100);
    const took = performance.now() - began;
    assert(took >= 79 && took < 5_000, `it took ${took} ms`);

    path.proxy.set(limitTotal(3), direction);
    from.socket.write("abcdef");
    await to.until(() => to.text.endsWith("abc"));
    to.socket.write("through");
    await from.until(() => from.text === "through");
    assertEquals(to.text.slice(100), "abc");
    path.proxy.set(pass, direction);
    await to.until(() => to.text.endsWith("abcdef"));
  });

  Deno.test(`FaultProxy ${direction}: a fault there leaves the other direction alone`, async () => {
    await using path = await Path.open();
    const { from, to } = path.ends[opposite(direction)];
    for (const flow of [blackhole, latency(1_000), limitTotal(1)]) {
      path.proxy.set(flow, direction);
      to.text = "";
      from.socket.write("through");
      await to.until(() => to.text === "through");
    }
  });
}

Deno.test("FaultProxy refuse: new connections are refused, those there are stay", async () => {
  await using path = await Path.open();
  const { client, server, proxy } = path;
  proxy.refuse();
  const refused = new End(dial(proxy.port));
  await refused.until(() => refused.end === "rst");
  client.socket.write("still");
  await server.until(() => server.text === "still");
  assertEquals([proxy.total, proxy.established], [1, 1]);
  const { port } = proxy;
  await proxy.admit();
  assertEquals(proxy.port, port);
  const again = dial(port);
  await proxy.until(() => proxy.maxEstablished === 2);
  again.destroy();
  await proxy.until(() => proxy.established === 1);
  assertEquals([proxy.total, proxy.maxEstablished], [2, 2]);
});

Deno.test("FaultProxy: a server that is not there resets the client", async () => {
  const listener = createServer();
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const port = portOf(listener);
  const closed = once(listener, "close");
  listener.close();
  await closed;
  await using proxy = await FaultProxy.start(port);
  const client = new End(dial(proxy.port));
  await client.until(() => client.end === "rst");
  await proxy.until(() => proxy.established === 0);
});
