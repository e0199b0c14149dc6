"""The whole bench as processes in real time, as on a Raspberry Pi: world, source owner, engine; and what the world's own log says."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from gpiozero import DigitalOutputDevice, InputDevice
from gpiozero.exc import GPIOPinInUse

from bench.safety import LEASE_S
from bench.session import Refused
from bench.station_file import load_station
from drivers.simulated.pin_client import SOCKET_VARIABLE, ServedPinFactory
from drivers.simulated.world_apart import UnknownAction
from drivers.simulated.world_control import WorldUnreachable, tell_world

ROOT = Path(__file__).parents[2]
PATIENCE_S = 30.0
"""Nothing here takes nearly so long, however busy the machine is."""


class Child:
    """A process of the bench and what it has said so far."""

    def __init__(self, *arguments: str, home: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bench", *arguments],
            cwd=ROOT,
            env=os.environ | {"BENCH_HOME": home},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        with contextlib.suppress(PermissionError):  # as the unit of the source has it: its lease is half a second
            os.setpriority(os.PRIO_PROCESS, self.process.pid, -10)
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    def says(self, line: str) -> None:
        until(lambda: line in self.lines, f"{line!r}; there is {self.lines}")

    def ends(self) -> int:
        status = self.process.wait(PATIENCE_S)
        self._reader.join()
        return status

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.ends()
        assert self.process.stdout is not None
        self.process.stdout.close()


def until(seen: Callable[[], Any], what: str) -> Any:
    deadline = time.monotonic() + PATIENCE_S
    while not (found := seen()):
        assert time.monotonic() < deadline, f"waited for {what}"
        time.sleep(0.005)
    return found


class Apart:
    """A world in a folder, and the processes that the test starts on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.station = folder / "station.toml"
        self._children: list[Child] = []

    def start(self, *arguments: str) -> Child:
        self._children.append(Child(*arguments, home=str(self.folder / "home")))
        return self._children[-1]

    def world(self, *more: str) -> Child:
        child = self.start("simulate", "--serve", str(self.folder), *more)
        child.says("ready")
        return child

    def owner(self) -> Child:
        child = self.start("source", "--station", str(self.station))
        child.says("ready")
        return child

    def sign_on(self, *more: str) -> Child:
        return self.start(
            "run", "eol", "--type", "685-382-OK-50", "--only", "sign-on", "--serial", "1=21480001", "--serial",
            "2=21480002", "--purpose", "engineering", "--station", str(self.station), "--json", *more,
        )  # fmt: skip

    def log(self, event: str, after: float = 0.0) -> list[dict[str, Any]]:
        text = (self.folder / "world.log").read_text()
        told = [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]
        return [each for each in told if each["event"] == event and each["time"] > after]

    def first_off(self, event: str, after: float) -> float:
        def look() -> float | None:
            return next((e["time"] for e in self.log(event, after) if e["volts"] == 0.0 == e["amperes"]), None)

        when: float = until(look, f"{event} off")
        return when

    def close(self) -> None:
        for child in reversed(self._children):
            child.end()


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[[str], Apart]]:
    made: list[Apart] = []

    def one(name: str) -> Apart:
        made.append(Apart(tmp_path / name))
        return made[-1]

    yield one
    for each in made:
        each.close()


@pytest.fixture
def apart(make: Callable[[str], Apart]) -> Apart:
    return make("world")


def test_a_run_passes_on_one_bench_and_a_pulled_optical_head_blocks_it_on_the_other(
    make: Callable[[str], Apart],
) -> None:
    good, pulled = make("good"), make("pulled")
    worlds = [each.world("--positions", "2") for each in (good, pulled)]
    owners = [each.owner() for each in (good, pulled)]
    assert [line.split() for line in worlds[0].lines] == [
        ["pos", "serial", "type", "faults"],
        ["1", "48749663", "685-382-OK-50", "-"],  # seed 1: the meters of the first run in one loop
        ["2", "54409465", "685-382-OK-50", "-"],
        ["ready"],
    ]
    runs = [each.sign_on() for each in (good, pulled)]
    until(lambda: any(each["volts"] > 200.0 for each in pulled.log("meter terminals")), "volts at the meters")
    tell_world(pulled.folder, "pull head 2")

    assert runs[1].ends() == 3
    closed = json.loads(runs[1].lines[-1])
    assert closed["ending"] == "BLOCKED"
    assert closed["reason"].startswith("position 2: ")
    assert str(pulled.folder / "optical-2") in closed["reason"]
    assert pulled.log("meter terminals")[-1]["volts"] == 0.0

    assert runs[0].ends() == 0
    closed = json.loads(runs[0].lines[-1])
    assert closed["ending"] == "COMPLETE"
    assert [(each["serial"], each["verdict"]) for each in closed["positions"]] == [
        ("21480001", "PASS"),
        ("21480002", "PASS"),
    ]
    assert good.log("meter terminals")[-1]["volts"] == 0.0
    for process in (*owners, *worlds):
        process.process.terminate()
        assert process.ends() == 0
    assert sorted(path.name for path in good.folder.iterdir()) == [
        "home",
        "source.sock.trip",
        "station.toml",
        "world.log",
    ]


