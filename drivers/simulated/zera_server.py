"""The far end of `drivers.zera_source`: a simulated MT786, or FG30x with amplifiers, with DIN angles and a CR behind each line.

It is as awkward as the real one: what it does not understand it meets with silence, values wait for `UI` to take effect, currents
and voltages that come rise on a ramp, and it answers at the pace of 9600 baud. On request it echoes, or loses an acknowledgement.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from drivers.answered_numbers import degrees, phasors
from drivers.load import OFF, Load
from drivers.power_source import Capabilities
from drivers.simulated.ramp import Ramp
from drivers.simulated.scpi_server import Reply
from drivers.simulated.scpi_standard_server import Measured
from drivers.zera_source import FG30X, MT786

_CHARACTER_S = 11 / 9600
"""8N2: start bit, 8 bits, 2 stop bits."""

_AMOUNTS = "".join(rf"{phase}(\d{{3}}\.\d{{3}})(\d{{3}}\.\d{{2}})" for phase in "RST")
_AMPLIFIERS_S = 0.3
"""What the amplifiers take to switch, before `UI` is acknowledged."""

_COUNTS = 20_000


@dataclass
class _Front:
    """What was set: rms values, DIN angles, and which of them are switched on."""

    u: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])
    u_angles: list[float] = field(default_factory=lambda: [0.0, 120.0, 240.0])
    i: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])
    i_angles: list[float] = field(default_factory=lambda: [0.0, 120.0, 240.0])
    frequency: float = 50.0

    def load(self, switches: str) -> Load:
        u = [value if on == "E" else 0.0 for value, on in zip(self.u, switches[:3], strict=True)]
        i = [value if on == "P" else 0.0 for value, on in zip(self.i, switches[3:], strict=True)]
        if not any(u) and not any(i):
            return OFF
        return Load(
            phasors(u, [-angle for angle in self.u_angles]),
            phasors(i, [-angle for angle in self.i_angles]),
            self.frequency,
        )


class ZeraServer:
    """A simulated ZERA source, an MT786 unless `generator` makes it an FG30x. The world hears of a change with `UI`."""

    end = "\r"

    def __init__(
        self,
        on_change: Callable[[Load], None],
        measured: Measured,
        capabilities: Capabilities | None = None,
        generator: bool = False,
    ) -> None:
        """`capabilities` are its true limits: a setting beyond them is answered with NAK."""
        self._limits = capabilities or (FG30X if generator else MT786)
        self._measured = measured
        self._ramp = Ramp(on_change, self._limits.ramp)
        self._prefix = "" if generator else "S"
        self._front = _Front()
        self.faults = "0" * 20
        """Digits of `SSM`: see `drivers.zera_source`."""
        self.locked = False
        """Whether its keyboard keeps it under local control: then it measures and refuses every setting."""
        self.echo = False
        """Whether it repeats each command before it answers."""
        self.loses = ""
        """An acknowledgement that is lost on its way, once: the command is carried out."""

    @property
    def load(self) -> Load:
        """What the terminals are set to, when the ramp is over."""
        return self._ramp.load

    def trip(self) -> None:
        """An amplifier fails and switches itself off."""
        self.faults = "8" + self.faults[1:]
        self._ramp.drop()

    def reports_an_error(self) -> None:
        """An amplifier is too hot and goes on all the same."""
        self.faults = self.faults[:7] + "8" + self.faults[8:]

    def changes_range(self) -> None:
        """A range relay switches unasked: it has no way to tell."""

    def wake_up_wrong(self) -> None:
        """Switched on as somebody else left it: with its output on, S and T exchanged, at 60 Hz."""
        self._front = _Front([100.0] * 3, [0.0, 240.0, 120.0], [5.0] * 3, [90.0, 330.0, 210.0], 60.0)
        self._ramp.to(self._front.load("EEEPPP"))

    def execute(self, line: str) -> Reply:
        """Carry out one command."""
        text = self._answer(line)
        if text is None or (self.loses and text == self.loses):
            self.loses = ""
            return Reply(None, 0.0, owed=True)
        if self.echo:
            text = f"{line}\r{text}"
        latency = (len(line) + len(text) + 2) * _CHARACTER_S
        if line.startswith(f"{self._prefix}UI"):
            latency += _AMPLIFIERS_S
        return Reply(text, latency, owed=True)

    def interrupted(self) -> bool:
        """UNPROVEN: a line that comes during a measurement is carried out at once, and both are answered in their order."""
        return False

    def _answer(self, line: str) -> str | None:
        if line.startswith(self._prefix):
            answer = self._set(line.removeprefix(self._prefix))
            if answer is not None:
                return self._prefix + answer
        return self._generator_measures(line) if not self._prefix else self._mt786_measures(line)

    def _set(self, command: str) -> str | None:
        if command == "SM":
            return f"SM{self.faults}"
        if self.locked and command[:2] in ("FR", "UP", "IP", "UI", "DS"):
            return f"{command[:2]}NAK"
        if command in ("DS0", "DS1") and not self._prefix:
            return "OKDS"
        if match := re.fullmatch(r"FR(\d{2}\.\d{2})", command):
            if not self._limits.frequency_min <= float(match[1]) <= self._limits.frequency_max:
                return "FRNAK"
            self._front.frequency = float(match[1])
            return "OKFR"
        if match := re.fullmatch(f"UP[AE][AE]{_AMOUNTS}", command):
            values, angles = _amounts(match)
            if not _all_within(values, angles, self._limits.u_min, self._limits.u_max):
                return "UPNAK"
            self._front.u, self._front.u_angles = values, angles
            return "OKUP"
        if match := re.fullmatch(f"IP[AE][AM]{_AMOUNTS}", command):
            values, angles = _amounts(match)
            if not _all_within(values, angles, self._limits.i_min, self._limits.i_max):
                return "IPNAK"
            self._front.i, self._front.i_angles = values, angles
            return "OKIP"
        if match := re.fullmatch(r"UI([AE]{3}[AP]{3})[AE]{3}", command):
            self._ramp.to(self._front.load(match[1]))
            return "OKUI"
        return None

    def _mt786_measures(self, line: str) -> str | None:
        if line == "AAV":
            return "MT786V05.52\rAAVACK"
        if not re.fullmatch(r"AME(\d+(;\d+)*)?", line):
            return None
        reading = self._measured()
        values = [*map(abs, reading.u), *map(abs, reading.i), *map(_din, reading.u), *map(_din, reading.i)]
        values += [*(0.0,) * 3, *reading.power, *(0.0,) * 10, reading.frequency]
        wanted = [int(index) for index in line[3:].split(";") if index] or range(len(values))
        shown = {27: "123", 28: f"{reading.frequency:.4f}"}
        return "\r".join([*(f"{k};{shown.get(k, f'{values[k]:.7E}')}" for k in wanted), "AMEACK"])

    def _generator_measures(self, line: str) -> str | None:
        reading = self._measured()
        u, i = [abs(value) for value in reading.u], [abs(value) for value in reading.i]
        u_range, i_range = _range(u, (80.0, 160.0, 320.0)), _range(i, (0.03, 0.3, 3.0, 30.0, 60.0, 120.0))
        match line:
            case "TS":
                return "TSFG301   V299"
            case "BU":
                return f"BU{u_range:.3f}"
            case "BI":
                return f"BI{i_range:.3f}"
            case "AU":
                return "AU" + _counts(u, u_range)
            case "AI":
                return "AI" + _counts(i, i_range)
            case "AW":
                angles = [
                    f"{round(_din(a), 1) % 360:05.1f}{round(_din(b), 1) % 360:05.1f}"
                    for a, b in zip(reading.u, reading.i, strict=True)
                ]
                return "AWR{}S{}T{}".format(*angles)
            case "MP":
                return "MPR{:.1f};S{:.1f};T{:.1f};".format(*reading.power)
            case "AF":
                return f"AF{reading.frequency:05.2f}"
        return None


def _amounts(match: re.Match[str]) -> tuple[list[float], list[float]]:
    found = [float(field) for field in match.groups()]
    return found[0::2], found[1::2]


def _all_within(values: list[float], angles: list[float], lowest: float, highest: float) -> bool:
    return all(value == 0.0 or lowest <= value <= highest for value in values) and all(a < 360.0 for a in angles)


def _din(value: complex) -> float:
    return -degrees(value) % 360.0 if value else 0.0


def _range(values: list[float], ranges: tuple[float, ...]) -> float:
    return next((limit for limit in ranges if max(values) <= limit), ranges[-1])


def _counts(values: list[float], of: float) -> str:
    return "R{:05d}S{:05d}T{:05d}".format(*(round(value / of * _COUNTS) for value in values))
