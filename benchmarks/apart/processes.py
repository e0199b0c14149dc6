"""The three processes of a bench in real time, and what the world's log says of them."""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from drivers.simulated.world_control import tell_world

WAIT_S = 60.0
TYPE = "685-382-OK-50"
MISCHIEF = Path(__file__).parents[1] / "mischief"


class Child:
    """A process and the lines it has said so far on stdout and stderr."""

    def __init__(self, *arguments: str, env: dict[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bench", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | (env or {}),
        )
        self.out: list[str] = []
        self.err: list[str] = []
        self._readers = [
            threading.Thread(target=self._read, args=each, daemon=True)
            for each in ((self.process.stdout, self.out), (self.process.stderr, self.err))
        ]
        for reader in self._readers:
            reader.start()

    @staticmethod
    def _read(pipe: IO[str], lines: list[str]) -> None:
        for line in pipe:
            lines.append(line.rstrip("\n"))

    def says(self, start: str, number: int = 1) -> str:
        """Wait for its line of this number that begins so."""

        def look() -> str | None:
            found = [line for line in (*self.out, *self.err) if line.startswith(start)]
            return found[number - 1] if len(found) >= number else None

        return wait(look, f"{start!r}; it says {self.out[-3:]} {self.err[-3:]}")

    def ends(self) -> int:
        """Wait for its end; its status."""
        status = self.process.wait(WAIT_S)
        for reader in self._readers:
            reader.join()
        return status

    def end(self) -> None:
        """Kill it if it lives."""
        if self.process.poll() is None:
            self.process.kill()
        self.ends()

    def facts(self) -> list[dict[str, Any]]:
        """What a run with --json told."""
        return [json.loads(line) for line in self.out]


def wait(seen: Callable[[], Any], what: str) -> Any:
    """Until something is seen; `TimeoutError` after a while."""
    deadline = time.monotonic() + WAIT_S
    while (found := seen()) is None:
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited in vain for {what}")
        time.sleep(0.002)
    return found


@dataclass
class Off:
    """How the source went off, in ms after the instant from which it is counted; None where it did not."""

    begun: float | None
    """The source was told less than it had: currents come first, so on some dialects this is an answer earlier than all of it."""
    told: float | None
    """The source was told zero volts and amperes."""
    contactor: float | None
    """The owner drove the main contactor's coil low."""
    dead: float
    """Nothing was left at the meters' terminals."""

    @property
    def commanded(self) -> float:
        """The earlier of the two."""
        return min(each for each in (self.told, self.contactor) if each is not None)


@dataclass
class Apart:
    """A world and its source owner, while the block of `apart` runs."""

    folder: Path
    dialect: str
    world: Child
    station: Path
    amperes: float
    type_number: str = TYPE
    children: list[Child] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.children.append(self.world)

    # ------------------------------------------------------------------ the world's log

    def log(self, after: float = 0.0, event: str = "") -> list[dict[str, Any]]:
        """What it says, in order of time."""
        lines = (self.folder / "world.log").read_text().splitlines(keepends=True)
        told = [json.loads(line) for line in lines if line.endswith("\n")]
        found = [each for each in told if each["time"] > after and event in ("", each["event"])]
        return sorted(found, key=lambda each: float(each["time"]))

    def energised(self) -> None:
        """Wait until the meters have the whole load."""

        def look() -> bool | None:
            told = self.log(event="meter terminals")
            return True if told and told[-1]["volts"] > 200.0 and told[-1]["amperes"] >= self.amperes * 0.9 else None

        wait(look, f"a load at the meters; the engine says {self.children[-1].err} {self.children[-1].out[-1:]}")

    def off(self, instant: float, *, told: bool = True) -> Off:
        """How it went off after an instant; `told` is False where nobody is left to tell the source."""

        def first(event: str, **what: object) -> float | None:
            found = (each["time"] for each in self.log(instant, event) if all(each[k] == v for k, v in what.items()))
            time = next(found, None)
            return None if time is None else (time - instant) * 1e3

        def look() -> Off | None:
            dead = first("meter terminals", volts=0.0, amperes=0.0)
            contactor = first("contactor driven", closed=False)
            source = first("source told", volts=0.0, amperes=0.0)
            ready = dead is not None and contactor is not None and (source is not None or not told)
            return Off(first("source told") if told else None, source, contactor, dead or 0.0) if ready else None

        off: Off = wait(look, "off in the world's log")
        return off

    def stays_off(self, since: float) -> bool:
        """Whether nothing was energised after this instant."""
        if any(each["closed"] for each in self.log(since, "contactor")):
            return False
        volts = amperes = math.inf
        for each in self.log(0.0, "source told"):
            if each["time"] > since and (each["volts"] > volts or each["amperes"] > amperes):
                return False
            volts, amperes = each["volts"], each["amperes"]
        return True

    # ------------------------------------------------------------------ acting

    def engine(self, sequence: str, **env: str) -> Child:
        """`bench run` of a sequence, for engineering."""
        child = Child(
            "run", sequence, "--type", self.type_number, "--serial", "1=21480001", "--operator", "4711",
            "--purpose", "engineering", "--station", str(self.station), "--json",
            env={
                "BENCH_HOME": str(self.folder / "home"),
                "PYTHONPATH": str(MISCHIEF),
                "MISCHIEF_AMPERES": f"{self.amperes:g}",
                **env,
            },
        )  # fmt: skip
        self.children.append(child)
        return child

    def tell(self, action: str) -> float:
        """Act on the world; the instant at which it was done."""
        return tell_world(self.folder, action)

    def start_owner(self) -> None:
        """`bench source`, ready."""
        self.owner = Child("source", "--station", str(self.station))
        self.children.append(self.owner)
        self.owner.says("ready")

    def rearm(self) -> None:
        """Play the person, when the trip is over."""

        line = [sys.executable, "-m", "bench", "source", "--station", str(self.station), "--rearm", "4711"]

        def ask() -> bool | None:
            refused = subprocess.run(line, stderr=subprocess.DEVNULL, check=False).returncode
            return None if refused else True

        wait(ask, "a re-arm that is accepted")


@contextmanager
def apart(folder: Path, dialect: str, amperes: float, type_number: str = TYPE) -> Iterator[Apart]:
    """World and owner while the block runs. The station has no standard: the source is also read, which is the harder case."""
    world = Child("simulate", "--serve", str(folder), "--positions", "1", "--source", dialect, "--type", type_number)
    children = [world]
    try:
        world.says("ready")
        station = folder / "without-standard.toml"
        text = (folder / "station.toml").read_text()
        station.write_text(re.sub(r"\[standard\]\n(.+\n)+", "", text))
        bench = Apart(folder, dialect, world, station, amperes, type_number)
        children = bench.children
        bench.start_owner()
        yield bench
    finally:
        for child in reversed(children):
            child.end()