def test_a_killed_engine_an_emergency_stop_and_a_killed_owner_each_leave_the_meters_dead(apart: Apart) -> None:
    apart.world("--positions", "2")
    owner = apart.owner()
    rearm = ("source", "--station", str(apart.station), "--rearm", "4711")

    run = apart.sign_on()
    until(lambda: any(each["volts"] > 200.0 for each in apart.log("meter terminals")), "volts at the meters")
    instant = time.monotonic()
    run.process.send_signal(signal.SIGKILL)
    assert apart.first_off("source told", instant) - instant < LEASE_S - 0.1, "before any lease could run out"
    assert apart.first_off("meter terminals", instant)
    until(lambda: [each["closed"] for each in apart.log("contactor", instant)] == [False], "an open contactor")
    assert apart.start(*rearm).ends() == 0

    run = apart.sign_on()
    until(lambda: apart.log("contactor", instant)[-1]["closed"], "a contactor that closes")
    instant = tell_world(apart.folder, "press estop")
    assert run.ends() == 3
    assert "the emergency stop was pressed" in run.lines[-1]
    (opened, *_) = apart.log("contactor driven", instant)
    assert not opened["closed"]
    early = apart.start(*rearm)
    assert early.ends() == 3
    assert "release the emergency stop first" in early.lines[0]
    tell_world(apart.folder, "release estop")
    until(lambda: apart.start(*rearm).ends() == 0, "a re-arm")

    run = apart.sign_on()
    until(lambda: apart.log("contactor", instant)[-1]["closed"], "a contactor that closes")
    instant = time.monotonic()
    owner.process.send_signal(signal.SIGKILL)
    until(lambda: [each["closed"] for each in apart.log("contactor", instant)] == [False], "an open contactor")
    assert run.ends() == 3
    assert "the source may still be on" in run.lines[-1]


def test_production_is_refused_on_a_simulated_world(apart: Apart) -> None:
    apart.world("--positions", "1")
    apart.owner()
    run = apart.start("run", "eol", "--type", "685-382-OK-50", "--serial", "1=A", "--station", str(apart.station))
    assert run.ends() == 2
    assert run.lines == ["bench: a simulated world is no production line; --purpose engineering"]


def test_a_line_belongs_to_one_process_and_garbage_on_its_socket_harms_nobody(
    apart: Apart, monkeypatch: pytest.MonkeyPatch
) -> None:
    apart.world("--positions", "1")
    path = str(apart.folder / "pins.sock")
    monkeypatch.setenv(SOCKET_VARIABLE, path)
    first, second = ServedPinFactory(), ServedPinFactory(path)
    with socket.socket(socket.AF_UNIX) as rubbish, socket.socket(socket.AF_UNIX) as thief:
        contactor = DigitalOutputDevice("GPIO14", pin_factory=first)
        estop = InputDevice("J8:3", pull_up=True, pin_factory=first)
        contactor.on()
        assert estop.is_active
        with pytest.raises(GPIOPinInUse, match=f"GPIO14 is in use by process {os.getpid()}"):
            DigitalOutputDevice("GPIO14", pin_factory=second)
        for line, other in ((b"\xff{]\n" * 3, rubbish), (b'{"say":"drive","pin":"GPIO14","level":false}\n', thief)):
            other.connect(path)
            other.sendall(line)
            other.settimeout(PATIENCE_S)
            assert other.recv(100) == b"", "whoever is out of step is hung up on"
        edges: list[tuple[float, int]] = []
        estop.pin.when_changed = listener = lambda ticks, state: edges.append((ticks, state))
        pressed = tell_world(apart.folder, "press estop")
        ((ticks, state),) = until(lambda: list(edges), "an edge")
        assert listener is not None
        assert pressed <= ticks <= time.monotonic(), "stamped by the world, at the press"
        assert state == 1
        assert [each["closed"] for each in apart.log("contactor driven")] == [True], "nobody else drove it"
        first.close()
        until(lambda: not apart.log("contactor driven")[-1]["closed"], "a line that falls with its connection")
        DigitalOutputDevice("GPIO14", pin_factory=second).close()
        second.close()
    with pytest.raises(UnknownAction, match="'melt' cannot be done to this world; it knows: press estop"):
        tell_world(apart.folder, "melt")


def test_what_cannot_be_served_is_said_in_one_sentence(apart: Apart, tmp_path: Path) -> None:
    apart.world("--positions", "1")
    second = apart.start("simulate", "--serve", str(apart.folder))
    many = apart.start("simulate", "--serve", str(tmp_path / "other"), "--positions", "11")
    assert (second.ends(), many.ends()) == (3, 2)
    assert second.lines == [
        f"bench: another simulated world writes {apart.folder / 'world.log'}: end it first, or serve another folder"
    ]
    assert many.lines == ["bench: 11 positions: a header with a safety circuit has room for 1 to 10"]
    with pytest.raises(WorldUnreachable, match="bench simulate --serve"):
        tell_world(tmp_path, "open door")
    with pytest.raises(Refused):
        load_station(tmp_path / "other" / "station.toml")
