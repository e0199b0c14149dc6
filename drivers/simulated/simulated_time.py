"""Simulated time: an asyncio loop whose clock jumps to the next thing that happens, or waits for it at 1x, 10x, 60x.

Sequences, runner and drivers run in it unchanged: blocking library calls stay in worker threads, serial bytes stay on real
file descriptors, and the same seed gives the same run however the machine is loaded.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import functools
import math
import os
import select
import selectors
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, TypeVarTuple, Unpack

if TYPE_CHECKING:
    from _typeshed import FileDescriptorLike

_T = TypeVar("_T")
_Ts = TypeVarTuple("_Ts")

_LAG_FORGIVEN_S = 0.25
"""When the machine falls further behind a paced clock than this, the pace starts anew instead of racing to catch up."""


class Stuck(RuntimeError):
    """Nothing can ever happen again: no timer, no edge, no worker, nobody outside to wait for."""


class EdgeSource(Protocol):
    """Something that knows when it happens next, cheaper than a timer: the S0 edges of all meters are one such source."""

    def next_time(self) -> float | None:
        """Loop time of the next event in seconds, or None when none is due."""

    def fire(self) -> None:
        """Let that event happen; the loop's time is its time."""


class WorkerWait:
    """A simulated instrument owes a worker thread an answer at a later simulated time; until `end`, time may pass.

    Without it a worker that waits for an answer would look busy, and time would stand still for ever. It counts for the
    call that was under way: the next call of the same thread is busy until the instrument owes an answer to that one.
    """

    def __init__(self, loop: SimulatedTimeLoop) -> None:
        self._loop = loop
        self._job = loop._whom_this_holds_up()
        loop._waits.append(self)

    def end(self) -> None:
        """The answer was sent, or its client is gone. Ending twice is once."""
        if self in self._loop._waits:
            self._loop._waits.remove(self)


class _Job:
    """One call in a worker thread, kept in the order of submission until its result is delivered."""

    __slots__ = ("done", "error", "future", "result", "start")

    def __init__(self, future: asyncio.Future[Any]) -> None:
        self.future = future
        self.start: Callable[[], object] | None = None
        """Hands the call to its thread; None once that is done."""
        self.done = False
        self.result: Any = None
        self.error: BaseException | None = None


