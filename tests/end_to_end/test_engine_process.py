"""`bench engine` by real processes: clients that are killed, two at once, an engine that is stopped, and a station that is its own."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import signal
import sqlite3
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bench.facts import Fact, RunClosed
from bench.journal_reader import JournalReader
from bench.record import Run
from bench.remote_session import connect
from bench.session import Refused, RunRequest, SourceState, Unreachable
from bench.verdict import Ending, Verdict
from tests.bench.test_owner_process import PATIENCE_S, Child, until
from tests.end_to_end.at_work import TYPE
from tests.end_to_end.conftest import Bench

LINE = ["run", "eol", "--simulated", "--type", TYPE, "--json", "--operator", "4711"]


class Station:
    """An engine as a process, and its clients."""

    def __init__(self, folder: Path) -> None:
        self.socket = str(folder / "e.sock")
        self.children: list[Child] = []

    def start(self, *arguments: str) -> Child:
        self.children.append(Child("-m", *arguments))
        return self.children[-1]

    def engine(self, speed: str = "max") -> Child:
        line = ("bench", "engine", "--simulated", "--positions", "2", "--speed", speed, "--socket", self.socket)
        child = self.start(*line)
        child.says("ready")
        return child

    def client(self, *more: str) -> Child:
        return self.start("bench", *LINE, "--socket", self.socket, *more)

    def close(self) -> None:
        for child in reversed(self.children):
            child.end()


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    made = Station(tmp_path)
    try:
        yield made
    finally:
        made.close()


def recorded(home: Path, run: str, *, simulated: bool = True) -> Run:
    with JournalReader(home / ("simulated.db" if simulated else "bench.db")) as reader:
        return reader.run(run)


def run_of(child: Child) -> str:
    run: str = json.loads(child.says('{"fact": "run-opened"'))["run"]
    return run


def test_a_client_says_and_returns_what_a_run_with_an_engine_of_its_own_does(
    station: Station, bench: Bench, home: Path, tmp_path: Path
) -> None:
    own = bench("run eol --simulated --positions 2 --json --operator 4711 --type", TYPE)
    station.engine()
    junit = tmp_path / "junit.xml"
    client = station.client("--junit", str(junit))
    assert client.ends() == own.status == 0
    assert [json.loads(line) for line in client.lines] == own.facts
    assert junit.read_text().startswith("<?xml")
    table = station.start("bench", *(word for word in LINE if word != "--json"), "--socket", station.socket)
    assert table.ends() == 0
    assert any("✔ PASS" in line for line in table.lines)
    assert any(line.startswith("COMPLETE after ") for line in table.lines)
    for more, words in (
        (["--seed", "7"], "--seed is the engine's"),
        (["--only", "nothing"], "has no step 'nothing'"),
    ):
        wrong = station.client(*more)
        assert wrong.ends() == 2
        assert words in wrong.lines[-1]
    assert station.start("bench", *LINE, "--socket", str(tmp_path / "none.sock")).ends() == 3


def test_a_run_goes_on_to_its_end_when_its_client_is_killed_and_two_clients_see_the_same_facts(
    station: Station, home: Path
) -> None:
    station.engine("600")
    client = station.client()
    run = run_of(client)
    client.process.send_signal(signal.SIGKILL)
    assert client.ends() == -signal.SIGKILL

    async def follow() -> list[Fact]:
        session = await connect(Path(station.socket))
        try:
            found = []
            async for fact in session.facts():
                found.append(fact)
                if isinstance(fact, RunClosed):
                    return found
        finally:
            await session.close()
        raise AssertionError("the engine ended")

    async def both() -> list[list[Fact]]:
        async with asyncio.timeout(PATIENCE_S):
            return await asyncio.gather(follow(), follow())

    first, second = asyncio.run(both())
    assert first == second
    assert [fact.number for fact in first] == list(range(1, len(first) + 1))
    assert {fact.run for fact in first} == {run}
    closed = recorded(home, run)
    assert closed.ending is Ending.COMPLETE
    assert [closed.verdict(position) for position in (1, 2)] == [Verdict.PASS, Verdict.PASS]


def test_ctrl_c_at_a_client_aborts_its_run_and_the_engine_serves_the_next(station: Station, home: Path) -> None:
    station.engine("60")
    client = station.client()
    run = run_of(client)
    other = station.client()
    assert other.ends() == 2
    assert "a run is under way" in other.lines[-1]
    client.process.send_signal(signal.SIGINT)
    assert client.ends() == 130
    assert json.loads(client.lines[-1])["ending"] == "ABORTED"
    aborted = recorded(home, run)
    assert (aborted.ending, aborted.reason) == (Ending.ABORTED, "aborted by 4711")
    assert station.client("--only", "sign-on").ends() == 0


def test_an_engine_that_is_stopped_aborts_its_run_tells_its_clients_and_can_be_started_again(
    station: Station, home: Path
) -> None:
    engine = station.engine("60")
    client = station.client()
    run = run_of(client)
    client.says('{"fact": "step-closed"')
    engine.process.send_signal(signal.SIGTERM)
    assert engine.ends() == 0
    assert engine.lines == ["ready"]
    assert client.ends() == 130
    kinds = [json.loads(line)["fact"] for line in client.lines]
    assert [kind for kind in kinds if kind != "step-closed"][-3:] == ["safe", "act", "run-closed"]
    assert recorded(home, run).ending is Ending.ABORTED
    assert not Path(station.socket).exists()
    with closing(sqlite3.connect(home / "simulated.db")) as journal:
        assert journal.execute("PRAGMA wal_checkpoint").fetchone()[0] == 0, "nobody holds it open"

    station.engine()
    assert station.client("--only", "sign-on").ends() == 0


def test_a_killed_engine_ends_its_client_with_one_sentence_and_its_socket_is_taken_over(
    station: Station, home: Path
) -> None:
    engine = station.engine("60")
    client = station.client()
    client.says('{"fact": "step-closed"')
    engine.process.kill()
    assert client.ends() == 3
    assert client.lines[-1].startswith(
        f"bench: the engine (process {engine.process.pid}) has gone, and nobody here knows"
    )
    assert Path(station.socket).exists()

    second = station.engine()
    third = station.start("bench", "engine", "--simulated", "--socket", station.socket)
    assert third.ends() == 3
    assert "serves at" in third.lines[-1]
    assert second.process.poll() is None


def test_a_terminal_that_closes_leaves_the_engine_and_its_run_alone(station: Station, home: Path) -> None:
    station.engine("60")
    line = [sys.executable, "-m", "bench", "tui", "--simulated", "--socket", station.socket]
    terminal, follower = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color"}
    screen = subprocess.Popen(line, stdin=follower, stdout=follower, stderr=follower, env=environment)
    os.close(follower)

    def until_shown(text: bytes) -> None:
        seen = b""
        while text not in seen:
            seen += os.read(terminal, 65536)

    until_shown(b"F1 starts")
    os.write(terminal, b"\x1bOP")  # F1
    until_shown(b"ENERGISED")
    screen.send_signal(signal.SIGHUP)
    os.close(terminal)
    assert screen.wait(PATIENCE_S) == 128 + signal.SIGHUP

    async def look() -> None:
        session = await connect(Path(station.socket))
        assert session.glance().running
        assert session.glance().speed == 60.0
        await session.abort("4711")
        await session.close()

    asyncio.run(look())


def test_a_screen_that_finds_no_engine_says_so_at_its_console_too(tmp_path: Path) -> None:
    line = [sys.executable, "-m", "bench", "tui", "--socket", str(tmp_path / "e.sock")]
    terminal, follower = pty.openpty()
    screen = subprocess.run(line, stdin=follower, stdout=follower, stderr=subprocess.PIPE, timeout=PATIENCE_S)
    assert screen.returncode == 3
    said = os.read(terminal, 65536).decode().strip()
    assert said.startswith("bench tui: no engine answers at ")
    assert said == screen.stderr.decode().strip()
    os.close(follower)
    os.close(terminal)


@pytest.mark.parametrize(
    ("name", "words"),
    [("x" * 200, "cannot be made: AF_UNIX path too long"), ("no/where", "cannot be made: No such file")],
)
def test_a_socket_that_cannot_be_made_is_one_sentence_and_status_3(
    station: Station, tmp_path: Path, name: str, words: str
) -> None:
    engine = station.start("bench", "engine", "--simulated", "--socket", str(tmp_path / name))
    assert engine.ends() == 3
    assert len(engine.lines) == 1
    assert words in engine.lines[0]


# ---------------------------------------------------------------------- a station that is described in a file


@pytest.fixture
def real(station: Station, home: Path) -> Iterator[Station]:
    """A station file whose instruments answer; its meters do not."""
    world = home.with_name("world")
    station.start("bench", "simulate", "--serve", str(world), "--positions", "1").says("ready")
    resource = tomllib.loads((world / "station.toml").read_text())["source"]["resource"]
    leader, follower = pty.openpty()
    home.mkdir()
    (home / "station.toml").write_text(
        f'name = "EOL 3"\npin_factory = "mock"\n[source]\nresource = "{resource}"\n'
        f'[[position]]\nnumber = 1\ns0_pin = "GPIO4"\noptical = "{os.ttyname(follower)}"\n'
    )
    try:
        yield station
    finally:
        station.close()
        os.close(leader)
        os.close(follower)


def test_on_a_real_station_run_and_doctor_go_through_the_engine_that_runs(
    real: Station, bench: Bench, home: Path, tmp_path: Path
) -> None:
    engine = real.start("bench", "engine", "--socket", str(tmp_path / "x.sock"))
    engine.says("ready")
    found = {each["check"]: each for each in json.loads(bench("doctor --json").out)["findings"]}
    assert found["engine"]["state"] == "fit"
    assert "is idle" in found["engine"]["found"]
    assert found["power source"]["state"] == "fit"
    assert found["positions"]["found"] == "the engine has opened 1"
    assert found["optical heads, S0 inputs"]["state"] == "note"
    assert "not asked" in found["optical heads, S0 inputs"]["found"]

    client = real.start(
        "bench",
        "run",
        "eol",
        "--type",
        TYPE,
        "--only",
        "sign-on",
        "--purpose",
        "engineering",
        "--serial",
        "1=77",
        "--json",
    )
    run = run_of(client)
    assert (
        "tests"
        in {each["check"]: each for each in json.loads(bench("doctor --json").out)["findings"]}["engine"]["found"]
    )
    client.process.send_signal(signal.SIGINT)
    assert client.ends() == 130
    assert recorded(home, run, simulated=False).purpose == "engineering"

    elsewhere = tmp_path / "other.toml"
    elsewhere.write_text((home / "station.toml").read_text())
    refused = bench("run eol --type", TYPE, "--station", str(elsewhere))
    assert refused.status == 2
    assert f"runs the station of {home / 'station.toml'}" in refused.err
    assert bench("run eol --simulated --socket", str(tmp_path / "x.sock")).status == 2

    engine.process.kill()
    engine.ends()
    alone = json.loads(bench("doctor --json").out)["findings"]
    assert "engine" not in {each["check"] for each in alone}, (
        "nobody holds the station any more, and it is asked itself"
    )


def test_an_engine_that_is_stopped_in_mid_run_leaves_the_real_source_off(real: Station, home: Path) -> None:
    log = home.with_name("world") / "world.log"
    engine = real.start("bench", "engine")
    engine.says("ready")
    run = ["run", "eol", "--type", TYPE, "--only", "sign-on", "--purpose", "engineering", "--serial", "1=77", "--json"]
    client = real.start("bench", *run)
    run_id = run_of(client)

    def volts() -> float:
        told = [json.loads(line) for line in log.read_text().splitlines(keepends=True) if line.endswith("\n")]
        return float(next((each["volts"] for each in reversed(told) if each["event"] == "source told"), 0.0))

    until(lambda: volts() > 200.0 or None, "the test voltage", engine.lines)
    engine.process.send_signal(signal.SIGTERM)
    assert engine.ends() == 0
    assert client.ends() == 130
    assert volts() == 0.0
    assert recorded(home, run_id, simulated=False).ending is Ending.ABORTED


def test_an_engine_inside_another_command_is_named_with_its_process(real: Station, bench: Bench) -> None:
    run = ["run", "eol", "--type", TYPE, "--only", "sign-on", "--purpose", "engineering", "--serial", "1=77", "--json"]
    embedded = real.start("bench", *run)
    run_of(embedded)
    said = bench(" ".join(run))
    assert said.status == 3
    assert said.err == f"bench: another engine (process {embedded.process.pid}) runs this station; end it first\n"
    busy = {each["check"]: each for each in json.loads(bench("doctor --json").out)["findings"]}["engine"]
    assert str(embedded.process.pid) in busy["found"]
    assert "no instrument and no port was asked" in busy["to_do"]
    embedded.process.send_signal(signal.SIGINT)
    assert embedded.ends() == 130


def test_a_session_outlives_the_engine_as_a_word_and_a_new_one_finds_the_next(station: Station) -> None:
    async def scene(engine: Child) -> None:
        async with asyncio.timeout(PATIENCE_S):
            old = await connect(Path(station.socket))
            await old.start(RunRequest("eol", TYPE), "4711")
            engine.process.kill()
            with pytest.raises(Unreachable, match="has gone"):
                async for _ in old.facts():
                    pass
            assert old.glance().source is SourceState.UNKNOWN
            await asyncio.to_thread(station.engine)
            with pytest.raises(Refused):
                await old.start(RunRequest("eol", TYPE), "4711")
            new = await connect(Path(station.socket))
            assert new.glance().source is SourceState.OFF
            assert await new.start(RunRequest("eol", TYPE, only="sign-on"), "4711")
            await new.close()
            await old.close()

    asyncio.run(scene(station.engine("60")))
