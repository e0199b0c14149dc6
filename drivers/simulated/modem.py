"""A simulated modem of the bench, with the telephone exchange and the mobile network behind it and the meters' modules at their far ends.

It knows the commands the bench uses and answers ERROR to others. Times of calls and messages are the simulation's own.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass

from drivers import software_parity
from drivers.at_dialogue import BAUD
from drivers.simulated.serial_line import FarEnd

_CHARACTER_S = 10 / BAUD
_ANSWER_S = 0.05
_CONNECT_S = 6.0
_GIVES_UP_S = 20.0
_MESSAGE_S = 4.0
_REACTION_S = 0.2
_RINGS_EVERY_S = 3.0
_REQUEST = re.compile(rb"/\?[0-9A-Za-z ]{0,32}!\r?\n\Z")


@dataclass(frozen=True)
class Subscriber:
    """The meter behind one number: what it answers over a connection and by short message; None while it is silent."""

    telegram: Callable[[], bytes | None]
    message: Callable[[], str | None]


class SimulatedModem:
    """The far end of the bench's modem cable. `subscriber` finds who has a number; None for nobody who takes the call."""

    def __init__(self, line: FarEnd, subscriber: Callable[[str], Subscriber | None]) -> None:
        self.dial_tone = True
        """Whether the telephone line is plugged in."""
        self._line = line
        self._subscriber = subscriber
        self._loop = asyncio.get_running_loop()
        self._echo = True
        self._received = bytearray()
        self._connected: Subscriber | None = None
        self._message_to: str | None = None
        self._messages: dict[int, str] = {}
        line.listen(self._hear)

    def close(self) -> None:
        """Unplug the modem."""
        self._line.close()

    def ring(self, number: str, rings: int = 2) -> None:
        """A meter calls: its number is shown with each ring."""
        for k in range(rings):
            self._say(f'RING\r\n\r\n+CLIP: "{number}",129', after=k * _RINGS_EVERY_S)

    # ------------------------------------------------------------------ what the bench sends

    def _hear(self, wire: bytes) -> None:
        settings = self._line.settings
        if settings is None or settings.baud != BAUD:
            return
        if self._connected is not None:
            self._hear_data(wire)
            return
        if self._echo:
            self._line.send(wire)
        self._received += wire
        if self._message_to is not None:
            text, end, _ = bytes(self._received).partition(b"\x1a")
            if end:
                self._received.clear()
                self._send_message(text)
            return
        *commands, rest = bytes(self._received).split(b"\r")
        self._received = bytearray(rest)
        for command in commands:
            self._obey(command[command.rfind(b"AT") :].decode("latin-1").strip())

    def _hear_data(self, wire: bytes) -> None:
        assert self._connected is not None
        if wire == b"+++":  # the bench keeps the silence around it
            self._connected = None
            self._received.clear()
            self._say("OK", after=1.0)
            return
        self._received += software_parity.decode(wire)
        if _REQUEST.search(bytes(self._received)):
            self._received.clear()
            telegram = self._connected.telegram()
            if telegram is not None:
                self._send_slowly(software_parity.encode(telegram), after=len(wire) * _CHARACTER_S + _REACTION_S)

    def _obey(self, command: str) -> None:
        if command in ("AT", "ATH", "ATE0", "ATE1", "AT+CMGF=1", "AT+CLIP=1"):
            self._echo = {"ATE0": False, "ATE1": True}.get(command, self._echo)
            self._say("OK")
        elif command.startswith("ATDT"):
            self._dial(command.removeprefix("ATDT"))
        elif found := re.fullmatch(r'AT\+CMGS="([0-9+]+)"', command):
            self._message_to = found[1]
            self._loop.call_later(_ANSWER_S, self._line.send, b"\r\n> ")
        elif (found := re.fullmatch(r"AT\+CMG([RD])=([0-9]+)", command)) and int(found[2]) in self._messages:
            place = int(found[2])
            if found[1] == "R":
                self._say(f'+CMGR: "REC UNREAD","{place}"\r\n{self._messages[place]}')
            else:
                del self._messages[place]
            self._say("OK", after=2 * _ANSWER_S)
        elif command:
            self._say("ERROR")

    def _dial(self, number: str) -> None:
        if not self.dial_tone:
            self._say("NO DIALTONE", after=2.0)
            return
        subscriber = self._subscriber(number)
        if subscriber is None:
            self._say("NO CARRIER", after=_GIVES_UP_S)
            return
        self._say(f"CONNECT {BAUD}", after=_CONNECT_S)
        self._loop.call_later(_CONNECT_S, self._connect, subscriber)

    def _connect(self, subscriber: Subscriber) -> None:
        self._connected = subscriber

    def _send_message(self, text: bytes) -> None:
        number, self._message_to = self._message_to or "", None
        self._say("+CMGS: 1\r\n\r\nOK", after=1.0)
        subscriber = self._subscriber(number)
        answer = None if subscriber is None or text.strip() != b"READ" else subscriber.message()
        if answer is not None:
            place = max(self._messages, default=0) + 1
            self._messages[place] = answer
            self._say(f'+CMTI: "SM",{place}', after=1.0 + _MESSAGE_S)

    # ------------------------------------------------------------------ what it says

    def _say(self, line: str, after: float = _ANSWER_S) -> None:
        self._loop.call_later(after, self._line.send, f"\r\n{line}\r\n".encode("ascii"))

    def _send_slowly(self, wire: bytes, after: float) -> None:
        for place in range(len(wire)):
            self._loop.call_later(after + (place + 1) * _CHARACTER_S, self._line.send, wire[place : place + 1])
