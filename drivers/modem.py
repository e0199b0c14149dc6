"""The bench's modem, by AT commands: calls a meter's modem and reads mode A over the connection, sees who calls, exchanges short messages.

That the V.22 module (HK) carries mode A, and that a short message is answered by one, are assumptions: the data sheet tells no dialogue.
A modem that does not answer, or has no dial tone, is the bench's fault; one that the meter's module does not answer is the meter's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from drivers import software_parity
from drivers.at_dialogue import BAUD, PROMPT, AtLines, caller_in, is_final, stored_in
from drivers.iec61107 import FIRST_CHARACTER_WITHIN_S, GAP_S, LONGEST_TELEGRAM, ModeADecoder, request
from drivers.mode_a_telegram import NoTelegram, Telegram, TelegramError
from drivers.module_line import ModuleError, ModuleGarbled, ModuleLine, ModulePortError, ModuleSilence

_COMMAND_WITHIN_S = 2.0
CONNECT_WITHIN_S = 60.0
"""A modem gives up after 50 s (V.250, S7); this is the bench's own limit."""
MESSAGE_WITHIN_S = 120.0
"""Networks promise no time for a short message; what takes longer than this fails."""
_GUARD_S = 1.1
"""Silence before and after the escape +++ (S12, 1 s)."""
_CHARACTER_S = 10 / BAUD
_END_OF_MESSAGE = "\x1a"

_T = TypeVar("_T")


class NoConnection(ModuleError):
    """The call did not reach the meter's modem."""


