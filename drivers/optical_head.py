"""An optical head on a serial port: asks the meter under it for its registers in IEC 61107 mode A.

The port is opened 8N1 with the parity in software, so a port server behind `socket://` must pass all eight bits.
"""

from __future__ import annotations

import asyncio
import errno
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from drivers import software_parity
from drivers.iec61107 import (
    CHARACTER_S,
    FIRST_CHARACTER_WITHIN_S,
    GAP_S,
    LONGEST_TELEGRAM,
    ModeADecoder,
    request,
)
from drivers.mode_a_telegram import NoTelegram, Telegram, TelegramError
from drivers.power_source import InstrumentError
from drivers.serial_watch import SerialWatch, watch_port

if TYPE_CHECKING:
    import serial

_LONGEST_S = LONGEST_TELEGRAM * CHARACTER_S + 3.0
"""No telegram lasts longer, however its pauses fall, s."""
_WRITE_WITHIN_S = 0.05
"""A request fits every output buffer; a port that does not take it at once must not hold up the event loop, s."""
_ROUNDING_S = 1e-6
"""Instants closer than this are the same: the loop wakes a timer up to a clock tick early."""


class OpticalError(Exception):
    """A readout failed. The message is for the person at the bench."""


class OpticalSilence(OpticalError):
    """The meter did not answer."""


class OpticalGarbled(OpticalError):
    """The meter answered and the answer cannot be used; `__cause__` is the codec's `TelegramError`, where there was one."""


class OpticalPortError(OpticalError, InstrumentError):
    """The port cannot be opened or used: the bench's fault, not the meter's."""


class OpticalPortGone(OpticalError, InstrumentError):
    """The port was open and has vanished."""


@dataclass(frozen=True)
class Readout:
    """One answer of the meter, and the instants its registers may date from."""

    requested_at: float
    """Loop time in s at which the last character of the request had left: the registers hold from then on (R86)."""
    answered_at: float
    """Loop time in s at which the answer had begun: the registers were taken before."""
    telegram: Telegram


class OpticalHead:
    """One optical head. `name` says whose it is and opens every message, "position 3" for instance.

    DTR off and RTS on is what a 685-382 was read with (github.com/casperbang/KMP382-driver); some heads draw their supply from them.
    """

    def __init__(self, url: str, name: str = "", *, dtr: bool = False, rts: bool = True) -> None:
        self._url, self._name, self._dtr, self._rts = url, name, dtr, rts
        self._port: serial.Serial | None = None
        self._watch: SerialWatch | None = None
        self._lost: str | None = None
        self._exchange: _Exchange | None = None
        self._quiet_from = -math.inf  # loop time from which nothing of an earlier answer can come any more
        self._one_user = asyncio.Lock()

    async def open(self) -> None:
        """Open the port for this program alone. Raises `OpticalPortError`. An open port is closed first."""
        await self.close()
        loop = asyncio.get_running_loop()
        opening = loop.run_in_executor(None, self._open_port)
        try:
            self._port = await asyncio.shield(opening)
        except asyncio.CancelledError:
            opening.add_done_callback(_close_unwanted)
            raise
        self._lost = None
        self._quiet_from = -math.inf
        self._watch = watch_port(loop, self._port, self._heard, self._vanished)

    async def close(self) -> None:
        """Let the port go. A readout under way ends with `OpticalPortGone`."""
        self._port = None
        watch, self._watch = self._watch, None
        if watch is None:
            return
        watch.stop()
        if self._exchange is not None:
            self._exchange.fail(OpticalPortGone(self._say(f"the port {self._url} was closed during a readout.")))
        # In a thread: a UART may wait for its last characters, and pyserial's socket waits 0.3 s.
        await asyncio.get_running_loop().run_in_executor(None, watch.close_port)

    async def read(self, address: str = "") -> Readout:
        """Read the meter once, without a retry. Raises `OpticalError`; 6 s at 300 baud. One reader at a time, others wait.

        After a readout that failed or was cancelled the next one first lets the meter finish.
        """
        async with self._one_user:
            await self._until_quiet()
            port = self._usable_port()
            loop = asyncio.get_running_loop()
            wire = software_parity.encode(request(address))
            exchange = self._exchange = _Exchange(loop, loop.time() + len(wire) * CHARACTER_S)
            try:
                self._write(port, wire)
                telegram = await exchange.answer
            except BaseException as fault:
                self._quiet_from = exchange.quiet_from
                if isinstance(fault, TelegramError):
                    raise self._unreadable(fault) from fault
                raise
            finally:
                self._exchange = None
                exchange.deadline.cancel()
            return Readout(exchange.requested_at, exchange.answered_at, telegram)

    def _say(self, sentence: str) -> str:
        return f"{self._name}: {sentence}" if self._name else sentence

    # ------------------------------------------------------------------ the port

    def _open_port(self) -> serial.Serial:
        import termios

        import serial

        try:
            port = serial.serial_for_url(
                self._url, 300, timeout=0, write_timeout=_WRITE_WITHIN_S, exclusive=True, do_not_open=True
            )
            port.dtr, port.rts = self._dtr, self._rts  # set before opening, so that the head's supply does not blink
            port.open()
        except (OSError, ValueError, termios.error) as fault:
            reason = _why_not(fault)
            raise OpticalPortError(
                self._say(f"the optical head's port {self._url} cannot be opened: {reason}")
            ) from fault
        return port

    def _write(self, port: serial.Serial, wire: bytes) -> None:
        import serial

        try:
            port.write(wire)
        except serial.SerialTimeoutException as fault:
            raise OpticalPortError(
                self._say(f"the port {self._url} takes no characters. Is its adapter working?")
            ) from fault
        except OSError as fault:
            self._vanished(fault)  # ends the exchange

    def _vanished(self, fault: Exception) -> None:
        if self._watch is not None:
            self._watch.stop()
        self._lost = self._say(
            f"the optical head's port {self._url} has gone ({fault}). Plug its adapter in again and start anew."
        )
        if self._exchange is not None:
            self._exchange.fail(OpticalPortGone(self._lost))

    def _usable_port(self) -> serial.Serial:
        if self._lost is not None:
            raise OpticalPortGone(self._lost)
        if self._port is None:
            raise OpticalPortError(self._say(f"the optical head's port {self._url} is not open."))
        return self._port

    # ------------------------------------------------------------------ what comes in

    def _heard(self, wire: bytes) -> None:
        if self._exchange is not None and not self._exchange.answer.done():
            self._exchange.hear(software_parity.decode(wire))
        else:  # the rest of an answer that nobody waits for any more
            self._quiet_from = asyncio.get_running_loop().time() + GAP_S

    async def _until_quiet(self) -> None:
        loop = asyncio.get_running_loop()
        given_up = loop.time() + _LONGEST_S
        while (wait := self._quiet_from - loop.time()) > _ROUNDING_S:
            self._usable_port()
            if loop.time() > given_up:
                raise OpticalGarbled(
                    self._say(f"the optical head on {self._url} hears characters without end. Is there foreign light?")
                )
            await asyncio.sleep(wait)

    def _unreadable(self, fault: TelegramError) -> OpticalError:
        if isinstance(fault, NoTelegram) and not fault.noise:
            return OpticalSilence(
                self._say(
                    f"no answer from the optical head on {self._url} within {FIRST_CHARACTER_WITHIN_S} s. Is the head seated on the meter?"
                )
            )
        return OpticalGarbled(
            self._say(
                f"the answer through the optical head on {self._url} cannot be used: {fault}. Is the head seated squarely?"
            )
        )


