"""The simulated clock's own proof: who may move it, in which order things happen, and that no thread can change that."""

from __future__ import annotations

import asyncio
import concurrent.futures
import math
import os
import pty
import socket
import subprocess
import sys
import threading
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from drivers.power_source import InstrumentError
from drivers.simulated.scpi_instrument import Command, ScpiInstrument
from drivers.simulated.scpi_server import Manner, ScpiServer
from drivers.simulated.simulated_time import SimulatedTimeLoop, Stuck
from drivers.visa import VisaPort

Simulated = Callable[..., Any]
Log = list[tuple[float, str]]


def simulated_loop() -> SimulatedTimeLoop:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, SimulatedTimeLoop)
    return loop


class Edges:
    """Edges at fixed times, as the pins of the simulated meters make them."""

    def __init__(self, times: list[float], on_edge: Callable[[float], None]) -> None:
        self._times = sorted(times, reverse=True)
        self._on_edge = on_edge

    def next_time(self) -> float | None:
        return self._times[-1] if self._times else None

    def fire(self) -> None:
        self._on_edge(self._times.pop())


class Instrument(ScpiInstrument):
    """Notes the simulated instant at which each question reaches it."""

    def __init__(self, name: str, log: Log, latency: float) -> None:
        self._name = name
        self._log = log
        super().__init__(f"MAKER,{name},1,1", [Command("MEAS?", lambda _, parameter: parameter, latency)])

    def execute(self, line: str) -> Any:
        self._log.append((simulated_loop().time(), f"{self._name} hears {line}"))
        return super().execute(line)


class Bench:
    """Instruments, their ports and one log of everything that happens."""

    def __init__(self) -> None:
        self.log: Log = []
        self._open: list[tuple[ScpiServer, VisaPort]] = []

    def note(self, what: str) -> None:
        self.log.append((simulated_loop().time(), what))

    async def add(self, name: str, latency: float, deadline: float = 2.0) -> tuple[ScpiServer, VisaPort]:
        server = ScpiServer(Instrument(name, self.log, latency))
        await server.start()
        port = VisaPort(server.resource, name, deadline)
        self._open.append((server, port))
        await port.open()
        return server, port

    async def ask(self, port: VisaPort, what: str) -> None:
        try:
            self.note(f"{port.instrument} answers {await port.query(f'MEAS? {what}')}")
        except InstrumentError as error:
            self.note(f"{port.instrument}: {str(error).split(' ')[0]} answer")
        except asyncio.CancelledError:
            self.note(f"{port.instrument}: nobody waits")
            raise

    async def close(self) -> None:
        for server, port in self._open:
            await port.close()
            await server.stop()


def rounded(log: Log) -> Log:
    return [(round(time, 9), what) for time, what in log]


# ---------------------------------------------------------------------- the clock


def test_time_starts_at_zero_and_jumps_to_the_next_timer(simulated: Simulated) -> None:
    async def main() -> list[float]:
        times = [simulated_loop().time()]
        await asyncio.sleep(86_400.0)
        return [*times, simulated_loop().time()]

    assert simulated(main) == [0.0, 86_400.0]


def test_edges_and_timers_happen_in_the_order_of_their_times(simulated: Simulated) -> None:
    async def main() -> list[str]:
        loop = simulated_loop()
        seen: list[str] = []

        def edge(time: float) -> None:
            assert loop.time() == time, "the loop's time is the edge's time"
            seen.append(f"edge {time}")

        loop.add_source(Edges([0.1, 0.25, 0.3], edge))
        loop.add_source(Edges([0.2], edge))
        loop.call_at(0.25, seen.append, "timer 0.25")
        loop.call_at(0.15, seen.append, "timer 0.15")
        await asyncio.sleep(1)
        return seen

    assert simulated(main) == ["edge 0.1", "timer 0.15", "edge 0.2", "edge 0.25", "timer 0.25", "edge 0.3"]


