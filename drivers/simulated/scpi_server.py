"""A simulated instrument on a loopback TCP port: IEEE 488.2 common commands, SCPI error queue, declared latencies.

The instrument is pure text in and text out; the server moves the lines, owes answers for their latency, and misbehaves on request.
"""

from __future__ import annotations

import asyncio
import math
import re
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from drivers.simulated.simulated_time import SimulatedTimeLoop, WorkerWait

_ERROR_QUEUE_LENGTH = 20

_ERROR_TEXTS = {
    -104: "Data type error",
    -108: "Parameter not allowed",
    -109: "Missing parameter",
    -113: "Undefined header",
    -203: "Command protected",
    -221: "Settings conflict",
    -222: "Data out of range",
    -241: "Hardware missing",
    -300: "Device-specific error",
    -310: "System error",
    -350: "Queue overflow",
    -410: "Query INTERRUPTED",
}
"""SCPI-99 volume 2, 21.8."""

_POWER_ON_BIT = 0x80
_EVENT_BITS = {1: 0x20, 2: 0x10, 3: 0x08, 4: 0x04}
"""Bit of the standard event status register by the hundreds of an error: CME, EXE, DDE, QYE (IEEE 488.2, 11.5.1)."""


class ScpiError(Exception):
    """A command the instrument refuses: the number goes into its error queue and its event status register."""

    def __init__(self, number: int, detail: str = "") -> None:
        self.number = number
        self.entry = f'{number},"{_ERROR_TEXTS[number]}{";" + detail if detail else ""}"'
        super().__init__(self.entry)


Handler = Callable[[tuple[int, ...], str], str | None]
"""Numeric suffixes of the header and its parameter, in; the answer of a question, or None, out. May raise `ScpiError`."""


@dataclass(frozen=True)
class Command:
    """One header of an instrument's language."""

    header: str
    """As manuals print it: capitals are the short form, `[]` optional, `#` a numeric suffix: `VOLTage#:PHASe`."""
    handler: Handler
    latency: float = 0.0
    """Seconds from the question to its answer."""


@dataclass(frozen=True)
class Reply:
    """What a line calls for."""

    text: str | None
    """The answers, or None where nothing is sent. More than one line have the instrument's line end between them."""
    latency: float
    """Seconds until it is sent."""
    owed: bool
    """Whether the line asked something, so that its sender now waits."""


class Instrument(Protocol):
    """What a server needs of an instrument."""

    end: str
    """What ends a line, both ways."""

    def execute(self, line: str) -> Reply:
        """Carry out one line."""

    def interrupted(self) -> bool:
        """The next line comes while an answer is owed: whether that answer is dropped."""


