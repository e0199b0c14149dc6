"""The session in this process: the engine runs in a thread of its own, on a loop of its own, so that no screen can hold it up."""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import ExitStack
from typing import Any, TypeVar

from bench.assembly import Setup, engine_for
from bench.engine import Engine, Prepared
from bench.facts import Fact
from bench.journal_errors import JournalError
from bench.places import PlaceError
from bench.session import LineGlance, RunRequest, StationCard, Unreachable, check_speed
from drivers.power_source import InstrumentError
from drivers.simulated.simulated_time import SimulatedTimeLoop

_T = TypeVar("_T")


def open_session(
    *, simulated: bool, station: str | None, positions: int, seed: int, faults: Sequence[str], speed: float
) -> InProcessSession:
    """Open the station and return its session. Raises `Refused` for what was asked, `Unreachable` for what the world refuses."""
    return InProcessSession(Setup(simulated, station, positions, seed, tuple(faults), speed))


class InProcessSession:
    """A `Session` whose engine lives in a thread. Opened by its constructor, ended by `close`."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        opened: concurrent.futures.Future[Engine] = concurrent.futures.Future()
        self._thread = threading.Thread(target=self._live, args=(opened,), name="engine", daemon=True)
        self._thread.start()
        self._engine = opened.result()

    # ------------------------------------------------------------------ in the engine's thread

    def _live(self, opened: concurrent.futures.Future[Engine]) -> None:
        factory: Callable[[], asyncio.AbstractEventLoop] | None = None
        if self._setup.simulated:
            factory = lambda: SimulatedTimeLoop(self._setup.speed)  # noqa: E731  # asyncio.Runner wants a callable
        try:
            with asyncio.Runner(loop_factory=factory) as runner:
                runner.run(self._serve(opened))
        except BaseException as error:
            if opened.done():
                raise
            opened.set_exception(_as_refusal(error))  # whoever waits for the session to open is told

    async def _serve(self, opened: concurrent.futures.Future[Engine]) -> None:
        self._loop = asyncio.get_running_loop()
        self._closing = asyncio.Event()
        self._run: asyncio.Task[None] | None = None
        async with engine_for(self._setup) as engine:
            if self._setup.simulated:
                engine.board.line(speed=self._setup.speed)
            with ExitStack() as self._idle:
                self._ask_outside()
                opened.set_result(engine)
                await self._closing.wait()

    def _ask_outside(self) -> None:
        """Between runs nothing is due on the simulated clock: somebody outside decides what happens next."""
        if isinstance(self._loop, SimulatedTimeLoop):
            self._idle.enter_context(self._loop.outside_is_asked())

    async def _test(self, prepared: Prepared) -> None:
        self._idle.close()
        try:
            await self._engine.execute(prepared)
        finally:
            self._ask_outside()

    async def _start(self, request: RunRequest, badge: str) -> str:
        prepared = await self._engine.prepare(request, badge)
        self._run = asyncio.create_task(self._test(prepared))
        return prepared.run.id

    async def _end(self) -> None:
        await self._engine.abort("end of session")
        if self._run is not None:
            await asyncio.wait([self._run])
        self._closing.set()

    async def _set_speed(self, speed: float) -> None:
        assert isinstance(self._loop, SimulatedTimeLoop)
        self._loop.speed = speed
        self._engine.board.line(speed=speed)

    async def _answer(self, prompt: str, answer: str, badge: str) -> None:
        self._engine.answer(prompt, answer, badge)

    async def _rearm(self, badge: str) -> None:
        self._engine.rearm(badge)

    # ------------------------------------------------------------------ Session, from any thread

    @property
    def card(self) -> StationCard:
        """The station."""
        return self._engine.card

    async def start(self, request: RunRequest, badge: str) -> str:
        """Start a run and return its id. Raises `Refused`."""
        return await self._in_engine(self._start(request, badge))

    async def abort(self, badge: str) -> None:
        """Stop the run: source off first, then the record."""
        await self._in_engine(self._engine.abort(badge))

    async def answer(self, prompt: str, answer: str, badge: str) -> None:
        """Answer an open prompt. Raises `Refused` when it is not open or the answer is none of its choices."""
        await self._in_engine(self._answer(prompt, answer, badge))

    async def rearm(self, badge: str) -> None:
        """Let a tripped source energise again."""
        await self._in_engine(self._rearm(badge))

    def set_speed(self, speed: float) -> None:
        """Simulated seconds a second. Raises `Refused` on a real station, and for a speed of 0 or less."""
        check_speed(self.card, speed)
        asyncio.run_coroutine_threadsafe(self._set_speed(speed), self._loop).result()

    def glance(self) -> LineGlance:
        """The latest picture."""
        return self._engine.board.glance

    def facts(self, after: int = 0) -> AsyncIterator[Fact]:
        """Every fact with a number above `after`, then the new ones as they come."""
        return self._engine.facts.follow(after)

    async def close(self) -> None:
        """End the session; a run under way is aborted first and the source is off afterwards. Closing twice is once."""
        if self._thread.is_alive():
            await self._in_engine(self._end())
            await asyncio.to_thread(self._thread.join)

    async def ended(self) -> None:
        """Return when the engine's thread has ended, by `close` or by a fault of its own."""
        await asyncio.to_thread(self._thread.join)

    async def _in_engine(self, work: Coroutine[Any, Any, _T]) -> _T:
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))


def _as_refusal(error: BaseException) -> BaseException:
    if isinstance(error, (InstrumentError, JournalError, PlaceError)):
        return Unreachable(str(error))
    return error