class Modem:
    """An AT modem on an open line. Use `modem_line` to open one, then `set_up`."""

    def __init__(self, line: ModuleLine) -> None:
        self._line = line
        self._lines = AtLines()
        self._ready: list[str] = []
        self._told: list[str] = []  # what came by itself while a command was answered

    async def set_up(self) -> None:
        """Echo off, callers shown where it can. Raises `ModulePortError` where no modem answers."""
        await self._command("ATE0")
        await self._command("AT+CLIP=1", may_fail=True)

    async def call(self, number: str) -> None:
        """Dial and wait for the connection. Raises `NoConnection`, or `ModulePortError` where the bench's line has no dial tone."""
        result = (await self._ask(f"ATDT{number}", CONNECT_WITHIN_S))[-1:]
        said = result[0] if result else f"nothing within {CONNECT_WITHIN_S:g} s"
        if said.startswith("CONNECT"):
            return
        if said.startswith("NO DIAL"):
            raise ModulePortError(
                self._line.say(
                    f"the modem on {self._line.url} has no dial tone. Is its telephone line plugged in, and the exchange on?"
                )
            )
        if said in ("NO CARRIER", "NO ANSWER", "BUSY") or not result:
            raise NoConnection(
                self._line.say(
                    f"no connection with the meter's modem on {number}: {said}. "
                    "Is the module's telephone line plugged in, and the number right?"
                )
            )
        raise self._bad("ATD", said)

    async def read(self, address: str = "") -> tuple[float, Telegram]:
        """Mode A over the connection: when it was asked, loop time, and the telegram. Raises `ModuleError`."""
        loop, decoder = asyncio.get_running_loop(), ModeADecoder()
        wire = software_parity.encode(request(address))
        self._lines.data()
        self._line.forget()
        self._line.send(wire)
        requested_at = loop.time() + len(wire) * _CHARACTER_S
        due, last = requested_at + FIRST_CHARACTER_WITHIN_S, requested_at + LONGEST_TELEGRAM * _CHARACTER_S + 3.0
        try:
            while heard := await self._line.hear(min(due, last)):
                telegram = decoder.feed(software_parity.decode(heard))
                if telegram is not None:
                    return requested_at, telegram
                due = loop.time() + GAP_S
            return requested_at, decoder.end()
        except TelegramError as fault:
            if isinstance(fault, NoTelegram) and not fault.noise:
                raise ModuleSilence(
                    self._line.say(
                        "the meter's modem is connected and the meter does not answer. Is the module seated?"
                    )
                ) from fault
            raise ModuleGarbled(
                self._line.say(f"the answer over the telephone line cannot be used: {fault}. Is the line noisy?")
            ) from fault

    async def hang_up(self) -> None:
        """End the connection. Raises `ModulePortError` where the modem does not come back to its commands."""
        await asyncio.sleep(_GUARD_S)
        self._line.forget()
        self._lines.data()
        self._line.send(b"+++")
        await self._results(_GUARD_S + _COMMAND_WITHIN_S)
        await self._command("ATH")

    async def called_by(self, number: str, within_s: float) -> None:
        """Wait for a call from this number, without answering; another meter may still be ringing. Raises `NoConnection`."""
        others: list[str] = []
        deadline = asyncio.get_running_loop().time() + within_s
        while (caller := await self._told_by_itself(caller_in, deadline - asyncio.get_running_loop().time())) != number:
            if caller is None:
                heard = f"; {', '.join(others)} called" if others else ""
                raise NoConnection(
                    self._line.say(
                        f"the meter's modem did not call from {number} within {within_s:g} s{heard}. "
                        "Has the module the bench's number, and the line caller identification?"
                    )
                )
            if caller not in others:
                others.append(caller)

    async def exchange_messages(self, number: str, text: str) -> str:
        """Send a short message and wait for the next that comes in: its text. Raises `ModuleError` or `ModulePortError`."""
        await self._command("AT+CMGF=1")
        self._told.clear()
        if await self._ask(f'AT+CMGS="{number}"', _COMMAND_WITHIN_S) != [PROMPT]:
            raise self._bad("AT+CMGS", "no prompt")
        await self._command(text + _END_OF_MESSAGE, within=MESSAGE_WITHIN_S, end="")
        place = await self._told_by_itself(stored_in, MESSAGE_WITHIN_S)
        if place is None:
            raise ModuleSilence(
                self._line.say(
                    f"no short message came back from {number} within {MESSAGE_WITHIN_S:g} s. "
                    "Has the module a SIM card and an aerial, and is the number right?"
                )
            )
        answer = await self._command(f"AT+CMGR={place}")
        await self._command(f"AT+CMGD={place}")
        return "\n".join(each for each in answer if not each.startswith("+CMGR"))

    async def _command(
        self, command: str, *, within: float = _COMMAND_WITHIN_S, end: str = "\r", may_fail: bool = False
    ) -> list[str]:
        """The lines before OK."""
        results = await self._ask(command, within, end)
        if results[-1:] != ["OK"] and not (may_fail and results):
            shown = "a short message" if command.endswith(_END_OF_MESSAGE) else command
            raise self._bad(shown, results[-1] if results else "nothing")
        return results[:-1]

    async def _ask(self, command: str, within: float, end: str = "\r") -> list[str]:
        """Send a command; the lines up to its final result, or all that came until it was given up. The echo is left out."""
        self._line.send((command + end).encode("ascii"))
        return [line for line in await self._results(within) if line != command]

    async def _results(self, within: float) -> list[str]:
        deadline = asyncio.get_running_loop().time() + within
        results: list[str] = []
        while (line := await self._next_line(deadline)) is not None:
            if stored_in(line) is not None or caller_in(line) is not None:
                self._told.append(line)  # came by itself, in between
                continue
            results.append(line)
            if is_final(line):
                return results
        return []

    async def _told_by_itself(self, find: Callable[[str], _T | None], within_s: float) -> _T | None:
        """What `find` finds in a line that came without a command; None where none has come in time."""
        deadline = asyncio.get_running_loop().time() + within_s
        while True:
            for line in self._told:
                found = find(line)
                if found is not None:
                    self._told.remove(line)
                    return found
            self._told.clear()
            news = await self._next_line(deadline)
            if news is None:
                return None
            self._told.append(news)

    async def _next_line(self, deadline: float) -> str | None:
        """The next line that the modem says; None at the deadline."""
        while not self._ready:
            heard = await self._line.hear(deadline)
            if not heard:
                return None
            self._ready = self._lines.feed(heard)
        return self._ready.pop(0)

    def _bad(self, command: str, said: str) -> ModulePortError:
        return ModulePortError(
            self._line.say(
                f"the modem on {self._line.url} answers {command} with {said}. Is it an AT modem, and switched on?"
            )
        )


def modem_line(url: str, name: str) -> ModuleLine:
    """The port of the bench's modem, 1200 baud 8N1: each character has ten bits, as in mode A."""
    return ModuleLine(url, name, "modem", baud=BAUD)
