"""The far end of `drivers.scpi_source`: a simulated three-phase source whose output the world turns into volts and amperes.

It hands over what was set, exactly as parsed; errors of setting and reading, ramps and settling are the world's.
"""

from __future__ import annotations

import math
from cmath import rect
from collections.abc import Callable
from dataclasses import dataclass, field

from drivers.load import OFF, SYSTEM_ANGLES_DEG, Load
from drivers.power_source import Capabilities
from drivers.simulated.scpi_instrument import Command, ScpiError, ScpiInstrument, number
from drivers.simulated.scpi_standard_server import Measured, measuring

_SWITCH = {"ON": True, "1": True, "OFF": False, "0": False}


@dataclass
class SourceSetting:
    """The front panel: rms values and angles as the dialect has them, and the output switch."""

    u: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])
    """V rms."""
    u_ahead: list[float] = field(default_factory=lambda: [angle % 360 for angle in SYSTEM_ANGLES_DEG])
    """Degrees ahead of U1."""
    i: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])
    """A rms."""
    i_lag: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])
    """Degrees behind the phase's own voltage."""
    frequency: float = 50.0
    """Hz."""
    output: bool = False

    @property
    def load(self) -> Load:
        """What the terminals are set to: `OFF` while the output is off."""
        if not self.output:
            return OFF
        u = [rect(self.u[k], math.radians(self.u_ahead[k])) for k in range(3)]
        i = [rect(self.i[k], math.radians(self.u_ahead[k] - self.i_lag[k])) for k in range(3)]
        return Load((u[0], u[1], u[2]), (i[0], i[1], i[2]), self.frequency)


class ScpiSourceServer(ScpiInstrument):
    """A simulated source. The world hears of a change once a line, when all of the line has been set."""

    def __init__(
        self,
        on_change: Callable[[Load], None],
        measured: Measured,
        capabilities: Capabilities | None = None,
        identity: str = "BENCH,SIMULATED SOURCE,0001,1.0",
    ) -> None:
        """`capabilities` are its true limits: a setting beyond them is refused with −222."""
        self._on_change = on_change
        self._limits = limits = capabilities or Capabilities()
        self.setting = SourceSetting()
        self._told = OFF
        super().__init__(
            identity,
            [
                Command("[SOURce:]VOLTage#", self._set_volts),
                Command("[SOURce:]VOLTage#:PHASe", self._set_volts_phase),
                Command("[SOURce:]CURRent#", self._set_amperes),
                Command("[SOURce:]CURRent#:PHASe", self._set_amperes_phase),
                Command("[SOURce:]FREQuency", self._set_frequency),
                Command("OUTPut[:STATe]", self._set_output),
                Command("OUTPut[:STATe]?", lambda _, __: "1" if self.setting.output else "0"),
                measuring(measured, limits.readback_latency),
            ],
        )

    @property
    def load(self) -> Load:
        """What the terminals are set to."""
        return self.setting.load

    def reset(self) -> None:
        """`*RST`: everything at zero and the output off."""
        self.setting = SourceSetting()

    def wake_up_wrong(self) -> None:
        """Switched on as somebody else left it: with its output on, turned the other way round, at 60 Hz."""
        self.setting = SourceSetting([120.0] * 3, [0.0, 120.0, 240.0], [5.0] * 3, [90.0] * 3, 60.0, output=True)
        self.settled()

    def trip(self) -> None:
        """The instrument's own protection switches the output off."""
        self.setting.output = False
        self.settled()

    def settled(self) -> None:
        """Tell the world when a line has changed the load."""
        load = self.setting.load
        if load != self._told:
            self._told = load
            self._on_change(load)

    def _set_volts(self, suffixes: tuple[int, ...], parameter: str) -> None:
        self.setting.u[self._phase(suffixes)] = number(parameter, 0.0, self._limits.u_max, "VOLT")

    def _set_volts_phase(self, suffixes: tuple[int, ...], parameter: str) -> None:
        self.setting.u_ahead[self._phase(suffixes)] = number(parameter, 0.0, 360.0, "VOLT:PHAS")

    def _set_amperes(self, suffixes: tuple[int, ...], parameter: str) -> None:
        highest = self._limits.i_max if self._limits.separate_current else 0.0
        self.setting.i[self._phase(suffixes)] = number(parameter, 0.0, highest, "CURR")

    def _set_amperes_phase(self, suffixes: tuple[int, ...], parameter: str) -> None:
        self.setting.i_lag[self._phase(suffixes)] = number(parameter, -180.0, 180.0, "CURR:PHAS")

    def _set_frequency(self, _: tuple[int, ...], parameter: str) -> None:
        lowest, highest = self._limits.frequency_min, self._limits.frequency_max
        self.setting.frequency = number(parameter, lowest, highest, "FREQ")

    def _set_output(self, _: tuple[int, ...], parameter: str) -> None:
        if parameter.upper() not in _SWITCH:
            raise ScpiError(-104 if parameter else -109, "OUTP")
        self.setting.output = _SWITCH[parameter.upper()]

    def _phase(self, suffixes: tuple[int, ...]) -> int:
        return int(number(str(suffixes[0]), 1, self._limits.phases, "PHASE NUMBER")) - 1
