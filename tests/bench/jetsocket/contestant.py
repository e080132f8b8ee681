"""One contestant's process for JetSocket: measures one case, prints the figures.

As contestant.ts does for the others: it warms up, is measured in turns, and
prints nanoseconds for one operation of each run as JSON.
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable

from jetsocket.pool import ConnectionPool, ConnectionPoolConfig, PooledConnection

CONNECTIONS = 10
MESSAGE = "x" * 100
# As FULL of meter.ts has them, in seconds; nothing is compiled meanwhile.
RUN, WARM_UP, SAMPLES, LIMIT = 0.02, 0.3, 11, 3.0

CLOCKS: dict[str, Callable[[], float]] = {
    "wall": time.perf_counter,
    "cpu": time.process_time,
}

Work = Callable[[int], Awaitable[None]]


async def next_turn() -> None:
    """Ends the turn under way, and waits for the next; timers go on."""
    print(json.dumps({"turn": "over"}, separators=(",", ":")), flush=True)
    await asyncio.to_thread(sys.stdin.readline)


async def measure(clock: str, work: Work, operations: int = 1) -> list[float]:
    """The time of one operation in each run, in ns."""
    now = CLOCKS[clock]

    async def run(count: int) -> float:
        began = now()
        await work(count)
        return now() - began

    began = time.perf_counter()
    rounds = 1
    took = await run(rounds)
    while took < RUN or time.perf_counter() - began < WARM_UP:
        if took < RUN:
            rounds *= 2
        took = await run(rounds)
    runs: list[float] = []
    spent = 0.0
    while len(runs) < SAMPLES and spent < LIMIT:
        await next_turn()
        began = time.perf_counter()
        runs.append(await run(rounds) * 1e9 / rounds / operations)
        spent += time.perf_counter() - began
    return runs


def create_pool(size: int) -> ConnectionPool[str]:
    return ConnectionPool(
        ConnectionPoolConfig(max_connections=size, acquire_timeout=600.0),
        manager_kwargs={
            "serializer": lambda text: text.encode(),
            "deserializer": lambda data: data.decode(),
        },
    )


async def lease(pool: ConnectionPool[str], url: str) -> list[PooledConnection[str]]:
    return [await pool.acquire(url) for _ in range(CONNECTIONS)]


async def pair(server: str, clock: str) -> list[float]:
    url = f"{server}/echo"
    pool = create_pool(CONNECTIONS)
    for held in await lease(pool, url):
        await held.release()

    async def pairs(count: int) -> None:
        for _ in range(count):
            held = await pool.acquire(url)
            await held.release()

    runs = await measure(clock, pairs)
    await pool.close()
    return runs


async def hand_off(server: str, clock: str, waiters: int) -> list[float]:
    url = f"{server}/echo"
    pool = create_pool(CONNECTIONS)
    for held in await lease(pool, url):
        await held.release()

    async def wait() -> None:
        held = await pool.acquire(url)
        await held.release()

    async def drain(count: int) -> None:
        for _ in range(count):
            leases = await lease(pool, url)
            waiting = [asyncio.ensure_future(wait()) for _ in range(waiters)]
            # Every waiter is in the queue before the first is served.
            await asyncio.sleep(0)
            for held in leases:
                await held.release()
            await asyncio.gather(*waiting)

    runs = await measure(clock, drain, waiters)
    await pool.close()
    return runs


async def receive(server: str, clock: str) -> list[float]:
    burst = 50_000
    pool = create_pool(1)
    held = await pool.acquire(f"{server}/text/100")

    async def bursts(count: int) -> None:
        for _ in range(count):
            await held.send(str(burst))
            for _ in range(burst):
                message = await held.recv()
            assert message == MESSAGE

    runs = await measure(clock, bursts, burst)
    await held.release()
    await pool.close()
    return runs


async def echo(server: str, clock: str, connections: int) -> list[float]:
    pool = create_pool(connections)
    leases = [await pool.acquire(f"{server}/echo") for _ in range(connections)]

    async def trips(held: PooledConnection[str], count: int) -> None:
        for _ in range(count):
            await held.send(MESSAGE)
            assert await held.recv() == MESSAGE

    async def all_trips(count: int) -> None:
        await asyncio.gather(*(trips(held, count) for held in leases))

    runs = await measure(clock, all_trips, connections)
    for held in leases:
        await held.release()
    await pool.close()
    return runs


def main() -> None:
    order = json.loads(sys.argv[1])
    server, clock = order["server"], order["clock"]
    name, _, size = order["case"].partition("/")
    work = {
        "pair": lambda: pair(server, clock),
        "handoff": lambda: hand_off(server, clock, int(size)),
        "receive": lambda: receive(server, clock),
        "echo": lambda: echo(server, clock, int(size)),
    }[name]
    print(json.dumps({"runs": asyncio.run(work())}))


main()
