"""The far end of `drivers.yokogawa_standard`: a simulated WT300 family power analyser.

It finishes a measurement each update interval and has only the items that were chosen; what it cannot measure is `NAN`, what is too
much is `INF`. It takes the values when the question comes, up to one interval before it gives them.
"""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Callable

from drivers.answered_numbers import degrees, half_turn
from drivers.power_source import Reading
from drivers.simulated.scpi_instrument import Command, ScpiError, ScpiInstrument, number
from drivers.simulated.scpi_server import Reply
from drivers.simulated.scpi_standard_server import Measured

_RATES_S = {"100MS": 0.1, "250MS": 0.25, "500MS": 0.5, "1S": 1.0, "2S": 2.0, "5S": 5.0}
_NOTHING_V, _NOTHING_A = 0.5, 1e-4
"""Below these there is no frequency and no φ."""


class YokogawaServer(ScpiInstrument):
    """A simulated power analyser with three elements, or one when its model is a WT310."""

    def __init__(
        self,
        measured: Measured,
        identity: str = "YOKOGAWA,WT333E,000000000,F1.01",
        highest_current: float = 150.0,
    ) -> None:
        """`measured` is asked at each question; `highest_current` in A is its largest range behind its transformers."""
        self._measured = measured
        self._elements = 1 if ",WT310" in identity else 3
        self._highest_current = highest_current
        self._functions: dict[str, Callable[[Reading, int], float]] = {
            "U": lambda reading, k: abs(reading.u[k]),
            "I": self._current,
            "P": lambda reading, k: reading.power[k],
            "PHI": _phi,
            "FU": lambda reading, k: reading.frequency if abs(reading.u[k]) > _NOTHING_V else math.nan,
        }
        self.reset()
        super().__init__(
            identity,
            [
                Command("COMMunicate:HEADer", self._accept("OFF", "0")),
                Command("COMMunicate:WAIT", self._wait_for_update),
                Command("RATE", self._set_rate),
                Command("INPut:VOLTage:AUTO", self._accept("ON", "OFF")),
                Command("INPut:CURRent:AUTO", self._accept("ON", "OFF")),
                Command("NUMeric:FORMat", self._accept("ASCII")),
                Command("NUMeric:NORMal:NUMBer", self._set_number),
                Command("NUMeric:NORMal:ITEM#", self._set_item),
                Command("NUMeric[:NORMal]:VALue?", lambda _, __: self._values()),
                Command("STATus:FILTer#", self._accept("FALL", "RISE", "BOTH", "NEVER")),
                Command("STATus:EESR?", lambda _, __: "1"),
                Command("STATus:ERRor?", lambda _, __: self._errors.popleft() if self._errors else '0,"NO ERROR"'),
            ],
        )

    def reset(self) -> None:
        """`*RST`: the items and the update interval it wakes up with."""
        self._rate = 0.25
        self._items = {1: ("U", 0), 2: ("I", 0), 3: ("P", 0)}
        self._number = 3
        self._waits = False

    def execute(self, line: str) -> Reply:
        """Carry out one line; one that waits is answered when the measurement under way is finished."""
        self._waits = False
        reply = super().execute(line)
        if not self._waits:
            return reply
        now = asyncio.get_running_loop().time()
        return Reply(reply.text, (math.floor(now / self._rate + 1e-9) + 1) * self._rate - now, reply.owed)

    def _wait_for_update(self, _: tuple[int, ...], parameter: str) -> None:
        if number(parameter, 0, 65535, "WAIT") == 1:
            self._waits = True

    def _set_rate(self, _: tuple[int, ...], parameter: str) -> None:
        if parameter.upper() not in _RATES_S:
            raise ScpiError(-222, "RATE")
        self._rate = _RATES_S[parameter.upper()]

    def _set_number(self, _: tuple[int, ...], parameter: str) -> None:
        self._number = int(number(parameter, 1, 255, "NUMBER"))

    def _set_item(self, suffixes: tuple[int, ...], parameter: str) -> None:
        match = re.fullmatch(r"([A-Z]+),([1-9])", parameter.upper())
        if match is None or match[1] not in self._functions or int(match[2]) > self._elements:
            raise ScpiError(-222, f"ITEM{suffixes[0]}")
        self._items[suffixes[0]] = (match[1], int(match[2]) - 1)

    def _values(self) -> str:
        reading = self._measured()
        texts = []
        for k in range(1, self._number + 1):
            function, element = self._items.get(k, ("", 0))
            value = self._functions[function](reading, element) if function else math.nan
            texts.append("NAN" if math.isnan(value) else "INF" if math.isinf(value) else f"{value:.6E}")
        return ",".join(texts)

    def _current(self, reading: Reading, k: int) -> float:
        value = abs(reading.i[k])
        return value if value <= self._highest_current else math.inf

    @staticmethod
    def _accept(*known: str) -> Callable[[tuple[int, ...], str], None]:
        def check(_: tuple[int, ...], parameter: str) -> None:
            if parameter.upper() not in known:
                raise ScpiError(-108 if parameter else -109, parameter)

        return check


def _phi(reading: Reading, k: int) -> float:
    u, i = reading.u[k], reading.i[k]
    if abs(u) < _NOTHING_V or abs(i) < _NOTHING_A:
        return math.nan
    return half_turn(degrees(u) - degrees(i))
