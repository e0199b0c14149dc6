"""The one wrapper round pyvisa: asyncio on the outside, one worker thread inside, every trap of raw sockets closed.

A question has one deadline, on the loop's clock; whatever breaks it ends the connection, which is opened anew before the next
question, so that a late answer is never taken for the answer to something else.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from drivers.language import SCPI, Language
from drivers.power_source import InstrumentError, SelfReported, Unanswered
from drivers.visa_link import VisaLink

_T = TypeVar("_T")

_MORE_ERRORS_THAN_ANY_QUEUE = 100
_ERROR_ENTRY = re.compile(r'(?:(?P<answers>.*);)?(?P<number>[+-]?\d+),(?P<text>"[^"]*")')
"""Answers, then one entry of the error queue (SCPI-99 volume 2, 21.8); its text may hold a semicolon of its own."""


class Revoked(InstrumentError):
    """This handle was taken away: somebody else is responsible for the instrument now."""


class Overtaken(InstrumentError):
    """Something urgent was sent while this question was open: its answer is not waited for."""


@dataclass(frozen=True)
class Answer:
    """What an instrument answered, and when."""

    text: str
    asked: float
    """Loop time in s at which the question was sent."""
    answered: float
    """Loop time in s at which the answer was there."""


class VisaPort:
    """One VISA resource with one owner: questions of several tasks take turns, each within `deadline` seconds.

    On a socket or a serial port an expired deadline or a cancelled task gives the worker thread back at once. On any other
    (HiSLIP, VXI-11, USBTMC, GPIB) pyvisa waits, 20 ms at a time: so long the thread needs to come back.
    All methods raise `InstrumentError` with a sentence to act on.
    """

    def __init__(self, resource: str, instrument: str, deadline: float = 2.0, language: Language = SCPI) -> None:
        """Name the VISA `resource` and what messages call the instrument ("power source"). Nothing is opened yet."""
        self.resource = resource
        self._language = language
        self.instrument = instrument
        self.deadline = deadline
        self.identity = ""
        """Answer to `*IDN?`, or to what this language has for it: maker, model, serial number and firmware."""
        self._turn = asyncio.Lock()
        self._link: VisaLink | None = None
        self._thread: ThreadPoolExecutor | None = None
        self._revoked: str | None = None
        self._urgency = asyncio.Lock()
        self._calm = asyncio.Event()
        self._calm.set()
        self._question: asyncio.Future[Any] | None = None
        """What the thread is at for the task whose turn it is."""
        self._overtaken: asyncio.Future[Any] | None = None
        self._retired: set[asyncio.Future[None]] = set()
        """Connections that were left behind in haste, on their way to their end."""

    async def open(self) -> None:
        """Connect and ask who it is, which also proves that somebody answers. Opening an open port opens it anew."""
        async with self._our_turn():
            self._check_not_revoked()
            self.identity = ""
            await self._connect()

    async def ask(self, text: str) -> Answer:
        """Ask one line and wait for its answer, with the times of both."""
        async with self._our_turn():
            return await self._ask(text)

    async def query(self, text: str) -> str:
        """Ask one line and return its answer."""
        return (await self.ask(text)).text

    async def command(self, text: str) -> str:
        """Send settings and read the error queue on the same line; return what questions in `text` answered.

        Raises `InstrumentError` with the instrument's own words when the queue is not empty, and empties it: `SelfReported` when
        no entry is about a command or its execution (−100 to −299; SCPI-99 volume 2, 21.8), so that nothing was refused.
        """
        async with self._our_turn():
            answers, error = self._split_error((await self._ask(f"{text};:SYST:ERR?")).text)
            if error is None:
                return answers
            errors = dict.fromkeys([error, *await self._drain()])
        name, told = f"the {self.instrument} at {self.resource}", ", ".join(errors)
        if not any(-300 < int(each.partition(",")[0]) <= -100 for each in errors):
            raise SelfReported(f"{name} reports {told}; look at its display")
        raise InstrumentError(f"{name} refused {text!r}: {told}")

    async def drain_errors(self) -> list[str]:
        """Empty the instrument's error queue and return its entries, oldest first."""
        async with self._our_turn():
            return await self._drain()

    async def urge(self, lines: Sequence[str]) -> None:
        """Send settings at once, whatever is asked or waits its turn, then bring question and answer back into step.

        A connection that is sound carries them although an answer is outstanding: whoever waited for it gets `Overtaken`. One
        that is broken, or was given up, is left behind for a new one, on which they come before any question. Nothing
        acknowledges them. Raises `InstrumentError` when the instrument does not say afterwards who it is: they were sent, and
        what became of them is not known.
        """
        self._check_not_revoked()
        async with self._urgency:
            self._calm.clear()
            try:
                await self._urge(lines)
            finally:
                self._calm.set()

    def mistrust(self) -> None:
        """An answer made no sense: question and answer may be out of step, so the next call connects anew."""
        if self._link is not None:
            self._link.give_up()

    def revoke(self, reason: str) -> None:
        """Make every later call raise `Revoked`, but for `close`, which touches no setting."""
        self._revoked = reason

    async def close(self) -> None:
        """Let the connection go."""
        async with self._turn:
            link, thread = self._link, self._thread
            self._link = self._thread = None
            if link is not None and thread is not None:
                closing = asyncio.get_running_loop().run_in_executor(thread, link.close)
                closing.add_done_callback(lambda _: thread.shutdown(wait=False))
                await asyncio.shield(closing)
            if self._retired:
                await asyncio.wait(self._retired)

    # ------------------------------------------------------------------ what runs while it is our turn

    @asynccontextmanager
    async def _our_turn(self) -> AsyncIterator[None]:
        async with self._turn:
            await self._calm.wait()
            yield

    async def _urge(self, lines: Sequence[str]) -> None:
        old = self._link
        if old is None:
            raise InstrumentError(f"the {self.instrument} at {self.resource} is not open")
        question = self._overtaken = self._question
        identity = self.identity
        loop = asyncio.get_running_loop()
        # Handed to the thread before anything is awaited, so that no other question comes first.
        if old.sound and identity:
            link = old
            link.overtake()
            urged = loop.run_in_executor(self._thread, lambda: link.urge(lines, identity))
        else:
            # The thread of the old one may be in the middle of connecting or parting: this cannot wait for it.
            thread, self._thread = self._thread, self._new_thread()
            link = self._link = self._new_link()
            urged = loop.run_in_executor(self._thread, lambda: link.open_urgently(lines, identity))
            self._retire(old, thread)
        if question is not None:
            question.cancel()
        await self._within_deadline(link, urged, self._language.who)

    def _retire(self, link: VisaLink, thread: ThreadPoolExecutor | None) -> None:
        link.give_up()
        if thread is not None:
            self._part(link, thread).add_done_callback(lambda _: thread.shutdown(wait=False))

    def _part(self, link: VisaLink, thread: ThreadPoolExecutor) -> asyncio.Future[None]:
        parting = asyncio.get_running_loop().run_in_executor(thread, link.close)
        self._retired.add(parting)
        parting.add_done_callback(self._retired.discard)
        return parting

    def _new_thread(self) -> ThreadPoolExecutor:
        # One thread a connection: a call that was given up is over before the next one begins.
        return ThreadPoolExecutor(1, thread_name_prefix=self.instrument)

    def _new_link(self) -> VisaLink:
        return VisaLink(self.resource, self.instrument, self.deadline, self._language)

    async def _ask(self, text: str) -> Answer:
        self._check_not_revoked()
        if self._link is None:
            raise InstrumentError(f"the {self.instrument} at {self.resource} is not open")
        if self._link.broken:
            await self._connect()
        link = self._link
        loop = asyncio.get_running_loop()
        asked = loop.time()
        answer = await self._in_thread(link, lambda: link.ask(text), text)
        return Answer(answer, asked, loop.time())

    async def _connect(self) -> None:
        if self._thread is None:
            self._thread = self._new_thread()
        old, link = self._link, self._new_link()
        self._link = link
        if old is not None:
            # A job of its own: whoever overtakes the opening before it has begun takes only that along.
            self._part(old, self._thread)
        identity = await self._in_thread(link, link.open, self._language.who)
        if self.identity and identity != self.identity:
            link.give_up()
            raise Unanswered(
                f"the {self.instrument} at {self.resource} answered {identity!r} where its identity {self.identity!r} was "
                "expected; does another instrument answer there?"
            )
        self.identity = identity

    async def _in_thread(self, link: VisaLink, work: Callable[[], _T], text: str) -> _T:
        question = self._question = asyncio.get_running_loop().run_in_executor(self._thread, work)
        try:
            return await self._within_deadline(link, question, text)
        finally:
            if self._question is question:
                self._question = None

    async def _within_deadline(self, link: VisaLink, work: asyncio.Future[_T], text: str) -> _T:
        try:
            async with asyncio.timeout(self.deadline):
                try:
                    return await work
                except (asyncio.CancelledError, GeneratorExit):
                    if work is not self._overtaken:
                        link.give_up()
                    elif _nobody_cancels():
                        raise Overtaken(
                            f"the {self.instrument} at {self.resource} was told something urgent before it answered {text[:80]!r}"
                        ) from None
                    raise
        except TimeoutError:
            raise link.silence(text) from None

    async def _drain(self) -> list[str]:
        errors: list[str] = []
        for _ in range(_MORE_ERRORS_THAN_ANY_QUEUE):
            _, error = self._split_error((await self._ask("SYST:ERR?")).text)
            if error is None:
                return errors
            errors.append(error)
        raise InstrumentError(
            f"the error queue of the {self.instrument} at {self.resource} does not come to an end "
            f"({errors[-1]}); switch the instrument off and on"
        )

    def _split_error(self, answer: str) -> tuple[str, str | None]:
        match = _ERROR_ENTRY.fullmatch(answer)
        if match is None:
            self.mistrust()
            raise Unanswered(
                f"the {self.instrument} at {self.resource} answered {answer!r} where an entry of its error queue was "
                "expected; is this the instrument the station file names?"
            )
        number, text = int(match["number"]), match["text"]
        return match["answers"] or "", f"{number},{text}" if number else None

    def _check_not_revoked(self) -> None:
        if self._revoked is not None:
            raise Revoked(f"the {self.instrument} is no longer in these hands: {self._revoked}")


def _nobody_cancels() -> bool:
    task = asyncio.current_task()
    return task is not None and not task.cancelling()
