"""The far end of `drivers.ametek_source`: a simulated three-phase AC source of voltage only.

As awkward as the real one: coupling decides whom `VOLT` means but never `PHAS`, it wakes up coupled and in the low range, a
range that changes under load opens the output for a moment, and voltages slew.
"""

from __future__ import annotations

from collections.abc import Callable

from drivers.ametek_source import AMETEK
from drivers.answered_numbers import phasors
from drivers.load import OFF, Load
from drivers.power_source import Capabilities
from drivers.simulated.ramp import Ramp
from drivers.simulated.scpi_instrument import Command, ScpiError, ScpiInstrument, number
from drivers.simulated.scpi_standard_server import Measured

_RANGES = (150.0, 300.0)
_RANGE_S = 0.2
_SWITCH = {"ON": True, "1": True, "OFF": False, "0": False}


class AmetekServer(ScpiInstrument):
    """A simulated AC source. The world hears of a change once a line."""

    def __init__(
        self,
        on_change: Callable[[Load], None],
        measured: Measured,
        capabilities: Capabilities | None = None,
        identity: str = "CALIFORNIA INSTRUMENTS,5001IX,00000,1.0",
    ) -> None:
        """`capabilities` are its true limits: phases, voltage, frequency, ramp, latency."""
        self._limits = capabilities or AMETEK
        self._measured = measured
        self._ramp = Ramp(on_change, self._limits.ramp)
        self._switching = False
        self._wake_up()
        latency = self._limits.readback_latency / self._limits.phases
        super().__init__(
            identity,
            [
                Command("INSTrument:COUPle", self._set_coupling),
                Command("INSTrument:NSELect", self._select),
                Command("[SOURce:]VOLTage", self._set_volts),
                Command("[SOURce:]VOLTage:RANGe", self._set_range, _RANGE_S),
                Command("[SOURce:]PHASe", self._set_angle),
                Command("[SOURce:]PHASe?", lambda _, __: f"{self._angles[self._selected]:.2f}"),
                Command("[SOURce:]FREQuency", self._set_frequency),
                Command("[SOURce:]FREQuency?", lambda _, __: f"{self._frequency:.4f}"),
                Command("OUTPut[:STATe]", self._set_output),
                Command("OUTPut[:STATe]?", lambda _, __: "1" if self.output else "0"),
                Command(
                    "MEASure:VOLTage[:AC]?", lambda _, __: f"{abs(self._measured().u[self._selected]):.3f}", latency
                ),
            ],
        )

    @property
    def load(self) -> Load:
        """What the terminals are set to, when ramp and gap are over."""
        if not self.output or not any(self._volts):
            return OFF
        return Load(phasors(self._volts, self._angles), (0j, 0j, 0j), self._frequency)

    def reset(self) -> None:
        """`*RST`: as after switching on."""
        self._wake_up()

    def wake_up_wrong(self) -> None:
        """Switched on as somebody else left it: with its output on in the low range, all phases in step, the last one selected."""
        self._volts, self._angles = [100.0] * 3, [0.0, 0.0, 0.0]
        self._coupled, self._selected, self.output = False, self._limits.phases - 1, True
        self.settled()

    def trip(self) -> None:
        """The instrument's own protection opens the output."""
        self.output = False
        self._ramp.drop()

    def settled(self) -> None:
        """Tell the world when a line has changed the load."""
        load = self.load
        if self._switching and load != OFF:
            self._ramp.gap(OFF, _RANGE_S, load)
        else:
            self._ramp.to(load)
        self._switching = False

    def _wake_up(self) -> None:
        self._volts = [0.0, 0.0, 0.0]
        self._angles = [0.0, 240.0, 120.0]
        self._frequency = 60.0
        self._range = _RANGES[0]
        self._coupled = True
        self._selected = 0
        self._switching = False
        self.output = False
        """Whether the output relay is closed."""

    def _set_coupling(self, _: tuple[int, ...], parameter: str) -> None:
        if parameter.upper() not in ("ALL", "NONE"):
            raise ScpiError(-104 if parameter else -109, "COUP")
        self._coupled = parameter.upper() == "ALL"

    def _select(self, _: tuple[int, ...], parameter: str) -> None:
        self._selected = int(number(parameter, 1, self._limits.phases, "NSEL")) - 1

    def _set_volts(self, _: tuple[int, ...], parameter: str) -> None:
        volts = round(number(parameter, 0.0, min(self._range, self._limits.u_max), "VOLT"), 2)
        for k in range(self._limits.phases) if self._coupled else (self._selected,):
            self._volts[k] = volts

    def _set_range(self, _: tuple[int, ...], parameter: str) -> None:
        volts = number(parameter, 0.0, _RANGES[-1], "VOLT:RANG")
        wanted = next(each for each in _RANGES if volts <= each)
        self._switching = wanted != self._range
        self._range = wanted
        self._volts = [min(each, wanted) for each in self._volts]

    def _set_angle(self, _: tuple[int, ...], parameter: str) -> None:
        self._angles[self._selected] = round(number(parameter, -360.0, 360.0, "PHAS"), 2)

    def _set_frequency(self, _: tuple[int, ...], parameter: str) -> None:
        frequency = number(parameter, self._limits.frequency_min, self._limits.frequency_max, "FREQ")
        self._frequency = round(frequency, 3)

    def _set_output(self, _: tuple[int, ...], parameter: str) -> None:
        if parameter.upper() not in _SWITCH:
            raise ScpiError(-104 if parameter else -109, "OUTP")
        self.output = _SWITCH[parameter.upper()]