class _Exchange:
    """One request and what comes back, with the deadlines of IEC 62056-21."""

    def __init__(self, loop: asyncio.AbstractEventLoop, requested_at: float) -> None:
        self._loop = loop
        self._decoder = ModeADecoder()
        self._last = -math.inf  # loop time of the last character
        self.requested_at = requested_at
        self.answered_at = math.nan
        self.answer: asyncio.Future[Telegram] = loop.create_future()
        self.deadline = loop.call_at(self._due, self._look)

    @property
    def quiet_from(self) -> float:
        """Loop time from which no more of this answer can come, unless a character comes before."""
        return max(self.requested_at + FIRST_CHARACTER_WITHIN_S, self._last + GAP_S)

    @property
    def _due(self) -> float:
        """Loop time at which the line is given up if nothing comes."""
        if not self._decoder.begun:
            return self.requested_at + FIRST_CHARACTER_WITHIN_S
        return min(self._last + GAP_S, self.requested_at + _LONGEST_S)

    def hear(self, characters: bytes) -> None:
        """Take what has just come."""
        self._last = self._loop.time()
        try:
            telegram = self._decoder.feed(characters)
        except TelegramError as fault:
            self.fail(fault)
            return
        if math.isnan(self.answered_at) and self._decoder.begun:
            self.answered_at = self._last
        if telegram is not None:
            self.answer.set_result(telegram)

    def fail(self, fault: Exception) -> None:
        """End the exchange, unless it has ended."""
        if not self.answer.done():
            self.answer.set_exception(fault)

    def _look(self) -> None:
        # One timer that looks again when it is due: setting it anew at every character would cost as much as the character.
        if self.answer.done():
            return
        if self._loop.time() < self._due - _ROUNDING_S:
            self.deadline = self._loop.call_at(self._due, self._look)
            return
        try:
            self.answer.set_result(self._decoder.end())
        except TelegramError as fault:
            self.fail(fault)


def _close_unwanted(opening: asyncio.Future[serial.Serial]) -> None:
    """Nobody waits any more for the port that was opened."""
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()


def _why_not(fault: Exception) -> str:
    number = fault.errno if isinstance(fault, OSError) else None
    if number == errno.ENOENT:
        return "there is no such port. Is its adapter plugged in, and is its name right?"
    if number == errno.EACCES:
        return "this user may not use it. Add the user to the group dialout and log in again."
    if number in (errno.EAGAIN, errno.EBUSY):
        return "another program uses it. Close that program."
    return f"{fault}."