class _Selector(selectors.DefaultSelector):
    """Looks for real I/O first and lets simulated time pass only when there is none.

    Of terminals the kernel hands bytes on through a work queue, which poll flushes and epoll does not: without that look, time would
    race past them.
    """

    loop: SimulatedTimeLoop

    def __init__(self) -> None:
        super().__init__()
        self._terminals: dict[int, select.poll] = {}

    def register(self, fileobj: FileDescriptorLike, events: int, data: Any = None) -> selectors.SelectorKey:
        key = super().register(fileobj, events, data)
        if os.isatty(key.fd):
            self._terminals[key.fd] = flushing = select.poll()
            flushing.register(key.fd)
        return key

    def unregister(self, fileobj: FileDescriptorLike) -> selectors.SelectorKey:
        key = super().unregister(fileobj)
        self._terminals.pop(key.fd, None)
        return key

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = self._look(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        return self.loop._nothing_ready()

    def wait(self, timeout: float | None) -> list[tuple[selectors.SelectorKey, int]]:
        return self._look(timeout)

    def _look(self, timeout: float | None) -> list[tuple[selectors.SelectorKey, int]]:
        """What is ready by then, in the order of the descriptors: who wrote first is the machine's chance."""
        for terminal in self._terminals.values():
            terminal.poll(0)
        ready = super().select(timeout)
        if len(ready) > 1:
            ready.sort(key=lambda each: each[0].fd)
        return ready


class SimulatedTimeLoop(asyncio.SelectorEventLoop):
    """The simulated clock, in seconds from 0.0. `speed` is `math.inf` (jump), 1.0 (real time) or any factor.

    Workers start and their results are delivered one at a time in the order of submission, and only when no callback is ready,
    nothing is readable and every worker still running is known to wait for a simulated instrument (`worker_waits`). So the
    questions of two workers reach the world in the order in which they were asked, not in the order of the machine's threads.
    """

    _closed = True  # until asyncio has made it: a loop refused for its speed has nothing to close

    def __init__(self, speed: float = math.inf, workers: int = 16) -> None:
        if not speed > 0:
            raise ValueError(f"speed must be above 0, not {speed}")
        selector = _Selector()
        self._now = 0.0
        self._speed = speed
        self._pace: tuple[float, float] | None = None  # (real, simulated) instants the pace is counted from
        self._jobs: list[_Job] = []
        self._waits: list[WorkerWait] = []
        self._outside = 0
        self._sources: list[EdgeSource] = []
        self._pool = concurrent.futures.ThreadPoolExecutor(workers, thread_name_prefix="worker")
        super().__init__(selector)
        selector.loop = self
        self._real_selector = selector
        self._clock_resolution = 1e-9

    # ------------------------------------------------------------------ what the world and the tests call

    def time(self) -> float:
        """Simulated seconds since the loop was made."""
        return self._now

    def add_source(self, source: EdgeSource) -> None:
        """Ask `source` for its next time whenever time is about to pass."""
        self._sources.append(source)

    def worker_waits(self) -> WorkerWait:
        """Declare that a worker waits for a simulated answer; call `end` when it is sent or its client has gone."""
        return WorkerWait(self)

    @contextmanager
    def outside_is_asked(self) -> Iterator[None]:
        """While a question to somebody outside is open, time runs at most as fast as theirs."""
        self._outside += 1
        self._pace = None
        try:
            yield
        finally:
            self._outside -= 1
            self._pace = None

    @property
    def speed(self) -> float:
        """Simulated seconds a real second; `math.inf` jumps."""
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        if not speed > 0:
            raise ValueError(f"speed must be above 0, not {speed}")
        self._speed = speed
        self._pace = None

    # ------------------------------------------------------------------ worker threads

    def run_in_executor(
        self,
        executor: concurrent.futures.Executor | None,
        func: Callable[[Unpack[_Ts]], _T],
        *args: *_Ts,
    ) -> asyncio.Future[_T]:
        """Run a blocking call in a thread; its result is delivered in the order of submission."""
        self._check_closed()  # type: ignore[attr-defined]  # asyncio's own guard
        job = _Job(self.create_future())

        def work() -> None:
            try:
                job.result = func(*args)
            except BaseException as error:  # handed to the awaiting task whatever it is
                job.error = error
            job.done = True
            self._write_to_self()  # type: ignore[attr-defined]  # wakes the selector

        job.start = functools.partial((executor or self._pool).submit, work)
        self._jobs.append(job)
        return job.future

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:  # noqa: ARG002  # base signature
        """Join the worker threads. All results have been delivered by then, so no timer is needed."""
        self._executor_shutdown_called = True
        self._pool.shutdown(wait=True)

    def close(self) -> None:
        """Close the loop and its threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        super().close()

    # ------------------------------------------------------------------ how time passes

    def _nothing_ready(self) -> list[tuple[selectors.SelectorKey, int]]:
        running = self._running()
        given_up = any(job.future.cancelled() for job in running)
        if given_up or any(not self._waits_for_an_answer(job) for job in running):
            # Real work is under way (or a thread has yet to notice it was given up): simulated time stands still.
            return self._real_selector.wait(None)
        for job in self._jobs:
            if job.done:
                # What it wrote or closed before it was done comes before its result.
                events = self._real_selector.wait(0)
                if not events:
                    self._jobs.remove(job)
                    self._deliver(job)
                return events
        for job in self._jobs:
            if job.start is not None:
                start, job.start = job.start, None
                if job.future.cancelled():  # before it began: as in asyncio, it never does
                    self._jobs.remove(job)
                    return []
                try:
                    start()
                except RuntimeError as error:  # its executor was shut down: the caller's mistake, not the loop's
                    job.error, job.done = error, True
                return []
        return self._let_time_pass()

    def _running(self) -> list[_Job]:
        return [job for job in self._jobs if job.start is None and not job.done]

    def _waits_for_an_answer(self, job: _Job) -> bool:
        return any(wait._job is job for wait in self._waits)

    def _whom_this_holds_up(self) -> _Job | None:
        """Calls begin one at a time, so at most one is busy; if none is, the latest has asked for more than one answer."""
        running = self._running()
        busy = [job for job in running if not self._waits_for_an_answer(job)]
        return next(iter([*busy, *reversed(running), *self._jobs]), None)

    @staticmethod
    def _deliver(job: _Job) -> None:
        if job.future.cancelled():
            return
        if job.error is not None:
            job.future.set_exception(job.error)
        else:
            job.future.set_result(job.result)

    def _let_time_pass(self) -> list[tuple[selectors.SelectorKey, int]]:
        timers: list[asyncio.TimerHandle] = self._scheduled  # type: ignore[attr-defined]  # asyncio's heap of timers
        ready = self._ready  # type: ignore[attr-defined]
        paced = self._paced  # who changes it calls back, and what is ready ends this
        while True:
            source, edge = None, math.inf
            for each in self._sources:
                when = each.next_time()
                if when is not None and when < edge:
                    source, edge = each, when
            timer = timers[0].when() if timers else math.inf
            if source is None or timer < edge:
                break
            if not paced:
                self._now = max(self._now, edge)
            elif events := self._move_to(edge):
                return events
            source.fire()
            if ready or (paced and self._real_selector.wait(0)):
                return []
        if timers:
            return self._move_to(timer)
        if self._outside:
            events = self._real_selector.wait(None)
            self._pace = None
            return events
        raise Stuck(
            "nothing can ever happen again: no timer, no edge and no worker is left"
            if not self._jobs
            else "a worker waits for an answer that no simulated instrument will give, and no deadline is set"
        )

    @property
    def _paced(self) -> bool:
        return self._outside > 0 or self._speed != math.inf

    def _move_to(self, when: float) -> list[tuple[selectors.SelectorKey, int]]:
        """Move the clock to `when`; on a paced clock wait for it, and stop early for real I/O."""
        if not self._paced:
            self._now = max(self._now, when)
            return []
        speed = min(self._speed, 1.0) if self._outside else self._speed
        real = time.monotonic()
        if self._pace is None or real - self._pace[0] - (self._now - self._pace[1]) / speed > _LAG_FORGIVEN_S:
            self._pace = (real, self._now)
        real0, simulated0 = self._pace
        wait = real0 + (when - simulated0) / speed - real
        events = self._real_selector.wait(max(0.0, wait))
        if events:
            passed = simulated0 + (time.monotonic() - real0) * speed
            self._now = max(self._now, min(when, passed))
        else:
            self._now = max(self._now, when)
        return events


def run_simulated(main: Callable[[], Any], speed: float = math.inf) -> Any:
    """Run the coroutine that `main` makes on a fresh simulated loop and return its result."""
    with asyncio.Runner(loop_factory=lambda: SimulatedTimeLoop(speed)) as runner:
        return runner.run(main())


__all__ = ["EdgeSource", "SimulatedTimeLoop", "Stuck", "WorkerWait", "run_simulated"]
