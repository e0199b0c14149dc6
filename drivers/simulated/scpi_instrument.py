"""The common part of simulated SCPI instruments: IEEE 488.2 common commands, headers in short and long form, error queue, status registers.

Pure text in and text out; what it is connected to is the server's business.
"""

from __future__ import annotations

import math
import re
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from drivers.simulated.scpi_server import Reply

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


class ScpiInstrument:
    """What every simulated SCPI instrument does: it takes lines apart, queues errors and keeps the status registers."""

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
