"""The one thread that writes the journal, as seen from the engine's loop: every method returns when the commit is on the disk.

A commit is not interrupted: a cancellation that arrives meanwhile takes effect at the caller's next await, so that the caller
always learns whether its step is on the disk. An aborted run that did not know would close the same step twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar, TypeVarTuple, Unpack

from bench.journal import Journal
from bench.journal_reader import RunSummary
from bench.record import Act, Run, Step
from bench.release import Release
from bench.results import Result
from bench.verdict import Ending

_T = TypeVar("_T")
_Ts = TypeVarTuple("_Ts")


class JournalWriter:
    """The journal at `path`, opened with `async with` and written in a thread of its own. All methods raise `JournalError`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.interrupted: tuple[str, ...] = ()
        """Ids of the runs that a dead process had left open and that were closed as INTERRUPTED at opening."""
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")

    async def __aenter__(self) -> Self:
        try:
            # In the thread: a connection belongs to the one that made it.
            self._journal = await self._call(Journal, self.path)
        except BaseException:
            self._thread.shutdown()
            raise
        self.interrupted = self._journal.interrupted
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self._call(self._journal.close)
        finally:
            self._thread.shutdown()

    async def open_run(self, run: Run) -> None:
        """As `Journal.open_run`."""
        await self._call(self._journal.open_run, run)

    async def close_step(self, run_id: str, step: Step) -> None:
        """As `Journal.close_step`."""
        await self._call(self._journal.close_step, run_id, step)

    async def act(self, run_id: str, act: Act) -> None:
        """As `Journal.act`."""
        await self._call(self._journal.act, run_id, act)

    async def close_run(self, run_id: str, ending: Ending, reason: str, closed_at: str) -> None:
        """As `Journal.close_run`."""
        await self._call(self._journal.close_run, run_id, ending, reason, closed_at)

    async def run(self, prefix: str) -> Run:
        """As `JournalReader.run`."""
        return await self._call(self._journal.run, prefix)

    async def runs(self, limit: int = 20, *, serial: str = "") -> tuple[RunSummary, ...]:
        """As `JournalReader.runs`: the latest, or those of one serial number."""
        return await self._call(lambda: self._journal.runs(limit, serial=serial))

    async def releases(self, plan_hash: str) -> tuple[Release, ...]:
        """As `JournalReader.releases`."""
        return await self._call(self._journal.releases, plan_hash)

    async def results(self, *, purposes: Collection[str], **wanted: Collection[str]) -> tuple[Result, ...]:
        """As `JournalReader.results`."""
        return await self._call(lambda: self._journal.results(purposes=purposes, **wanted))

    async def _call(self, function: Callable[[Unpack[_Ts]], _T], *args: *_Ts) -> _T:
        work = asyncio.get_running_loop().run_in_executor(self._thread, function, *args)
        cancelled = 0
        while not work.done():
            try:
                await asyncio.wait([work])
            except asyncio.CancelledError:
                cancelled += 1
        task = asyncio.current_task()
        for _ in range(cancelled):
            # Taken back and asked again: the count of requests stays, and the next await of the caller raises it.
            assert task is not None
            task.uncancel()
            task.cancel()
        return work.result()
