"""How soon the source is told to go off when its client ends, hangs or is killed, and what the owner process costs: against budgets.

`python benchmarks/safety.py [--quick]`

Three processes, as on a station: a simulated source, its owner (`bench source`), and a client that holds it and reads it ten times a
second. Off is the instant (CLOCK_MONOTONIC) at which the simulated source was told, by its own log. Every try counts: the budgets are
for the maximum. What the owner costs is measured on a source that answers at once, in batches, of which the quietest counts:
the budget is for an idle machine.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.owner_client import RemoteHandle, RemoteOwner, at_socket
from bench.safety import LEASE_S, RENEWAL_S
from drivers.load import symmetrical
from drivers.power_source import InstrumentError
from drivers.scpi_source import ScpiSource
from drivers.visa import VisaPort

AT_ONCE_MS = 50.0
LEASE_MS = (LEASE_S + 0.1) * 1e3
QUERY_MS = 1.0
BEAT_MS = 0.5
ENDINGS = {
    "SIGKILL": AT_ONCE_MS,
    "SIGTERM": AT_ONCE_MS,
    "exit": AT_ONCE_MS,
    "exception": AT_ONCE_MS,
    "SIGSTOP": LEASE_MS,
    "blocked loop": LEASE_MS,
}
"""How a client ends, and how soon in ms the source must be off then."""

WAIT_S = 20.0


# ---------------------------------------------------------------- the client


async def client(socket: str, manner: str) -> None:
    """Hold the source as a run does, and end as `manner` says."""
    owner = RemoteOwner(at_socket(socket), lambda _: None)
    await owner.open()
    async with owner.energised(lambda _: None) as handle:
        await handle.apply(symmetrical(230.0, 5.0))
        say("on")
        for k in range(10**6):
            handle.renew()
            await handle.read()
            await asyncio.sleep(RENEWAL_S)
            if k == 3 and not manner.startswith("SIG"):
                say(str(monotonic()))
                if manner == "exit":
                    os._exit(0)
                if manner == "exception":
                    raise ZeroDivisionError
                time.sleep(10 * LEASE_S)


async def costs(socket: str, resource: str, questions: int) -> None:
    """Print p50 and p99 in ms of a query without and with the owner between, and of a beat, the best batch of five."""
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


async def quietest(ask: Callable[[], Awaitable[object]], questions: int) -> tuple[float, float]:
    """p50 and p99 in ms of the batch with the lowest p99."""
    batches = []
    for _ in range(5):
        taken = []
        for _ in range(questions):
            began = time.perf_counter()
            await ask()
            taken.append((time.perf_counter() - began) * 1e3)
        taken.sort()
        batches.append((taken[int(questions * 0.99)], statistics.median(taken)))
    p99, p50 = min(batches)
    return p50, p99


def monotonic() -> float:
    """The clock of all three processes, s."""
    return time.clock_gettime(time.CLOCK_MONOTONIC)


def say(line: str) -> None:
    """To the parent process."""
    print(line, flush=True)


# ---------------------------------------------------------------- the processes


class Child:
    """A process and the lines it has said so far."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.lines: list[str] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)

    def line(self, number: int) -> str:
        """Wait for its line of this number."""
        wait(lambda: len(self.lines) > number or self.process.poll() is not None)
        wait(lambda: len(self.lines) > number)
        return self.lines[number]


def wait(happened: Callable[[], bool]) -> None:
    """Until it has happened; `TimeoutError` after a while."""
    deadline = time.monotonic() + WAIT_S
    while not happened():
        if time.monotonic() > deadline:
            raise TimeoutError("a process of the benchmark did not do its part")
        time.sleep(0.001)