class ScpiInstrument:
    """The common part of every simulated SCPI instrument: it takes lines apart, queues errors and keeps the status registers."""

    end = "\n"

    def __init__(self, identity: str, commands: Sequence[Command] = ()) -> None:
        """`identity` answers `*IDN?`; `commands` are what this instrument understands beyond the common ones."""
        self.identity = identity
        self._errors: deque[str] = deque()
        self._events = _POWER_ON_BIT
        self.locked = False
        """Whether its front panel keeps it under local control: then it answers and refuses every setting (SCPI-99, -203)."""
        common = (
            Command("*IDN?", lambda _, __: self.identity),
            Command("*RST", lambda _, __: self.reset()),
            Command("*CLS", lambda _, __: self._clear()),
            Command("*ESR?", lambda _, __: self._read_events()),
            Command("*STB?", lambda _, __: str((0x04 if self._errors else 0) | (0x20 if self._events else 0))),
            Command("*OPC?", lambda _, __: "1"),
            Command("SYSTem:ERRor[:NEXT]?", lambda _, __: self._errors.popleft() if self._errors else '0,"No error"'),
        )
        self._commands = [(_header_pattern(command.header), command) for command in (*common, *commands)]
        self._known: dict[str, tuple[Command, tuple[int, ...]]] = {}

    def reset(self) -> None:
        """`*RST`: back to the settings the instrument wakes up with."""

    def settled(self) -> None:
        """A line has been carried out to its end."""

    def execute(self, line: str) -> Reply:
        """Carry out one line of commands with `;` between them."""
        answers = []
        latency = 0.0
        path = ""
        for unit in filter(None, map(str.strip, line.split(";"))):
            header, _, parameter = unit.partition(" ")
            if not header.startswith("*"):
                # A header without a colon in front continues the path of the one before it (SCPI-99 volume 1, 6.2.4).
                header = header[1:] if header.startswith(":") else path + header
                path = header[: header.rfind(":") + 1]
            try:
                command, suffixes = self._find(header)
                if self.locked and not header.endswith("?"):
                    raise ScpiError(-203, "LOCAL")
                answer = command.handler(suffixes, parameter.strip())
            except ScpiError as error:
                self._queue(error)
                continue
            latency += command.latency
            if answer is not None:
                answers.append(answer)
        self.settled()
        return Reply(";".join(answers) if answers else None, latency, "?" in line)

    def reports_an_error(self) -> None:
        """Something goes wrong inside it: it tells when it is asked."""
        self._queue(ScpiError(-310, "OVERTEMPERATURE"))

    def changes_range(self) -> None:
        """A range relay switches unasked: it tells when it is asked."""
        self._queue(ScpiError(-300, "RANGE CHANGED"))

    def fill_queue(self) -> None:
        """So many errors that the last ones were lost."""
        for _ in range(_ERROR_QUEUE_LENGTH + 1):
            self._queue(ScpiError(-113, "LEFT OVER"))

    def interrupted(self) -> bool:
        """IEEE 488.2, 6.3.2.3: the answer is discarded, and the error is kept as a query error."""
        self._queue(ScpiError(-410))
        return True

    def _find(self, header: str) -> tuple[Command, tuple[int, ...]]:
        header = header.upper()
        if header not in self._known:
            for pattern, command in self._commands:
                match = pattern.fullmatch(header)
                if match:
                    self._known[header] = (command, tuple(int(suffix or 1) for suffix in match.groups()))
                    break
            else:
                raise ScpiError(-113, header[:40])
        return self._known[header]

    def _queue(self, error: ScpiError) -> None:
        self._events |= _EVENT_BITS[-error.number // 100]
        if len(self._errors) < _ERROR_QUEUE_LENGTH:
            self._errors.append(error.entry)
        else:
            self._errors[-1] = ScpiError(-350).entry

    def _clear(self) -> None:
        self._errors.clear()
        self._events = 0

    def _read_events(self) -> str:
        events, self._events = self._events, 0
        return str(events)


def number(parameter: str, lowest: float, highest: float, name: str) -> float:
    """Read a numeric parameter. Raises `ScpiError` -109, -104 or -222."""
    if not parameter:
        raise ScpiError(-109, name)
    try:
        value = float(parameter)
    except ValueError:
        raise ScpiError(-104, name) from None
    if not math.isfinite(value):
        raise ScpiError(-104, name)
    if not lowest <= value <= highest:
        raise ScpiError(-222, name)
    return value


def _header_pattern(header: str) -> re.Pattern[str]:
    escaped = header.replace("?", r"\?").replace("*", r"\*").replace("[", "(?:").replace("]", ")?")

    def mnemonic(match: re.Match[str]) -> str:
        rest = f"(?:{match[2].upper()})?" if match[2] else ""
        return match[1] + rest + (r"(\d*)" if match[3] else "")

    return re.compile(re.sub(r"([A-Z]+)([a-z]*)(#?)", mnemonic, escaped))


class Manner(Enum):
    """How a server treats its clients."""

    PROPER = "proper"
    SILENT = "silent"
    """Takes every line and does nothing with it."""
    GARBLED = "garbled"
    """Carries out and answers rubbish."""
    REPEATING = "repeating"
    """Answers everything twice."""
    HANGING_UP = "hanging up"
    """Closes the connection instead of listening to a line."""
    DEAF = "deaf"
    """Hears nothing while it owes an answer: what comes in meanwhile is lost."""


class ScpiServer:
    """Serves one instrument, of SCPI or another language of lines, on a loopback port, in simulated time or on any other loop."""

    def __init__(self, instrument: Instrument, host: str = "127.0.0.1") -> None:
        self.instrument = instrument
        self.manner = Manner.PROPER
        self.late_by = 0.0
        """Seconds by which every answer comes later than the instrument declares."""
        self._host = host
        self._port = 0
        self._server: asyncio.Server | None = None
        self._clients: set[_Client] = set()

    @property
    def resource(self) -> str:
        """VISA resource name; valid once started."""
        return f"TCPIP::{self._host}::{self._port}::SOCKET"

    async def start(self) -> int:
        """Listen and return the port; after `stop` it is the same one again."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Client(self, loop), self._host, self._port)
        self._port = self._server.sockets[0].getsockname()[1]
        return self._port

    async def stop(self) -> None:
        """Pull the plug: connections end, and the port refuses new ones."""
        if self._server is None:
            return
        self._server.close()
        self.hang_up()
        await self._server.wait_closed()
        self._server = None
        await asyncio.sleep(0)  # lets the transports close their sockets

    def unplug(self) -> None:
        """Pull the cable: connections end, and the port refuses new ones. The instrument itself goes on."""
        if self._server is not None:
            self._server.close()
        self.hang_up()

    def hang_up(self) -> None:
        """Close all connections and go on listening."""
        for client in list(self._clients):
            client.hang_up()


@dataclass
class _Owed:
    """An answer on its way."""

    timer: asyncio.TimerHandle | None
    """None where it never comes."""
    wait: WorkerWait | None


class _Client(asyncio.Protocol):
    """One connection: lines in, answers out in their order."""

    def __init__(self, server: ScpiServer, loop: asyncio.AbstractEventLoop) -> None:
        self._server = server
        self._loop = loop
        self._received = b""
        self._owed: deque[_Owed] = deque()
        self._free_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._server._clients.add(self)

    def data_received(self, data: bytes) -> None:
        self._received += data
        end = self._server.instrument.end.encode("latin-1")
        while end in self._received:
            line, _, self._received = self._received.partition(end)
            self._listen(line.decode("latin-1"))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's signature
        self._server._clients.discard(self)
        self._owe_nothing()

    def hang_up(self) -> None:
        self._received = b""
        self._transport.close()

    def _listen(self, line: str) -> None:
        manner = self._server.manner
        if manner is Manner.HANGING_UP:
            self.hang_up()
        elif manner is Manner.SILENT or (self._owed and manner is Manner.DEAF):
            self._owe(None)
        else:
            if self._owed and self._server.instrument.interrupted():
                self._owe_nothing()
            self._answer(self._server.instrument.execute(line))

    def _answer(self, reply: Reply) -> None:
        if not reply.owed:
            return
        latency = reply.latency + self._server.late_by
        if reply.text is None:
            self._owe(None)  # for ever: its sender waits for what never comes
        elif latency > 0 or self._owed:
            self._free_at = max(self._free_at, self._loop.time()) + latency
            self._owe(self._loop.call_at(self._free_at, self._send_owed, reply.text))
        else:
            self._send(reply.text)

    def _owe(self, timer: asyncio.TimerHandle | None) -> None:
        wait = self._loop.worker_waits() if isinstance(self._loop, SimulatedTimeLoop) else None
        self._owed.append(_Owed(timer, wait))

    def _owe_nothing(self) -> None:
        for owed in self._owed:
            if owed.timer is not None:
                owed.timer.cancel()
            if owed.wait is not None:
                owed.wait.end()
        self._owed.clear()
        self._free_at = 0.0

    def _send_owed(self, text: str) -> None:
        self._send(text)
        owed = next(each for each in self._owed if each.timer is not None)
        self._owed.remove(owed)
        if owed.wait is not None:
            owed.wait.end()

    def _send(self, text: str) -> None:
        if self._server.manner is Manner.GARBLED:
            text = "#@!" + text[::-2]
        line = (text + self._server.instrument.end).encode("latin-1")
        self._transport.write(line * 2 if self._server.manner is Manner.REPEATING else line)
