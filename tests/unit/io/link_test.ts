import { assert, assertEquals, assertRejects } from "@std/assert";
import { Agenda } from "../../../src/io/agenda.ts";
import { Link, type LinkOwner } from "../../../src/io/link.ts";
import type { SocketEnd } from "../../../src/io/socket.ts";
import type { SendData } from "../../../src/options.ts";
import { FakeSocket } from "../../support/fake_socket.ts";
import type { RuntimeName } from "../../support/runtime_profile.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";
import { observe } from "../../support/virtual_pool.ts";

const RUNTIMES: RuntimeName[] = ["deno", "node", "bun", "chromium"];
const NEVER = new AbortController().signal;
const POLICY = { interval: 1_000, timeout: 400, maxSilence: Infinity };

/** Keeps what a link tells its owner. */
class Owner implements LinkOwner {
  isLeased = true;
  ping: SendData | undefined = undefined;
  readonly log: string[] = [];
  readonly ends: SocketEnd[] = [];

  get hasPing(): boolean {
    return this.ping !== undefined;
  }

  linkReceived(data: unknown): void {
    this.log.push(`received ${data}`);
  }

  linkReceivedLate(): void {
    this.log.push("late");
  }

  linkClosed(end: SocketEnd): void {
    this.log.push("closed");
    this.ends.push(end);
  }

  linkSilent(silence: number): void {
    this.log.push(`silent ${silence}`);
  }

  makePing(): SendData | undefined {
    return this.ping;
  }
}

interface Rig {
  readonly clock: VirtualClock;
  readonly owner: Owner;
  readonly agenda: Agenda;
  readonly link: Link;
}

function createRig(ping?: string): Rig {
  const clock = new VirtualClock();
  const nothing = { nextAt: Infinity, advance() {}, stalled() {} };
  const owner = new Owner();
  owner.ping = ping;
  const agenda = new Agenda(clock, nothing);
  return { clock, owner, agenda, link: new Link(owner) };
}

/** Opens a socket for the link. */
async function open(link: Link, runtime: RuntimeName): Promise<FakeSocket> {
  const socket = new FakeSocket("wss://h.example/", { runtime });
  const opened = link.connect(socket, NEVER);
  socket.open();
  await opened;
  return socket;
}

Deno.test("4.5 over one socket after another: each is opened, heard and ended by itself", async () => {
  for (const runtime of RUNTIMES) {
    const { link, owner } = createRig();
    assertEquals([link.isOpen, link.isClosed], [false, true]);
    const first = await open(link, runtime);
    assertEquals([link.isOpen, link.isClosed, link.end], [
      true,
      false,
      undefined,
    ]);
    first.message("1");
    first.reset();
    assertEquals([link.isOpen, link.isClosed, link.end?.code], [
      false,
      true,
      1006,
    ]);
    const second = await open(link, runtime);
    second.message("2");
    link.transmit("hello");
    assertEquals([first.sent, second.sent], [[], ["hello"]]);
    second.peerClose(1001);
    assertEquals(owner.log, ["received 1", "closed", "received 2", "closed"]);
    assertEquals(owner.ends.map(({ code }) => code), [1006, 1001]);
  }
});

Deno.test("4.9 F58 the end is known that a socket tells while it is listened to, be it of no use then", async () => {
  for (const runtime of RUNTIMES) {
    const { link, owner } = createRig();
    const socket = new FakeSocket("wss://h.example/", { runtime });
    Object.defineProperty(socket, "binaryType", {
      set() {
        socket.peerClose(1_008);
        throw new Error("not supported");
      },
    });
    await assertRejects(() => link.connect(socket, NEVER));
    assertEquals(owner.ends.map(({ code }) => code), [1_008]);
    assertEquals([link.end?.code, link.isClosed], [1_008, true]);
  }
});

