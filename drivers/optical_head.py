"""An optical head on a serial port: asks the meter under it in IEC 61107 mode A or on its native protocol.

Mode A goes 8N1 with the parity in software, so a port server behind `socket://` must pass all eight bits; its baud rate is its own matter.
"""

from __future__ import annotations

import asyncio
import errno
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from drivers import software_parity
from drivers.iec61107 import (
    FIRST_CHARACTER_WITHIN_S,
    GAP_S,
    LONGEST_TELEGRAM,
    NAK,
    ModeADecoder,
    RepeatDecoder,
    request,
)
from drivers.mode_a_telegram import NoTelegram, Telegram, TelegramError
from drivers.native_frames import LONGEST_FRAME, Frame, FrameError, NativeDecoder, NoFrame
from drivers.optical_exchange import ROUNDING_S, Decoder, Exchange
from drivers.optical_line import MODE_A, NATIVE, LineSetting, set_line
from drivers.power_source import InstrumentError
from drivers.serial_watch import SerialWatch, timeouts, watch_port

if TYPE_CHECKING:
    import serial

_LONGEST_S = {MODE_A: LONGEST_TELEGRAM * MODE_A.character_s + 3.0, NATIVE: LONGEST_FRAME * NATIVE.character_s + 3.0}
"""No answer lasts longer, however its pauses fall, s."""
_NATIVE_ATTEMPTS = 2
"""A meter that did not answer a native request is asked once more: the first one may have met a head still waking up."""
_Answer = TypeVar("_Answer")


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


@dataclass(frozen=True)
class NativeAnswer(Generic[_Answer]):
    """One native answer of the meter, and the instants what it tells may date from; both as in `Readout`."""

    requested_at: float
    answered_at: float
    value: _Answer
    """What the frame says."""
    raw: bytes
    """The frame's characters."""


class OpticalHead:
    """One optical head. `name` says whose it is and opens every message, "position 3" for instance.

    DTR and RTS are what a 685-382 was read with (`LineSetting`), unless this head needs them otherwise.
    """

    def __init__(self, url: str, name: str = "", *, dtr: bool | None = None, rts: bool | None = None) -> None:
        self._url, self._name, self._dtr, self._rts = url, name, dtr, rts
        self._setting = MODE_A
        self._port: serial.Serial | None = None
        self._watch: SerialWatch | None = None
        self._lost: str | None = None
        self._exchange: Exchange[Any] | None = None
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
        self._setting = MODE_A
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

    async def read(self, address: str = "", *, attempts: int = 1, repeat: bool = False) -> Readout:
        """Read the meter once; where nobody answers, ask up to `attempts` times. Raises `OpticalError`; 6 s at 300 baud.

        With `repeat` an answer that cannot be used is asked for again by NAK. One reader at a time, others wait.
        After a readout that failed or was cancelled the next one first lets the meter finish.
        """
        wire = software_parity.encode(request(address))
        async with self._one_user:
            try:
                exchange, telegram = await self._insist(
                    attempts, lambda: self._converse(MODE_A, wire, ModeADecoder(), TelegramError)
                )
            except OpticalGarbled as fault:
                if not repeat or not isinstance(fault.__cause__, TelegramError):
                    raise
                exchange, telegram = await self._repeated(fault, fault.__cause__.raw)
            return Readout(exchange.requested_at, exchange.answered_at, telegram)

    async def ask(self, frame: Frame, understand: Callable[[Frame], _Answer]) -> NativeAnswer[_Answer]:
        """Ask natively, after silence once more, and let `understand` read the answer; it may raise `FrameError`.

        Raises `OpticalError`; 0.5 to 1.5 s at 1200 baud, 4.6 s where nobody answers.
        """
        async with self._one_user:
            exchange, received = await self._insist(
                _NATIVE_ATTEMPTS, lambda: self._converse(NATIVE, frame.encode("@"), NativeDecoder(), FrameError)
            )
        try:
            value = understand(received.frame)
        except FrameError as fault:
            raise self._unreadable(fault) from fault
        return NativeAnswer(exchange.requested_at, exchange.answered_at, value, received.raw)

    @staticmethod
    async def _insist(attempts: int, converse: Callable[[], Awaitable[_Answer]]) -> _Answer:
        """Only silence is asked again: an answer that is garbled would hide how often it is."""
        for _ in range(attempts - 1):
            try:
                return await converse()
            except OpticalSilence:
                continue
        return await converse()

    async def _repeated(self, fault: OpticalGarbled, garbled: bytes) -> tuple[Exchange[Telegram], Telegram]:
        """Ask by NAK for what came garbled; a meter that does not repeat leaves the first fault as it was."""
        try:
            return await self._converse(MODE_A, software_parity.encode(NAK), RepeatDecoder(garbled), TelegramError)
        except OpticalSilence:
            raise fault from fault.__cause__

    async def _converse(
        self, setting: LineSetting, wire: bytes, decoder: Decoder[_Answer], faults: type[Exception]
    ) -> tuple[Exchange[_Answer], _Answer]:
        await self._until_quiet()
        port = self._usable_port()
        if self._setting != setting:
            await self._set(port, setting)
        requested_at = asyncio.get_running_loop().time() + len(wire) * setting.character_s
        exchange = Exchange(decoder, faults, requested_at, _LONGEST_S[setting])
        self._exchange = exchange
        try:
            self._write(port, wire)
            return exchange, await exchange.answer
        except BaseException as fault:
            self._quiet_from = exchange.quiet_from
            if isinstance(fault, (TelegramError, FrameError)):
                raise self._unreadable(fault) from fault
            raise
        finally:
            self._exchange = None
            exchange.deadline.cancel()

    def _say(self, sentence: str) -> str:
        return f"{self._name}: {sentence}" if self._name else sentence

    # ------------------------------------------------------------------ the port

    def _open_port(self) -> serial.Serial:
        import termios

        import serial

        try:
            port = serial.serial_for_url(self._url, **timeouts(self._url), exclusive=True, do_not_open=True)
            set_line(port, self._url, MODE_A, self._dtr, self._rts)  # before opening: the head's supply does not blink
            port.open()
        except (OSError, ValueError, termios.error) as fault:
            reason = _why_not(fault)
            raise OpticalPortError(
                self._say(f"the optical head's port {self._url} cannot be opened: {reason}")
            ) from fault
        return port

    async def _set(self, port: serial.Serial, setting: LineSetting) -> None:
        import termios

        # In a thread: a port server on the network is asked and answers.
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(None, set_line, port, self._url, setting, self._dtr, self._rts)
        except (OSError, ValueError, termios.error) as fault:
            raise OpticalPortError(
                self._say(f"the port {self._url} cannot be set to {setting.baud} baud: {_why_not(fault)}")
            ) from fault
        self._setting = setting

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
            self._exchange.hear(software_parity.decode(wire) if self._setting == MODE_A else wire)
        else:  # the rest of an answer that nobody waits for any more
            self._quiet_from = asyncio.get_running_loop().time() + GAP_S

    async def _until_quiet(self) -> None:
        loop = asyncio.get_running_loop()
        given_up = loop.time() + _LONGEST_S[MODE_A]
        while (wait := self._quiet_from - loop.time()) > ROUNDING_S:
            self._usable_port()
            if loop.time() > given_up:
                raise OpticalGarbled(
                    self._say(f"the optical head on {self._url} hears characters without end. Is there foreign light?")
                )
            await asyncio.sleep(wait)

    def _unreadable(self, fault: TelegramError | FrameError) -> OpticalError:
        if isinstance(fault, (NoTelegram, NoFrame)) and not fault.noise:
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
