"""The one wrapper round pyvisa: asyncio on the outside, one worker thread inside, every trap of raw sockets closed.

A question has one deadline, on the loop's clock; whatever breaks it ends the connection, which is opened anew before the next
question, so that a late answer is never taken for the answer to something else.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import select
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from drivers.power_source import InstrumentError

if TYPE_CHECKING:
    from pyvisa import ResourceManager
    from pyvisa.resources import MessageBasedResource

_T = TypeVar("_T")

_MORE_ERRORS_THAN_ANY_QUEUE = 100
_PARTING_MS = 250
"""How long the instrument may take to let go of a connection: some accept only one, and refuse the next until then."""

_LAST_WORDS = 64
"""How many chunks a babbling instrument may still send meanwhile."""

_ERROR_ENTRY = re.compile(r'(?:(?P<answers>.*);)?(?P<number>[+-]?\d+),(?P<text>"[^"]*")')
"""Answers, then one entry of the error queue (SCPI-99 volume 2, 21.8); its text may hold a semicolon of its own."""

_resource_manager_lock = threading.Lock()


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

    def __init__(self, resource: str, instrument: str, deadline: float = 2.0) -> None:
        """Name the VISA `resource` and what messages call the instrument ("power source"). Nothing is opened yet."""
        self.resource = resource
        self.instrument = instrument
        self.deadline = deadline
        self.identity = ""
        """Answer to `*IDN?`: maker, model, serial number and firmware."""
        self._turn = asyncio.Lock()
        self._link: _Link | None = None
        self._thread: ThreadPoolExecutor | None = None
        self._revoked: str | None = None

    async def open(self) -> None:
        """Connect and ask `*IDN?`, which also proves that somebody answers. Opening an open port opens it anew."""
        async with self._turn:
            self._check_not_revoked()
            self.identity = ""
            await self._connect()

    async def ask(self, text: str) -> Answer:
        """Ask one line and wait for its one line of answer, with the times of both."""
        async with self._turn:
            return await self._ask(text)

    async def query(self, text: str) -> str:
        """Ask one line and return its one line of answer."""
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
        old, link = self._link, _Link(self.resource, self.instrument, self.deadline)
        self._link = link

        def replace() -> str:
            if old is not None:
                old.close()
            return link.open()

        identity = await self._in_thread(link, replace, "*IDN?")
        if self.identity and identity != self.identity:
            link.give_up()
            raise InstrumentError(
                f"another instrument answers at {self.resource}: {identity!r} where {self.identity!r} was. "
                "Look at its address and start again"
            )
        self.identity = identity

    async def _in_thread(self, link: _Link, work: Callable[[], _T], text: str) -> _T:
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


class _GivenUp(Exception):
    """Nobody waits for this answer any more."""


class _Link:
    """One VISA session, from connecting to its end. All but `give_up` and `broken` belong to the port's thread."""

    def __init__(self, resource: str, instrument: str, deadline: float) -> None:
        self._resource = resource
        self._name = f"the {instrument} at {resource}"
        self._deadline = deadline
        self._given_up = self._closed = False
        self._visa: MessageBasedResource | None = None
        self._socket: socket.socket | None = None
        self._unread = b""
        # Wakes the thread: closing the far end is seen at the near one, whether the thread waits by then or not.
        self._wake, self._wake_far = socket.socketpair()
        self._poll = select.poll()
        self._poll.register(self._wake, select.POLLIN)

    @property
    def broken(self) -> bool:
        """Whether the next question needs a new link."""
        return self._given_up or self._closed

    def give_up(self) -> None:
        """Nobody waits any more: the thread comes back and closes the link. Called on the loop's own thread."""
        self._given_up = True
        self._wake_far.close()

    def open(self) -> str:
        """Connect and return the answer to `*IDN?`."""
        try:
            self._connect()
        except BaseException:
            self.close()
            raise
        return self.ask("*IDN?")

    def ask(self, text: str) -> str:
        """Write a line and return the line that answers it; on any failure the link is closed."""
        from pyvisa.errors import Error as VisaError  # heavy, and first needed when a port opens

        try:
            return self._ask(text)
        except VisaError as error:
            self.close()
            if getattr(error, "abbreviation", "") == "VI_ERROR_TMO":
                raise self.silence(text) from error
            raise InstrumentError(f"{self._name} cannot be asked {text!r}: {error}. Look at its cable") from error
        except TimeoutError as error:
            self.close()
            raise self.silence(text) from error
        except OSError as error:
            self.close()
            raise self._hung_up() from error
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End the session; once is enough."""
        if self._closed:
            return
        self._closed = True
        if self._socket is not None:
            with contextlib.suppress(OSError):  # it is gone already, which is what is wanted
                self._part(self._socket)
        if self._visa is not None:
            self._visa.close()
        self._wake.close()
        self._wake_far.close()

    def silence(self, text: str) -> InstrumentError:
        """The error for an answer that did not come in time."""
        return InstrumentError(
            f"no answer from {self._name} to {text!r} within {self._deadline:g} s; is it switched on, and is its cable plugged in?"
        )

    def _hung_up(self) -> InstrumentError:
        return InstrumentError(
            f"{self._name} closed the connection; was it switched off, or has another program taken it?"
        )

    def _connect(self) -> None:
        from pyvisa.resources import MessageBasedResource  # heavy, and first needed here

        milliseconds = max(1, round(1000 * self._deadline))
        try:
            visa = _resource_manager().open_resource(self._resource, open_timeout=milliseconds)
        except Exception as error:  # pyvisa-py raises bare Exception, ValueError, OSError and VisaIOError here
            raise InstrumentError(f"{self._name} cannot be opened: {error}") from error
        if not isinstance(visa, MessageBasedResource):
            visa.close()
            raise InstrumentError(f"{self._name} is no port for text; correct its resource name in the station file")
        self._visa = visa
        visa.timeout = milliseconds
        visa.encoding = "latin-1"  # line noise is for the dialect to reject, not for the codec
        # A raw socket has no end of message: without both terminations every read runs into its timeout.
        visa.read_termination = visa.write_termination = "\n"
        if not self._resource.upper().endswith("::SOCKET"):
            return
        # pyvisa offers no way to its socket, and pyvisa-py refuses VI_ATTR_TCPIP_NODELAY.
        port: socket.socket = visa.visalib.sessions[visa.session].interface  # type: ignore[attr-defined]  # untyped
        refused = port.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if refused:  # pyvisa-py "opens" a refused port
            raise InstrumentError(
                f"{self._name} cannot be reached ({os.strerror(refused)}); is it switched on, and is no other program connected to it?"
            )
        port.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else Nagle and delayed ACK cost 44 ms a setting
        self._socket = port
        self._poll.register(port, select.POLLIN)

    def _ask(self, text: str) -> str:
        if self._visa is None or self._given_up:
            raise _GivenUp
        if self._socket is None:
            return self._visa.query(text)
        while any(fd == self._socket.fileno() for fd, _ in self._poll.poll(0)):
            self._unread += self._take()
        if self._unread:
            raise InstrumentError(
                f"{self._name} sent {self._unread[:40].decode('latin-1')!r} that nobody had asked for, so its answers are "
                f"out of step; {text!r} was not sent. Ask again: the connection is opened anew"
            )
        self._visa.write(text)
        return self._line()

    def _line(self) -> str:
        received = b""
        while b"\n" not in received:
            ready = [fd for fd, _ in self._poll.poll()]
            if self._wake.fileno() in ready:
                raise _GivenUp
            received += self._take()
        line, _, self._unread = received.partition(b"\n")
        return line.decode("latin-1").strip()

    def _take(self) -> bytes:
        """Read through pyvisa exactly what has arrived: so it never waits, and never spins on a closed connection."""
        assert self._socket is not None
        assert self._visa is not None
        waiting = len(self._socket.recv(4096, socket.MSG_PEEK))
        if not waiting:
            raise ConnectionResetError("end of file")
        return self._visa.read_bytes(waiting)

    @staticmethod
    def _part(port: socket.socket) -> None:
        """Hang up and let the instrument do the same, so that it is free for the next connection."""
        port.shutdown(socket.SHUT_WR)
        poll = select.poll()
        poll.register(port, select.POLLIN)
        for _ in range(_LAST_WORDS):
            if not poll.poll(_PARTING_MS) or not port.recv(4096):
                return


def _resource_manager() -> ResourceManager:
    """pyvisa's one resource manager for its own backend. It is shared by all ports, so none of them closes it."""
    with _resource_manager_lock:
        import pyvisa  # heavy, and needed only on a station that opens a port

        return pyvisa.ResourceManager("@py")
