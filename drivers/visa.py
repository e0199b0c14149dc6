"""The one wrapper round pyvisa: asyncio on the outside, one worker thread inside, every trap of raw sockets closed.

A question has one deadline, on the loop's clock; whatever breaks it ends the connection, which is opened anew before the next
question, so that a late answer is never taken for the answer to something else.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from drivers.power_source import InstrumentError
from drivers.visa_link import SCPI, Language, VisaLink

_T = TypeVar("_T")

_MORE_ERRORS_THAN_ANY_QUEUE = 100
_ERROR_ENTRY = re.compile(r'(?:(?P<answers>.*);)?(?P<number>[+-]?\d+),(?P<text>"[^"]*")')
"""Answers, then one entry of the error queue (SCPI-99 volume 2, 21.8); its text may hold a semicolon of its own."""


class Revoked(InstrumentError):
    """This handle was taken away: somebody else is responsible for the instrument now."""


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

    On a raw socket an expired deadline or a cancelled task gives the worker thread back at once. Any other port (HiSLIP,
    serial, GPIB) goes through the same methods, but pyvisa waits there: the thread comes back with VISA's own timeout.
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

    async def open(self) -> None:
        """Connect and ask who it is, which also proves that somebody answers. Opening an open port opens it anew."""
        async with self._turn:
            self._check_not_revoked()
            self.identity = ""
            await self._connect()

    async def ask(self, text: str) -> Answer:
        """Ask one line and wait for its answer, with the times of both."""
        async with self._turn:
            return await self._ask(text)

    async def query(self, text: str) -> str:
        """Ask one line and return its answer."""
        return (await self.ask(text)).text

    async def command(self, text: str) -> str:
        """Send settings and read the error queue on the same line; return what questions in `text` answered.

        Raises `InstrumentError` with the instrument's own words when the queue is not empty, and empties it.
        """
        async with self._turn:
            answers, error = self._split_error((await self._ask(f"{text};:SYST:ERR?")).text)
            if error is None:
                return answers
            errors = [error, *await self._drain()]
        raise InstrumentError(f"the {self.instrument} at {self.resource} refused {text!r}: {', '.join(errors)}")

    async def drain_errors(self) -> list[str]:
        """Empty the instrument's error queue and return its entries, oldest first."""
        async with self._turn:
            return await self._drain()

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

    # ------------------------------------------------------------------ what runs while it is our turn

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
            # One thread a port: a call that was given up is over before the next one begins.
            self._thread = ThreadPoolExecutor(1, thread_name_prefix=self.instrument)
        old, link = self._link, VisaLink(self.resource, self.instrument, self.deadline, self._language)
        self._link = link

        def replace() -> str:
            if old is not None:
                old.close()
            return link.open()

        identity = await self._in_thread(link, replace, self._language.who)
        if self.identity and identity != self.identity:
            link.give_up()
            raise InstrumentError(
                f"another instrument answers at {self.resource}: {identity!r} where {self.identity!r} was. "
                "Look at its address and start again"
            )
        self.identity = identity

    async def _in_thread(self, link: VisaLink, work: Callable[[], _T], text: str) -> _T:
        try:
            async with asyncio.timeout(self.deadline):
                try:
                    return await asyncio.get_running_loop().run_in_executor(self._thread, work)
                except (asyncio.CancelledError, GeneratorExit):
                    link.give_up()
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
            raise InstrumentError(
                f"the {self.instrument} at {self.resource} answered {answer!r} where an entry of its error queue was "
                "expected; is this the instrument the station file names?"
            )
        number, text = int(match["number"]), match["text"]
        return match["answers"] or "", f"{number},{text}" if number else None

    def _check_not_revoked(self) -> None:
        if self._revoked is not None:
            raise Revoked(f"the {self.instrument} is no longer in these hands: {self._revoked}")