def test_what_an_edge_wakes_runs_before_the_next_edge(simulated: Simulated) -> None:
    async def main() -> list[str]:
        loop = simulated_loop()
        seen: list[str] = []
        woken: asyncio.Future[None] = loop.create_future()

        def edge(time: float) -> None:
            seen.append(f"edge {time}")
            if not woken.done():
                woken.set_result(None)

        loop.add_source(Edges([0.1, 0.2], edge))
        await woken
        seen.append(f"woken {loop.time()}")
        await asyncio.sleep(1)
        return seen

    assert simulated(main) == ["edge 0.1", "woken 0.1", "edge 0.2"]


@pytest.mark.parametrize("speed", [1.0, 10.0])
def test_a_paced_clock_keeps_the_same_order_and_times(simulated: Simulated, speed: float) -> None:
    async def main() -> Log:
        bench = Bench()
        _, port = await bench.add("meter", latency=0.01)
        simulated_loop().add_source(Edges([0.02, 0.04], lambda time: bench.note(f"edge {time}")))
        asyncio.get_running_loop().call_at(0.03, bench.note, "timer")
        start = simulated_loop().time()
        await bench.ask(port, "1")
        await asyncio.sleep(start + 0.05 - simulated_loop().time())
        bench.note("end")
        await bench.close()
        return bench.log

    paced = [what for _, what in simulated(main, speed)]
    assert paced == [what for _, what in simulated(main)]
    assert paced[2:] == ["meter answers 1", "edge 0.02", "timer", "edge 0.04", "end"]


