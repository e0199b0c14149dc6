"""The serial port of a module, for as long as one dialogue lasts: what is sent, what comes in, and until when to wait.

A module that does not answer is the meter's fault (`ModuleError`); a port that cannot be used is the bench's (`ModulePortError`).
"""

from __future__ import annotations

import asyncio
import errno
from types import TracebackType
from typing import TYPE_CHECKING

from drivers.optical_line import has_uart
from drivers.power_source import InstrumentError
from drivers.serial_watch import SerialWatch, timeouts, watch_port

if TYPE_CHECKING:
    import serial


class ModuleError(Exception):
    """What a module did not do, or did wrongly: the meter's fault. The message is for the person at the bench."""


class ModuleSilence(ModuleError):
    """The module did not answer."""


class ModuleGarbled(ModuleError):
    """Something answered, and the answer cannot be used."""


class ModulePortError(InstrumentError):
    """The port of a module cannot be opened or used: the bench's fault, not the meter's."""


class ModuleLine:
    """One port, 8 data bits. `name` says whose it is and `what` what stands on it; both open every message.

    An `async with` block opens and closes it.
    """

    def __init__(self, url: str, name: str, what: str, *, baud: int, parity: str = "N") -> None:
        self.url, self.name, self.what = url, name, what
        self._baud, self._parity = baud, parity
        self._port: serial.Serial | None = None
        self._watch: SerialWatch | None = None
        self._heard = bytearray()
        self._news = asyncio.Event()
        self._lost: Exception | None = None

    async def __aenter__(self) -> ModuleLine:
        """Open the port for this program alone. Raises `ModulePortError`."""
        loop = asyncio.get_running_loop()
        opening = loop.run_in_executor(None, self._open)
        try:
            self._port = await asyncio.shield(opening)
        except asyncio.CancelledError:
            opening.add_done_callback(_close_unwanted)
            raise
        self._watch = watch_port(loop, self._port, self._take, self._vanished)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the port go."""
        assert self._watch is not None
        self._watch.stop()
        # In a thread: a UART may wait for its last characters, and pyserial's socket waits 0.3 s.
        await asyncio.get_running_loop().run_in_executor(None, self._watch.close_port)

    def say(self, sentence: str) -> str:
        """A message that begins with whose port this is."""
        return f"{self.name}: {sentence}"

    def send(self, wire: bytes) -> None:
        """Send at once. Raises `ModulePortError`."""
        import serial

        assert self._port is not None
        try:
            self._port.write(wire)
        except serial.SerialTimeoutException as fault:
            raise ModulePortError(
                self.say(f"the port {self.url} of the {self.what} takes no characters. Is its adapter working?")
            ) from fault
        except OSError as fault:
            self._vanished(fault)
            raise self._gone(fault) from fault

    async def hear(self, until: float) -> bytes:
        """What has come in, or comes in next; empty when nothing has by loop time `until`. Raises `ModulePortError`."""
        if not self._heard and self._lost is None:
            try:
                async with asyncio.timeout_at(until):
                    await self._news.wait()
            except TimeoutError:
                return b""
        self._news.clear()
        if not self._heard and self._lost is not None:
            raise self._gone(self._lost)
        heard = bytes(self._heard)
        self._heard.clear()
        return heard

    def forget(self) -> None:
        """Drop what has come in and nobody asked for."""
        self._heard.clear()
        self._news.clear()

    def _open(self) -> serial.Serial:
        import termios

        import serial

        try:
            return serial.serial_for_url(
                self.url,
                self._baud,
                parity=self._parity if has_uart(self.url) else "N",
                **timeouts(self.url),
                exclusive=True,
            )
        except (OSError, ValueError, termios.error) as fault:
            raise ModulePortError(
                self.say(f"the port {self.url} of the {self.what} cannot be opened: {why_not(fault)}")
            ) from fault

    def _take(self, wire: bytes) -> None:
        self._heard += wire
        self._news.set()

    def _vanished(self, fault: Exception) -> None:
        if self._watch is not None:
            self._watch.stop()
        self._lost = fault
        self._news.set()

    def _gone(self, fault: Exception) -> ModulePortError:
        return ModulePortError(
            self.say(
                f"the port {self.url} of the {self.what} has gone ({fault}). Plug its adapter in again and start anew."
            )
        )


def why_not(fault: Exception | None) -> str:
    """Why a port could not be opened, and what to do about it."""
    number = fault.errno if isinstance(fault, OSError) else None
    if number == errno.ENOENT:
        return "there is no such port. Is its adapter plugged in, and is its name right?"
    if number == errno.EACCES:
        return "this user may not use it. Add the user to the group dialout and log in again."
    if number in (errno.EAGAIN, errno.EBUSY):
        return "another program uses it. Close that program."
    return f"{fault}."


def _close_unwanted(opening: asyncio.Future[serial.Serial]) -> None:
    """Nobody waits any more for the port that was opened."""
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()