Deno.test("4.5 a socket that closes before it is open rejects the opening", async () => {
  for (const runtime of RUNTIMES) {
    const { link, owner } = createRig();
    const socket = new FakeSocket("wss://h.example/", { runtime });
    const opened = link.connect(socket, NEVER);
    socket.fail();
    await assertRejects(() => opened);
    assertEquals(owner.log, ["closed"]);
  }
});

Deno.test("4.7 an opening that is given up rejects with the reason, be it before it begins", async () => {
  const { link } = createRig();
  const reason = new Error("given up");
  const opened = link.connect(new FakeSocket("wss://h/"), NEVER);
  link.giveUp(reason);
  assertEquals(await assertRejects(() => opened), reason);
  const abort = new AbortController();
  // As a factory may do while it makes the socket.
  abort.abort(reason);
  const late = link.connect(new FakeSocket("wss://h/"), abort.signal);
  assertEquals(await assertRejects(() => late), reason);
});

Deno.test("4.6 message pings at the interval; a silent peer is told once, and then nothing is due", async () => {
  for (const runtime of RUNTIMES) {
    const { link, owner, clock, agenda } = createRig("ping");
    const socket = await open(link, runtime);
    link.startPulse(agenda, POLICY);
    await clock.advance(1_000);
    assertEquals([socket.sent, socket.pings], [["ping"], []]);
    socket.message("pong");
    link.ponged();
    await clock.advance(1_399);
    assertEquals(owner.log, ["received pong"]);
    await clock.advance(1);
    assertEquals(owner.log.length, 2);
    assert(owner.log[1]?.startsWith("silent "));
    assertEquals(clock.pending, 0);
  }
});

Deno.test("4.6 frame pings where the socket has them and the application has none", async () => {
  const { link, owner, clock, agenda } = createRig();
  const socket = await open(link, "bun");
  assertEquals(link.canPing, true);
  link.startPulse(agenda, POLICY);
  await clock.advance(5_000);
  assertEquals(socket.pings.length, 5);
  assertEquals([owner.log, link.latency?.last], [[], 0]);
  socket.answersPing = false;
  await clock.advance(2_000);
  assertEquals(owner.log.length, 1);
});

Deno.test("4.6 latency: from ping to pong, last and mean over all sockets; an unasked pong has none", async () => {
  const { link, clock, agenda } = createRig("ping");
  let socket = await open(link, "deno");
  link.startPulse(agenda, POLICY);
  link.ponged();
  assertEquals(link.latency, undefined);
  for (const latency of [100, 300]) {
    await clock.advance(1_000 - (clock.time % 1_000));
    await clock.advance(latency);
    socket.message("pong");
    link.ponged();
    await clock.advance(50);
    link.ponged();
    assertEquals(link.latency?.last, latency);
  }
  assertEquals(link.latency, { last: 300, mean: 200 });
  socket.reset();
  socket = await open(link, "deno");
  assertEquals(link.latency, { last: 300, mean: 200 });
});

Deno.test("4.7 close, loss and leaving each end the heartbeat", async () => {
  const ends: ((link: Link, socket: FakeSocket) => void)[] = [
    (link) => link.close(1000, ""),
    (_, socket) => socket.reset(),
    (link) => void link.leave(() => {}),
  ];
  for (const end of ends) {
    const { link, clock, owner, agenda } = createRig("ping");
    const socket = await open(link, "deno");
    link.startPulse(agenda, POLICY);
    end(link, socket);
    await clock.advance(10_000);
    assertEquals([socket.sent, clock.pending], [[], 0]);
    assertEquals(owner.log.filter((word) => word.startsWith("silent")), []);
  }
});