def test_a_paced_clock_takes_real_time(simulated: Simulated, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real clock is replaced, so that nothing depends on the machine."""
    import time

    async def main() -> list[float | None]:
        loop = simulated_loop()
        waited: list[float | None] = []
        real = [100.0]

        def wait(timeout: float | None) -> list[Any]:
            waited.append(timeout)
            real[0] += timeout or 0.0
            return []

        monkeypatch.setattr(time, "monotonic", lambda: real[0])
        monkeypatch.setattr(loop._real_selector, "wait", wait)
        await asyncio.sleep(5.0)
        loop.speed = 10.0
        await asyncio.sleep(5.0)
        with loop.outside_is_asked():
            await asyncio.sleep(5.0)
        loop.speed = math.inf
        await asyncio.sleep(5.0)
        assert loop.time() == 20.0
        return waited

    assert simulated(main, 1.0) == pytest.approx([5.0, 0.5, 5.0])


def test_what_is_ready_at_once_comes_in_the_order_of_the_descriptors(simulated: Simulated) -> None:
    async def main() -> list[int]:
        loop = simulated_loop()
        pairs = [socket.socketpair() for _ in range(5)]
        heard: list[int] = []

        def hears(number: int, near: socket.socket) -> None:
            near.recv(1)
            heard.append(number)

        for number, (near, _) in enumerate(pairs):
            loop.add_reader(near, hears, number, near)
        for _, far in reversed(pairs):
            far.send(b"x")
        await asyncio.sleep(1.0)
        for near, far in pairs:
            loop.remove_reader(near)
            near.close()
            far.close()
        return heard

    assert simulated(main) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("speed", [0.0, -1.0, math.nan])
def test_a_speed_that_is_none_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="speed must be above 0"):
        SimulatedTimeLoop(speed)


def test_with_nothing_left_to_happen_the_loop_says_so_instead_of_hanging(simulated: Simulated) -> None:
    async def main() -> None:
        await simulated_loop().create_future()

    with pytest.raises(Stuck, match="no timer, no edge and no worker is left"):
        simulated(main)


def test_an_answer_nobody_will_give_without_a_deadline_is_told_apart(simulated: Simulated) -> None:
    async def main() -> None:
        loop = simulated_loop()
        release = threading.Event()
        asked = loop.run_in_executor(None, release.wait)
        wait = loop.worker_waits()
        try:
            await asked
        finally:
            wait.end()
            release.set()

    with pytest.raises(Stuck, match="a worker waits for an answer that no simulated instrument will give"):
        simulated(main)


def test_a_question_to_somebody_outside_is_waited_for_though_nothing_else_can_happen(simulated: Simulated) -> None:
    async def main() -> bytes:
        loop = simulated_loop()
        near, far = os.pipe()
        came: asyncio.Future[bytes] = loop.create_future()
        loop.add_reader(near, lambda: came.set_result(os.read(near, 10)))
        person = threading.Timer(0.02, os.write, (far, b"yes"))
        try:
            with loop.outside_is_asked():
                person.start()
                answer = await came
        finally:
            loop.remove_reader(near)
            person.join()
            os.close(near)
            os.close(far)
        assert loop.time() == 0.0
        return answer

    assert simulated(main) == b"yes"


# ---------------------------------------------------------------------- the workers


def test_real_work_in_a_thread_takes_no_simulated_time(simulated: Simulated) -> None:
    async def main() -> Log:
        bench = Bench()
        loop = simulated_loop()
        loop.call_at(0.001, bench.note, "timer")
        bench.note(f"worker: {await loop.run_in_executor(None, sum, range(2_000_000))}")
        await asyncio.sleep(1)
        return bench.log

    assert simulated(main) == [(0.0, "worker: 1999999000000"), (0.001, "timer")]


def test_a_workers_error_reaches_who_waits_for_it(simulated: Simulated) -> None:
    async def main() -> None:
        with pytest.raises(ZeroDivisionError):
            await simulated_loop().run_in_executor(None, lambda: 1 / 0)

    simulated(main)


def test_workers_begin_and_end_in_the_order_of_submission_not_of_the_threads(simulated: Simulated) -> None:
    async def main() -> list[str]:
        loop = simulated_loop()
        seen: list[str] = []

        async def one(name: str, size: int) -> None:
            def work() -> None:
                seen.append(f"{name} begins")
                sum(range(size))

            await loop.run_in_executor(None, work)
            seen.append(f"{name} ends")

        await asyncio.gather(one("long", 1_000_000), one("short", 10), one("shorter", 1))
        return seen

    order = ["long begins", "long ends", "short begins", "short ends", "shorter begins", "shorter ends"]
    assert simulated(main) == order


def test_what_a_worker_wrote_comes_before_its_result(simulated: Simulated) -> None:
    async def main() -> list[str]:
        loop = simulated_loop()
        seen: list[str] = []
        near, far = os.pipe()
        loop.add_reader(near, lambda: seen.append(os.read(near, 10).decode()))
        for k in range(200):
            await loop.run_in_executor(None, os.write, far, f"write {k}".encode())
            seen.append(f"result {k}")
        loop.remove_reader(near)
        os.close(near)
        os.close(far)
        return seen

    assert simulated(main) == [f"{kind} {k}" for k in range(200) for kind in ("write", "result")]


def test_a_call_cancelled_before_its_thread_began_never_runs(simulated: Simulated) -> None:
    async def main() -> list[str]:
        ran: list[str] = []
        future = simulated_loop().run_in_executor(None, ran.append, "it ran")
        future.cancel()
        await asyncio.sleep(1)
        return ran

    assert simulated(main) == []


def test_an_executor_that_was_shut_down_fails_its_caller_not_the_loop(simulated: Simulated) -> None:
    async def main() -> None:
        executor = concurrent.futures.ThreadPoolExecutor(1)
        executor.shutdown()
        with pytest.raises(RuntimeError, match="shutdown"):
            await simulated_loop().run_in_executor(executor, int)

    simulated(main)


def test_two_workers_wait_for_instruments_of_different_latency_at_once(simulated: Simulated) -> None:
    async def main() -> Log:
        bench = Bench()
        _, slow = await bench.add("slow", latency=0.5)
        _, quick = await bench.add("quick", latency=0.2)
        bench.log.clear()
        await asyncio.gather(bench.ask(slow, "1"), bench.ask(quick, "2"))
        await bench.close()
        return rounded(bench.log)

    assert simulated(main) == [
        (0.0, "slow hears MEAS? 1"),
        (0.0, "quick hears MEAS? 2"),
        (0.2, "quick answers 2"),
        (0.5, "slow answers 1"),
    ]


# ---------------------------------------------------------------------- everything at once


async def meet() -> Log:
    """VISA, a pty, edges, and instruments that are slow, late, silent and left alone, under deadlines, in one loop."""
    loop = simulated_loop()
    bench = Bench()
    _, source = await bench.add("source", latency=0.02)
    _, twin = await bench.add("twin", latency=0.02)
    _, slow = await bench.add("slow", latency=0.7)
    late_server, late = await bench.add("late", latency=0.1, deadline=0.4)
    silent_server, silent = await bench.add("silent", latency=0.1, deadline=0.9)
    _, left = await bench.add("left", latency=0.5)
    late_server.late_by = 0.35
    silent_server.manner = Manner.SILENT

    far, near = pty.openpty()
    tty.setraw(near)
    loop.add_reader(near, lambda: bench.note(f"pty brings {os.read(near, 100).decode()}"))
    for k in range(20):
        loop.call_at(0.05 * k + 0.01, os.write, far, f"<{k}>".encode())
    loop.add_source(Edges([0.03 * k for k in range(1, 40)], lambda time: bench.note(f"edge {time:.2f}")))

    async def poll(port: VisaPort, period: float, count: int) -> None:
        for k in range(count):
            await bench.ask(port, str(k))
            await asyncio.sleep(period)

    async def leave() -> None:
        try:
            async with asyncio.timeout(0.2):
                await bench.ask(left, "given up")
        except TimeoutError:
            bench.note("left: deadline")
        await bench.ask(left, "taken up")

    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(poll(source, 0.05, 12))
            group.create_task(poll(twin, 0.05, 12))
            group.create_task(bench.ask(slow, "1"))
            group.create_task(poll(late, 0.1, 3))
            group.create_task(bench.ask(silent, "1"))
            group.create_task(leave())
    finally:
        await asyncio.sleep(0.1)
        loop.remove_reader(near)
        os.close(near)
        os.close(far)
        await bench.close()
    return bench.log


@contextmanager
def both_cores_busy() -> Iterator[None]:
    hogs = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2)]
    try:
        yield
    finally:
        for hog in hogs:
            hog.kill()
        for hog in hogs:
            hog.wait()


def test_visa_a_pty_edges_and_instruments_of_every_manner_meet_in_one_loop(simulated: Simulated) -> None:
    log = rounded(simulated(meet))
    assert [time for time, _ in log] == sorted(time for time, _ in log), "nothing happens in the past"
    events = {what: time for time, what in reversed(log)}  # the first of each
    assert events["source answers 0"] == events["twin answers 0"] == 0.02
    assert events["slow answers 1"] == 0.7
    assert events["late: no answer"] == 0.4
    assert (0.5, "late hears *IDN?") in log, "the connection is opened anew"
    assert events["late hears MEAS? 1"] == 0.85, "and that answer is late by 0.35 s as well"
    assert "late answers 0" not in events
    assert events["silent: no answer"] == 0.9
    assert events["left: nobody waits"] == events["left: deadline"] == events["left hears MEAS? taken up"] == 0.2
    assert events["left answers taken up"] == 0.7
    assert sum(what.startswith("pty brings") for _, what in log) == 20
    assert events["pty brings <3>"] == 0.16
    assert sum(what.startswith("edge") for _, what in log) == 39


def test_ten_runs_are_equal_to_the_last_bit(simulated: Simulated) -> None:
    runs = {repr(simulated(meet)) for _ in range(10)}
    assert len(runs) == 1


def test_ten_runs_are_equal_while_other_processes_hold_both_cores(simulated: Simulated) -> None:
    quiet = repr(simulated(meet))
    with both_cores_busy():
        runs = {repr(simulated(meet)) for _ in range(10)}
    assert runs == {quiet}
