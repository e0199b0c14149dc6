"""The kernel's gpio-sim as the header of a Raspberry Pi 4 and an expander, both pin factories above it, and a process apart that listens.

Real kernel, real time: the contract runs by `.ci/metal` alone. A pull of gpio-sim is what drives an input from outside.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.line import named_factory

CONFIG = Path("/sys/kernel/config/gpio-sim")
PI_4 = 0xC03114
"""Revision code of a Raspberry Pi 4B, which this computer has not."""


class SimulatedChip:
    """A chip of the kernel's gpio-sim, seen from outside."""

    def __init__(self, name: str, label: str, lines: int) -> None:
        self.device = CONFIG / name
        self.bank = self.device / "bank"
        self.bank.mkdir(parents=True)
        (self.bank / "num_lines").write_text(str(lines))
        (self.bank / "label").write_text(label)
        (self.device / "live").write_text("1")
        self.name = (self.bank / "chip_name").read_text().strip()
        self.folder = Path("/sys/devices/platform") / (self.device / "dev_name").read_text().strip() / self.name
        self._pulls: dict[int, int] = {}

    def pull_file(self, line: int) -> Path:
        """Writing "pull-up" or "pull-down" drives the line from outside."""
        return self.folder / f"sim_gpio{line}" / "pull"

    def drive(self, line: int, level: int) -> None:
        """Drive an input to a level; the edge happens inside the write."""
        if line not in self._pulls:
            self._pulls[line] = os.open(self.pull_file(line), os.O_WRONLY)
        os.pwrite(self._pulls[line], b"pull-up\n" if level else b"pull-down\n", 0)

    def level(self, line: int) -> int:
        """The level that stands on the line."""
        return int((self.folder / f"sim_gpio{line}" / "value").read_text())


@pytest.fixture(scope="session")
def header() -> SimulatedChip:
    return SimulatedChip("pi", "pinctrl-bcm2711", 58)


@pytest.fixture(scope="session")
def expander(header: SimulatedChip) -> SimulatedChip:
    return SimulatedChip("expander", "mcp23017", 16)


@pytest.fixture(params=["gpiod", "lgpio"])
def name(request: pytest.FixtureRequest) -> str:
    """The pin factories that the contract holds for."""
    return str(request.param)


@pytest.fixture
def make(
    header: SimulatedChip, expander: SimulatedChip, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], Any]]:
    """Open a pin factory as a station does, by its entry point; it is closed after the test."""
    for module in ("gpiozero.pins.local", "drivers.gpiod_pins"):
        monkeypatch.setattr(f"{module}.get_pi_revision", lambda: PI_4)
    opened = []

    def open_factory(name: str) -> Any:
        opened.append(named_factory(name))
        return opened[-1]

    yield open_factory
    for factory in opened:
        factory.close()


@pytest.fixture
def factory(make: Callable[[str], Any], name: str) -> Any:
    return make(name)


class Listener:
    """A process of its own with an S0 input on each of some pins."""

    def __init__(self, factory: str, *pins: str) -> None:
        command = [sys.executable, "-m", "tests.metal.listener", factory, *pins]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "listening\n"

    def report(self) -> dict[str, Any]:
        """What it has seen; it ends."""
        told, _ = self.process.communicate("\n", timeout=60)
        report: dict[str, Any] = json.loads(told)
        return report

    def close(self) -> None:
        """End it if it has not ended."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


@pytest.fixture
def listener(header: SimulatedChip, expander: SimulatedChip) -> Iterator[Callable[..., Listener]]:
    started: list[Listener] = []

    def start(*arguments: str) -> Listener:
        started.append(Listener(*arguments))
        return started[-1]

    yield start
    for each in started:
        each.close()
