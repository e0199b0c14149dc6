"""The source owner as a process, in real time: killed, stopped and silenced clients, and its own end. This file is its own client."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.owner_client import RemoteOwner, at_socket
from bench.safety import LEASE_S, RENEWAL_S
from drivers.load import symmetrical
from drivers.power_source import InstrumentError

ROOT = Path(__file__).parents[2]
PATIENCE_S = 20.0
"""Nothing here takes nearly so long, however busy the machine is."""


# ---------------------------------------------------------------- the client


async def client(path: str, manner: str) -> None:
    """Borrow the source, put a load on, and behave as `manner` says."""
    owner = RemoteOwner(at_socket(path), lambda reason: say(f"trip: {reason}"))
    try:
        await owner.open()
        async with owner.energised(lambda _: say("off")) as handle:
            await handle.apply(symmetrical(230.0, 5.0))
            say("on")
            while True:
                handle.renew()
                await asyncio.sleep(RENEWAL_S)
                if manner == "raises":
                    raise ZeroDivisionError
    except (InstrumentError, ZeroDivisionError) as error:
        say(f"{type(error).__name__}: {error}")
    await owner.close()


def say(what: str) -> None:
    sys.stdout.write(what + "\n")
    sys.stdout.flush()


# ---------------------------------------------------------------- processes


class Child:
    """A process and what it has said so far."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    def says(self, start: str) -> str:
        said: str = until(
            lambda: next((line for line in self.lines if line.startswith(start)), None), start, self.lines
        )
        return said

    def ends(self) -> int:
        status = self.process.wait(PATIENCE_S)
        self._reader.join()
        return status

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        self._reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()


def until(seen: Callable[[], Any], what: str, instead: object) -> Any:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        found = seen()
        if found is not None:
            return found
        time.sleep(0.002)
    raise AssertionError(f"waited for {what!r}; there is {instead}")


class Bench:
    """A world apart, the owner of its source, and clients."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = str(folder / "source.sock")
        self._children: list[Child] = []
        self._start("-m", "bench", "simulate", "--serve", str(folder), "--positions", "1").says("ready")
        self.station = folder / "station.toml"

    def _start(self, *arguments: str) -> Child:
        self._children.append(Child(*arguments))
        return self._children[-1]

    def owner(self) -> Child:
        child = self._start("-m", "bench", "source", "--station", str(self.station))
        child.says("ready")
        return child

    def client(self, manner: str = "beats") -> Child:
        return self._start("-m", "tests.bench.test_owner_process", self.socket, manner)

    def rearm(self, badge: str) -> int:
        return self._start("-m", "bench", "source", "--socket", self.socket, "--rearm", badge).ends()

    def changes(self) -> list[tuple[float, bool]]:
        """When the source was told what: time and whether it is off."""
        said = [json.loads(line) for line in (self.folder / "world.log").read_text().splitlines()]
        return [
            (each["time"], each["volts"] == 0.0 == each["amperes"]) for each in said if each["event"] == "source told"
        ]

    def off_after(self, instant: float) -> float:
        """Seconds from `instant` until the far end was told to be off."""
        when: float = until(
            lambda: next((time for time, off in self.changes() if off and time > instant), None), "off", self.changes()
        )
        return when - instant

    def is_off(self) -> bool:
        return self.changes()[-1][1]

    def close(self) -> None:
        for child in reversed(self._children):
            child.end()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    try:
        yield made
    finally:
        made.close()


def test_a_killed_client_loses_the_source_at_once_and_a_person_must_re_arm(bench: Bench) -> None:
    bench.owner()
    first = bench.client()
    first.says("on")
    second = bench.client()
    assert f"the source is lent to process {first.process.pid}" in second.says("InstrumentError")

    instant = time.monotonic()
    first.process.kill()
    assert bench.off_after(instant) < LEASE_S - RENEWAL_S, "before any lease could run out"

    third = bench.client()
    assert f"process {first.process.pid}, which held the source, has gone" in third.says("Tripped")
    assert bench.is_off()
    assert bench.rearm(" ") == 3
    assert bench.client().says("Tripped")
    assert bench.rearm("4711") == 0
    assert bench.client("raises").says("off")
    assert bench.is_off()


def test_a_stopped_client_that_wakes_up_cannot_energise(bench: Bench) -> None:
    bench.owner()
    client = bench.client()
    client.says("on")
    instant = time.monotonic()
    client.process.send_signal(signal.SIGSTOP)
    assert bench.off_after(instant) > LEASE_S - 2 * RENEWAL_S
    changes = len(bench.changes())
    client.process.send_signal(signal.SIGCONT)
    client.says("trip: nobody renewed the lease")
    client.says("Revoked")
    assert client.ends() == 0
    assert len(bench.changes()) == changes
    assert bench.client().says("Tripped")


def test_a_client_that_raises_leaves_the_source_off_and_armed(bench: Bench) -> None:
    bench.owner()
    client = bench.client("raises")
    client.says("ZeroDivisionError")
    assert client.lines == ["on", "off", "ZeroDivisionError: "]
    assert bench.is_off()
    assert bench.client("raises").says("off")


def test_sigterm_switches_off_and_ends_the_owner_with_0_and_a_terminal_cannot_end_it(bench: Bench) -> None:
    owner = bench.owner()
    client = bench.client()
    client.says("on")
    for number in (signal.SIGINT, signal.SIGHUP):
        owner.process.send_signal(number)
    with pytest.raises(subprocess.TimeoutExpired):
        owner.process.wait(LEASE_S)
    assert not bench.is_off()
    owner.process.send_signal(signal.SIGTERM)
    assert owner.ends() == 0
    assert bench.is_off()
    assert client.says("trip") == "trip: the source owner was stopped while the source was lent"
    client.says("StillEnergised")
    assert not Path(bench.socket).exists()
    assert owner.lines == ["ready"]


def test_a_killed_owner_is_noticed_and_comes_back_off_and_tripped(bench: Bench) -> None:
    owner = bench.owner()
    client = bench.client()
    client.says("on")
    owner.process.kill()
    assert client.says("trip") == (
        f"trip: the source owner (process {owner.process.pid}) has gone and the source may still be on"
    )
    client.says("StillEnergised: the source may still be on, touch nothing and")
    assert not bench.is_off(), "nobody was left to tell it: that is the watchdog's and the contactor's part"
    bench.owner()
    assert bench.is_off()
    assert f"the source owner ended while process {client.process.pid} held the source" in bench.client().says(
        "Tripped"
    )
    assert bench.rearm("4711") == 0
    assert bench.client("raises").says("off")


def test_a_second_owner_and_a_source_that_is_not_there_are_refused(bench: Bench) -> None:
    bench.owner()
    second = bench._start("-m", "bench", "source", "--station", str(bench.station))
    assert second.ends() == 3
    assert "another source owner holds" in second.lines[0]
    lonely = bench.folder / "lonely.toml"
    lonely.write_text(
        bench.station.read_text()
        .partition("[safety]")[0]
        .replace(bench.socket, str(bench.folder / "other.sock"))
        .replace("127.0.0.1::", "127.0.0.1::1")
        + '[[position]]\nnumber = 1\ns0_pin = "GPIO4"\noptical = "/dev/null"\n'
    )
    third = bench._start("-m", "bench", "source", "--station", str(lonely))
    assert third.ends() == 3
    assert third.lines[0].startswith("bench: the power source at ")


if __name__ == "__main__":
    asyncio.run(client(sys.argv[1], sys.argv[2]))