@dataclass
class Apart:
    """A simulated source and its owner, each a process."""

    far_end: Child
    socket: str
    resource: str

    def client(self, manner: str) -> Child:
        """A process that holds the source, with a load on."""
        child = Child(__file__, "--client", self.socket, manner)
        child.line(0)
        return child

    def off_after(self, instant: float) -> float:
        """ms from `instant` until the source had been told to be off."""
        found: list[float] = []

        def look() -> bool:
            for line in self.far_end.lines[1:]:
                change = json.loads(line)
                if change["time"] > instant and change["volts"] == 0.0 == change["amperes"]:
                    found.append(change["time"])
                    return True
            return False

        wait(look)
        return (found[0] - instant) * 1e3

    def rearm(self) -> None:
        """Play the person."""
        subprocess.run(
            [sys.executable, "-m", "bench", "source", "--socket", self.socket, "--rearm", "benchmark"], check=True
        )


@contextmanager
def apart(latency: float) -> Iterator[Apart]:
    """Source and owner while the block runs."""
    children: list[Child] = []
    with tempfile.TemporaryDirectory() as folder:
        try:
            children.append(Child("-m", "drivers.simulated.source_apart", "generic-scpi", str(latency)))
            resource = json.loads(children[0].line(0))["resource"]
            socket, station = f"{folder}/source.sock", Path(folder) / "station.toml"
            station.write_text(
                f'name = "benchmark"\nowner_socket = "{socket}"\n[source]\nresource = "{resource}"\n'
                f'readback_latency = {latency}\n[[position]]\nnumber = 1\ns0_pin = "GPIO4"\noptical = "/dev/null"\n'
            )
            children.append(Child("-m", "bench", "source", "--station", str(station)))
            children[1].line(0)
            yield Apart(children[0], socket, resource)
        finally:
            for child in reversed(children):
                child.process.terminate()
                child.process.wait()


def tries(bench: Apart, manner: str, number: int) -> list[float]:
    """ms until off, one a try."""
    taken = []
    for k in range(number):
        child = bench.client(manner)
        if manner.startswith("SIG"):
            time.sleep(0.2 + 0.013 * k)  # another moment between two beats and two readings each time
            instant = monotonic()
            child.process.send_signal(signal.Signals[manner])
        else:
            instant = float(child.line(1))
        taken.append(bench.off_after(instant))
        child.process.kill()
        child.process.wait()
        bench.rearm()
    return taken


def main() -> int:
    """Print a table and a line of JSON; 0 when the budgets hold."""
    quick = "--quick" in sys.argv[1:]
    number = {"SIGKILL": 5, "SIGSTOP": 2} if quick else dict.fromkeys(ENDINGS, 20)
    figures: dict[str, object] = {"benchmark": "safety", "lease_s": LEASE_S}
    holds = True
    print(f"{'off after (ms)':<24}{'tries':>6}{'min':>9}{'median':>9}{'max':>9}{'budget':>9}")
    with apart(0.02) as bench:
        for manner, budget in ENDINGS.items():
            taken = tries(bench, manner, number.get(manner, 1))
            holds &= max(taken) <= budget
            print(
                f"{manner:<24}{len(taken):>6}{min(taken):>9.1f}{statistics.median(taken):>9.1f}{max(taken):>9.1f}{budget:>9.0f}"
            )
            figures[f"off_after_{manner.lower().replace(' ', '_')}_max_ms"] = round(max(taken), 1)
    with apart(0.0) as bench:
        child = Child(__file__, "--costs", bench.socket, bench.resource, "300" if quick else "2000")
        measured = json.loads(child.line(0))
        child.process.wait()
    print(f"\n{'cost (ms)':<24}{'p50':>9}{'p99':>9}{'budget':>9}")
    for name, label, most in (
        ("direct", "query, no owner between", math.inf),
        ("query", "query through the owner", QUERY_MS),
        ("beat", "beat, and an answer", BEAT_MS),
    ):
        p50, p99 = measured[name]
        holds &= p99 <= most
        print(f"{label:<24}{p50:>9.3f}{p99:>9.3f}{most if math.isfinite(most) else '':>9}")
        figures[f"{name}_p99_ms"] = round(p99, 3)
    print(json.dumps(figures | {"holds": holds}))
    return 0 if holds else 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["--client"]:
        asyncio.run(client(sys.argv[2], sys.argv[3]))
    elif sys.argv[1:2] == ["--costs"]:
        asyncio.run(costs(sys.argv[2], sys.argv[3], int(sys.argv[4])))
    else:
        sys.exit(main())
