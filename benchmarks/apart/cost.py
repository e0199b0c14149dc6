"""What the source owner costs: a question through it and without it, and a heartbeat, on a source that answers at once.

In batches, of which the quietest counts: the budget is for an idle machine. This file is its own source and its own client.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from bench.owner_client import RemoteHandle, RemoteOwner, at_socket
from drivers.load import OFF, Load
from drivers.power_source import InstrumentError, Reading
from drivers.scpi_source import ScpiSource
from drivers.simulated.instrument_servers import make_server
from drivers.source_dialects import default_capabilities
from drivers.visa import VisaPort

BATCHES = 5


def measure(folder: Path, questions: int) -> dict[str, tuple[float, float]]:
    """p50 and p99 in ms of a query without the owner, one through it, and a beat with an answer."""
    with subprocess.Popen([sys.executable, __file__, "serve"], stdout=subprocess.PIPE, text=True) as source:
        assert source.stdout is not None
        resource = source.stdout.readline().strip()
        socket, station = folder / "cost.sock", folder / "cost.toml"
        station.write_text(
            f'name = "cost"\nowner_socket = "{socket}"\n[source]\nresource = "{resource}"\nreadback_latency = 0.0\n'
            '[[position]]\nnumber = 1\ns0_pin = "GPIO4"\noptical = "/dev/null"\n'
        )
        line = [sys.executable, "-m", "bench", "source", "--station", str(station)]
        with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as owner:
            assert owner.stdout is not None
            owner.stdout.readline()
            done = subprocess.run(
                [sys.executable, __file__, "ask", str(socket), resource, str(questions)],
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            )
            owner.terminate()
        source.terminate()
    measured: dict[str, tuple[float, float]] = json.loads(done.stdout)
    return measured


async def serve() -> None:
    """A source that answers at once, until killed."""
    load = OFF

    def changed(to: Load) -> None:
        nonlocal load
        load = to

    limits = replace(default_capabilities("generic-scpi"), readback_latency=0.0)
    server = make_server(
        "generic-scpi", changed, lambda: Reading(0.0, load.u, load.i, load.power, load.frequency), limits
    )
    await server.start()
    say(server.resource)
    await asyncio.Event().wait()


async def ask(socket: str, resource: str, questions: int) -> None:
    """Measure, and print the figures."""
    port = ScpiSource(VisaPort(resource, "power source"), RemoteOwner(at_socket(socket), print).capabilities)
    await port.open()
    direct = await quietest(port.read, questions)
    await port.close()
    owner = RemoteOwner(at_socket(socket), print)
    await owner.open()
    through = await quietest(owner.read, questions)
    async with owner.energised(lambda _: None) as handle:
        beat = await quietest(lambda: beat_and_answer(owner, handle), questions)
    await owner.close()
    say(json.dumps({"direct": direct, "query": through, "beat": beat}))


async def beat_and_answer(owner: RemoteOwner, handle: RemoteHandle) -> None:
    """A beat is never answered; the refusal of a second lease is, without the instrument, and arrives behind it."""
    handle.renew()
    try:
        async with owner.energised(lambda _: None):
            raise AssertionError("the source was lent twice")
    except InstrumentError:
        return


async def quietest(ask_once: Callable[[], Awaitable[object]], questions: int) -> tuple[float, float]:
    """p50 and p99 in ms of the batch with the lowest p99."""
    batches = []
    for _ in range(BATCHES):
        taken = []
        for _ in range(questions):
            began = time.perf_counter()
            await ask_once()
            taken.append((time.perf_counter() - began) * 1e3)
        taken.sort()
        batches.append((taken[int(questions * 0.99)], statistics.median(taken)))
    p99, p50 = min(batches)
    return p50, p99


def say(line: str) -> None:
    """To the parent process."""
    print(line, flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        asyncio.run(serve())
    else:
        asyncio.run(ask(sys.argv[2], sys.argv[3], int(sys.argv[4])))