Deno.test("4.11 F31 a socket left behind reports its end to whoever took it over; to the owner only that a message came too late", async () => {
  for (const runtime of RUNTIMES) {
    const { link, owner, clock } = createRig();
    const old = await open(link, runtime);
    old.answersClose = false;
    const ended: unknown[] = [];
    const lingering = link.leave((socket) => ended.push(socket));
    assert(lingering !== undefined);
    lingering.close(1000);
    assertEquals([link.isClosed, link.isOpen], [true, false]);
    const next = await open(link, runtime);
    // Some runtimes go on delivering after `close`.
    const late = old.message("too late") ? ["late"] : [];
    assertEquals(ended, []);
    old.reset();
    assertEquals(ended, [lingering]);
    assertEquals(owner.log, late);
    assertEquals(link.isOpen, true);
    assertEquals(old.listenerCount(), 0);
    next.message("1");
    await clock.settle();
    assertEquals(owner.log, [...late, "received 1"]);
  }
});

Deno.test("4.11 there is nothing to leave behind of a socket that is closed, or of none", async () => {
  const { link } = createRig();
  const onEnd = () => {};
  assertEquals(link.leave(onEnd), undefined);
  const socket = await open(link, "deno");
  socket.reset();
  assertEquals(link.leave(onEnd), undefined);
});

Deno.test("4.6 a probe: any message, a frame's pong or the end answers it; the abort says no", async () => {
  const answers: [string, (socket: FakeSocket) => void, boolean][] = [
    ["message", (socket) => void socket.message("anything"), true],
    ["end", (socket) => socket.reset(), false],
  ];
  for (const [name, answer, expected] of answers) {
    const { link, clock } = createRig("ping");
    const socket = await open(link, "deno");
    const abort = new AbortController();
    const probe = observe(link.probe(abort.signal));
    assertEquals(socket.sent, ["ping"]);
    await clock.settle();
    assertEquals(probe.state, "pending", name);
    answer(socket);
    await clock.settle();
    assertEquals(probe.value, expected, name);
  }
  const { link, clock } = createRig();
  const socket = await open(link, "bun");
  assertEquals(await link.probe(new AbortController().signal), true);
  socket.answersPing = false;
  const abort = new AbortController();
  const probe = observe(link.probe(abort.signal));
  await clock.settle();
  assertEquals(probe.state, "pending");
  abort.abort();
  await clock.settle();
  assertEquals(probe.value, false);
});

Deno.test("4.6 a ping that the socket refuses to send is no crash: the silence will tell", async () => {
  const { link, owner, clock, agenda } = createRig("ping");
  const socket = await open(link, "deno");
  link.startPulse(agenda, POLICY);
  socket.nextSendError = new TypeError("no");
  await clock.advance(1_400);
  assertEquals(owner.log.length, 1);
  assert(owner.log[0]?.startsWith("silent "));
});

Deno.test("4.6 nobody is pinged while nobody holds the connection", async () => {
  const { link, owner, clock, agenda } = createRig("ping");
  const socket = await open(link, "deno");
  owner.isLeased = false;
  link.startPulse(agenda, POLICY);
  await clock.advance(10_000);
  assertEquals([socket.sent, owner.log], [[], []]);
  owner.isLeased = true;
  await clock.advance(1_000);
  assertEquals(socket.sent, ["ping"]);
});

Deno.test("4.9 F58 a socket that opens, or ends, while it is being listened to is heard", async () => {
  for (const outcome of ["open", "close"] as const) {
    const { link, owner } = createRig();
    const raw = new FakeSocket("wss://h/");
    const listen = raw.addEventListener.bind(raw);
    raw.addEventListener = (
      ...list: Parameters<FakeSocket["addEventListener"]>
    ) => {
      listen(...list);
      if (list[0] !== "close") return;
      if (outcome === "open") raw.open();
      else raw.dispatchEvent(new CloseEvent("close"));
    };
    const opened = observe(link.connect(raw, NEVER));
    await undefined;
    await undefined;
    assertEquals(opened.state, outcome === "open" ? "fulfilled" : "rejected");
    assertEquals(owner.ends.length, outcome === "open" ? 0 : 1);
  }
});
