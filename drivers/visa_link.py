"""One VISA session in a worker thread: it waits for answers on the socket itself, so that the loop can call the thread back at once.

`drivers.visa` keeps one at a time for each port, and takes a new one whenever something broke the last.
"""

from __future__ import annotations

import contextlib
import math
import select
import socket
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from drivers.language import SCPI, Language
from drivers.power_source import InstrumentError, Unanswered
from drivers.prologix import WAIT_MS, PrologixAdapter
from drivers.visa_opening import open_resource

if TYPE_CHECKING:
    from pyvisa.resources import MessageBasedResource

_PARTING_MS = 250
"""How long the instrument may take to let go of a connection: some accept only one, and refuse the next until then."""

_LAST_WORDS = 64
"""How many chunks a babbling instrument may still send meanwhile."""

_LONGEST_QUOTE = 60

_SLICE_MS = 20
"""Where no descriptor can be waited on (HiSLIP, VXI-11, USBTMC, GPIB), VISA waits so long at a time, then looks who calls."""


class _GivenUp(Exception):
    """Nobody waits for this answer any more."""


class _Overtaken(Exception):
    """Something more urgent is to be sent on this link, and the answer under way is not waited for."""


class VisaLink:
    """One VISA session, from connecting to its end. All but `give_up`, `overtake` and what they look at belong to the port's thread."""

    def __init__(self, resource: str, instrument: str, deadline: float, language: Language = SCPI) -> None:
        self._resource = resource
        self._language = language
        self._name = f"the {instrument} at {resource}"
        self._deadline = deadline
        self._milliseconds = max(1, round(1000 * deadline))
        self._given_up = self._closed = self._overtaken = False
        self._visa: MessageBasedResource | None = None
        self._adapter: PrologixAdapter | None = None
        self._socket: socket.socket | None = None
        self._stream: Any = None
        """What bytes arrive at one by one and can be waited on: the socket, or pyserial's port."""
        self._unread = b""
        self._asked: str | None = None
        """The question whose answer is outstanding."""
        # Wakes the thread: closing the far end is seen at the near one, whether the thread waits by then or not.
        self._wake, self._wake_far = socket.socketpair()
        self._wake.setblocking(False)
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

    @property
    def sound(self) -> bool:
        """Whether it is connected, and nothing has broken it."""
        return self._visa is not None and not self.broken

    def overtake(self) -> None:
        """Something urgent comes: the thread stops waiting for an answer and keeps the link. Called on the loop's own thread."""
        self._overtaken = True
        self._wake_far.send(b"!")

    def open(self) -> str:
        """Connect and return who it is."""
        self._begin()
        return self.ask(self._language.who)

    def open_urgently(self, lines: Sequence[str], identity: str) -> None:
        """Connect and `urge`: the lines come before any question."""
        self._begin()
        self.urge(lines, identity)

    def _begin(self) -> None:
        try:
            self._connect()
        except BaseException:
            self.close()
            raise

    def ask(self, text: str) -> str:
        """Write a line and return the answer to it; on any failure the link is closed."""
        return self._or_close(lambda: self._ask(text), text)

    def urge(self, lines: Sequence[str], identity: str) -> None:
        """Write `lines` at once, then ask who it is and pass over every answer until the `identity` known before.

        IEEE 488.2, 6.3.2.3: an instrument that is told something while it owes an answer drops that answer. One that
        answers all the same, or that acknowledges each line, is in step again after its identity.
        """
        self._or_close(lambda: self._urge(lines, identity), self._language.who)

    def _or_close(self, work: Callable[[], str], text: str) -> str:
        from pyvisa.errors import Error as VisaError  # heavy, and first needed when a port opens

        try:
            return work()
        except _Overtaken:
            raise  # what overtakes brings the link back into step
        except VisaError as error:
            self.close()
            if getattr(error, "abbreviation", "") == "VI_ERROR_TMO":
                raise self.silence(text) from error
            raise Unanswered(f"{self._name} cannot be asked {_short(text)}: {error}; look at its cable") from error
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
        if self._adapter is not None:
            self._adapter.close()
        self._wake.close()
        self._wake_far.close()

    def silence(self, text: str) -> InstrumentError:
        """The error for an answer that did not come in time."""
        return Unanswered(
            f"no answer from {self._name} to {_short(text)} within {self._deadline:g} s; is it switched on, and is its cable plugged in?"
        )

    def _hung_up(self) -> InstrumentError:
        return Unanswered(f"{self._name} closed the connection; was it switched off, or has another program taken it?")

    def _connect(self) -> None:
        opened = open_resource(self._resource, self._name, self._language, self._milliseconds)
        self._visa, self._adapter = opened.visa, opened.adapter
        self._socket, self._stream = opened.socket, opened.stream
        if self._stream is not None:
            self._poll.register(self._stream, select.POLLIN)

    def _urge(self, lines: Sequence[str], identity: str) -> str:
        if self._visa is None or self._given_up:
            raise _GivenUp
        with contextlib.suppress(BlockingIOError):  # nobody called: a connection of its own
            self._wake.recv(64)
        self._overtaken = False
        who = self._language.who
        acknowledged = lines if self._language.acknowledges else []
        # Who acknowledges may be deaf until then; who does not is told everything in one breath.
        said = [*lines] if acknowledged else [*lines, who]
        for message in [self._language.end.join(said)] if self._stream is not None else said:
            self._visa.write(message)
        if not identity:  # nobody was heard on this port yet: what comes next begins with asking who it is
            self.close()
            return identity
        outstanding = [self._asked] if self._asked is not None else []
        for question in (*outstanding, *acknowledged, who):
            if acknowledged and question == who:
                self._visa.write(who)
            answer = self._answer(question, 1000 * self._deadline)
            if answer == identity or answer.endswith("\n" + identity):
                self._asked = None
                return identity
        raise Unanswered(
            f"{self._name} answered {answer[:80]!r} where its identity {identity!r} was expected; does another instrument answer there?"
        )

    def _ask(self, text: str) -> str:
        if self._visa is None or self._given_up:
            raise _GivenUp
        if self._overtaken:
            raise _Overtaken
        while self._stream is not None and any(fd == self._stream.fileno() for fd, _ in self._poll.poll(0)):
            self._unread += self._take()
        if self._unread:
            raise Unanswered(
                f"{self._name} sent {self._unread[:40].decode('latin-1')!r} that nobody had asked for, so its answers are "
                f"out of step; {text!r} was not sent. Ask again: the connection is opened anew"
            )
        self._asked = text
        self._visa.write(text)
        answer = self._answer(text)
        self._asked = None
        return answer

    def _answer(self, question: str, at_most_ms: float | None = None) -> str:
        lines = [self._line(at_most_ms).strip()]
        while not self._language.is_last(question, lines[-1]):
            lines.append(self._line(at_most_ms).strip())
        return "\n".join(lines)

    def _line(self, at_most_ms: float | None) -> str:
        if self._stream is None:
            return self._message()
        end = self._language.end.encode("latin-1")
        if self._socket is None:  # on a serial line nobody hangs up: the wait ends as VISA's would
            at_most_ms = 1000 * self._deadline
        while end not in self._unread:
            ready = [fd for fd, _ in self._poll.poll(at_most_ms)]
            if not ready:
                raise TimeoutError
            self._look_who_calls()
            self._unread += self._take()
        line, _, self._unread = self._unread.partition(end)
        return line.decode("latin-1")

    def _message(self) -> str:
        """An answer from a port that only VISA can wait on."""
        from pyvisa.errors import VisaIOError

        assert self._visa is not None
        slice_ms = WAIT_MS if self._adapter is not None else _SLICE_MS
        self._visa.timeout = slice_ms
        try:
            for _ in range(math.ceil(1000 * self._deadline / slice_ms)):
                try:
                    return self._visa.read()
                except VisaIOError as error:
                    if error.abbreviation != "VI_ERROR_TMO":
                        raise
                if self._adapter is not None:
                    self._adapter.read_again()
                self._look_who_calls()
        finally:
            self._visa.timeout = self._milliseconds
        raise TimeoutError

    def _look_who_calls(self) -> None:
        if self._given_up:
            raise _GivenUp
        if self._overtaken:
            raise _Overtaken

    def _take(self) -> bytes:
        """Read through pyvisa exactly what has arrived: so it never waits, and never spins on a closed connection."""
        assert self._visa is not None
        waiting = len(self._socket.recv(4096, socket.MSG_PEEK)) if self._socket is not None else self._stream.in_waiting
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


def _short(question: str) -> str:
    """A question as messages quote it: a load is a long line."""
    return repr(question if len(question) <= _LONGEST_QUOTE else question[:_LONGEST_QUOTE] + "…")
