"""One contestant's process for JetSocket: measures one case, prints the figure.

As contestant.ts does for the others: it warms up, takes the median of several
runs, and prints nanoseconds for one operation as JSON.
"""

import asyncio
import json
import statistics
import sys
import time
from collections.abc import Awaitable, Callable

from jetsocket.pool import ConnectionPool, ConnectionPoolConfig, PooledConnection

CONNECTIONS = 10
MESSAGE = "x" * 100
# As Meter.FULL has them, in seconds.
RUN, WARM_UP, SAMPLES, LIMIT = 0.05, 0.3, 5, 5.0

CLOCKS: dict[str, Callable[[], float]] = {
    "wall": time.perf_counter,
    "cpu": time.process_time,
}

Work = Callable[[int], Awaitable[None]]


async def measure(clock: str, work: Work, operations: int = 1) -> float:
    """The median time of one operation, in ns."""
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
    figures = [await run(rounds)]
    while len(figures) < SAMPLES and time.perf_counter() - began < LIMIT:
        figures.append(await run(rounds))
    return statistics.median(figures) * 1e9 / rounds / operations


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


async def pair(server: str, clock: str) -> float:
    url = f"{server}/echo"
    pool = create_pool(CONNECTIONS)
    for held in await lease(pool, url):
        await held.release()

    async def pairs(count: int) -> None:
        for _ in range(count):
            held = await pool.acquire(url)
            await held.release()

    figure = await measure(clock, pairs)
    await pool.close()
    return figure


async def hand_off(server: str, clock: str, waiters: int) -> float:
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

    figure = await measure(clock, drain, waiters)
    await pool.close()
    return figure


async def receive(server: str, clock: str) -> float:
    burst = 50_000
    pool = create_pool(1)
    held = await pool.acquire(f"{server}/text/100")

    async def bursts(count: int) -> None:
        for _ in range(count):
            await held.send(str(burst))
            for _ in range(burst):
                message = await held.recv()
            assert message == MESSAGE

    figure = await measure(clock, bursts, burst)
    await held.release()
    await pool.close()
    return figure


async def echo(server: str, clock: str, connections: int) -> float:
    pool = create_pool(connections)
    leases = [await pool.acquire(f"{server}/echo") for _ in range(connections)]

    async def trips(held: PooledConnection[str], count: int) -> None:
        for _ in range(count):
            await held.send(MESSAGE)
            assert await held.recv() == MESSAGE

    async def all_trips(count: int) -> None:
        await asyncio.gather(*(trips(held, count) for held in leases))

    figure = await measure(clock, all_trips, connections)
    for held in leases:
        await held.release()
    await pool.close()
    return figure


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
    print(json.dumps({"figure": asyncio.run(work())}))


main()
