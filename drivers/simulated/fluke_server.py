"""The far end of `drivers.fluke_source`: a simulated set of 6105A, with 52120A amplifiers unless its limits say otherwise.

As awkward as the real one: a channel outside its range is refused, a range that changes under load leaves a gap in that
channel and clamps its value, the output rises on the ramp that was asked for, and amplitudes are told even of channels at rest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from drivers.answered_numbers import degrees, half_turn, phasors
from drivers.fluke_source import AMPLIFIER_RANGES, CURRENT_RANGES, FLUKE_6105A, VOLTAGE_RANGES
from drivers.load import OFF, SYSTEM_ANGLES_DEG, Load
from drivers.power_source import Capabilities
from drivers.simulated.ramp import Ramp
from drivers.simulated.scpi_instrument import Command, ScpiError, ScpiInstrument, number
from drivers.simulated.scpi_standard_server import Measured

_RANGE_S = 0.3
"""How long a range takes to change: so long its channel gives nothing, and so long the answer is owed."""

_SWITCH = {"ON": True, "1": True, "OFF": False, "0": False}


@dataclass
class _Channel:
    """One voltage or current channel."""

    ranges: tuple[tuple[float, float], ...]
    """Limits; the first is its range after switching on."""
    angle: float
    """Degrees: of a voltage against U1, of a current against its own voltage, positive ahead."""
    value: float = 0.0
    on: bool = False
    range: tuple[float, float] = field(init=False)
    switching: bool = False
    shaped: bool = True
    """Whether its waveform is made of harmonics: else it gives nothing of what is set as harmonic 1."""

    def __post_init__(self) -> None:
        self.range = self.ranges[0]

    @property
    def gives(self) -> float:
        return self.value if self.on and self.shaped else 0.0


class FlukeServer(ScpiInstrument):
    """A simulated set of 6105A. The world hears of a change once a line."""

    def __init__(
        self,
        on_change: Callable[[Load], None],
        measured: Measured,
        capabilities: Capabilities | None = None,
        identity: str = "FLUKE,6105A,000000000,1.0",
    ) -> None:
        """`capabilities` are its true limits: phases fitted, and amplifiers when it can make more than 21 A."""
        self._limits = capabilities or FLUKE_6105A
        self._measured = measured
        self._amplified = self._limits.i_max > CURRENT_RANGES[-1][1]
        self._ramp = Ramp(on_change, 0.0, falls=False)
        self._settle_to_reset()
        self.welded = False
        """Whether its output relay sticks: it stays on whatever it is told."""
        latency = self._limits.readback_latency / 5 / self._limits.phases
        u, i, f = "[SOURce:]PHASe#:VOLTage", "[SOURce:]PHASe#:CURRent", "[SOURce:]FREQuency"
        super().__init__(
            identity,
            [
                Command("[SOURce:]PHASe#:FITTed?", lambda n, _: str(int(n[0] <= self._limits.phases))),
                Command(
                    f"{i}:EAMPlifier:FITTed?", lambda n, _: str(int(self._amplified and n[0] <= self._limits.phases))
                ),
                Command(f"{i}:EAMPlifier:TERMinal:MODE", self._set_terminal_mode),
                Command("UNIT:MHARmonics:VOLTage", self._set_unit),
                Command("UNIT:MHARmonics:CURRent", self._set_unit),
                Command(f"{f}", self._set_frequency),
                Command(f"{f}?", lambda _, __: _answer(self._frequency)),
                Command(f"{u}:RANGe", lambda n, p: self._set_range(self._volts(n), p), _RANGE_S),
                Command(f"{i}:RANGe", lambda n, p: self._set_current_range(n, p, amplified=False), _RANGE_S),
                Command(f"{i}:EAMPlifier:RANGe", lambda n, p: self._set_current_range(n, p, amplified=True), _RANGE_S),
                Command(f"{u}:MHARmonics:HARMonic#", lambda n, p: self._set_fundamental(self._volts(n), n[1], p)),
                Command(f"{i}:MHARmonics:HARMonic#", lambda n, p: self._set_fundamental(self._amperes(n), n[1], p)),
                Command(f"{u}:MHARmonics:STATe", lambda n, p: self._shape(self._volts(n), p)),
                Command(f"{i}:MHARmonics:STATe", lambda n, p: self._shape(self._amperes(n), p)),
                Command(f"{u}:STATe", lambda n, p: self._set_state(self._volts(n), p)),
                Command(f"{i}:STATe", lambda n, p: self._set_state(self._amperes(n), p)),
                Command(f"{u}:AMPLitude?", lambda n, _: _answer(abs(self._seen_u(n))), latency),
                Command(f"{i}:AMPLitude?", lambda n, _: _answer(abs(self._seen_i(n))), latency),
                Command(f"{u}:MHARmonics:HARMonic#:PANGle?", lambda n, _: self._voltage_angle(n), latency),
                Command(f"{i}:MHARmonics:HARMonic#:PANGle?", lambda n, _: self._current_angle(n), latency),
                Command("[SOURce:]PHASe#:POWer:WATT?", self._power, latency),
                Command("OUTPut:SENSe", lambda _, p: _discard(number(p, 0, 1, "OUTP:SENS"))),
                Command("OUTPut:RAMP:TIME", self._set_ramp),
                Command("OUTPut[:STATe]", self._set_output),
                Command("OUTPut[:STATe]?", lambda _, __: "1" if self.output else "0"),
            ],
        )

    @property
    def load(self) -> Load:
        """What the terminals are set to, when ramp and gap are over."""
        if not self.output:
            return OFF
        u = phasors([channel.gives for channel in self._u], [channel.angle for channel in self._u])
        angles = [v.angle + a.angle for v, a in zip(self._u, self._i, strict=True)]
        i = phasors([channel.gives for channel in self._i], angles)
        return Load(u, i, self._frequency) if any(u) or any(i) else OFF

    def reset(self) -> None:
        """`*RST`: output off, everything at zero in the smallest range."""
        self._settle_to_reset()

    def wake_up_wrong(self) -> None:
        """Switched on as somebody else left it: with its output on, L2 and L3 exchanged, harmonics in %, the last channel without any."""
        for k, channel in enumerate(self._u):
            channel.value, channel.angle, channel.on = 20.0, -SYSTEM_ANGLES_DEG[k], True
        self._u[-1].shaped = self._i[-1].shaped = False
        self._per_cent = self.output = True
        self._frequency = 60.0
        self.settled()

    def trip(self) -> None:
        """The instrument's own protection switches the output off."""
        self.output = False
        self._ramp.drop()

    def settled(self) -> None:
        """Tell the world when a line has changed the load; channels whose range changed come back after a gap."""
        switching = [channel for channel in (*self._u, *self._i) if channel.switching and channel.on]
        load = self.load
        if switching and load != OFF:
            for channel in switching:
                channel.on = False
            without = self.load
            for channel in switching:
                channel.on = True
            self._ramp.gap(without, _RANGE_S, load)
        else:
            self._ramp.to(load)
        for channel in (*self._u, *self._i):
            channel.switching = False

    # ------------------------------------------------------------------ settings

    def _settle_to_reset(self) -> None:
        volts = tuple((0.0, highest) for highest in VOLTAGE_RANGES)
        amperes = AMPLIFIER_RANGES if self._amplified else CURRENT_RANGES
        self._u = [_Channel(volts, angle) for angle in SYSTEM_ANGLES_DEG]
        self._i = [_Channel(amperes, 0.0) for _ in range(3)]
        self._frequency = 50.0
        self._per_cent = False
        """Whether harmonics are set in % of the range."""
        self.output = False
        """Whether `OUTP:STAT` is on."""

    def _volts(self, suffixes: tuple[int, ...]) -> _Channel:
        return self._u[self._phase(suffixes)]

    def _amperes(self, suffixes: tuple[int, ...]) -> _Channel:
        return self._i[self._phase(suffixes)]

    def _phase(self, suffixes: tuple[int, ...]) -> int:
        if not 1 <= suffixes[0] <= self._limits.phases:
            raise ScpiError(-241, f"PHASE {suffixes[0]}")
        return suffixes[0] - 1

    def _set_current_range(self, suffixes: tuple[int, ...], parameter: str, amplified: bool) -> None:
        if amplified and not self._amplified:
            raise ScpiError(-241, "52120A")
        if self._amplified and not amplified:
            raise ScpiError(-221, "52120A IN USE")
        self._set_range(self._amperes(suffixes), parameter)

    def _set_range(self, channel: _Channel, parameter: str) -> None:
        lowest, highest = _two(parameter, "RANG")
        # The narrowest one that holds both limits.
        wanted = next((each for each in channel.ranges if each[0] <= lowest and highest <= each[1]), None)
        if wanted is None:
            raise ScpiError(-222, "RANG")
        if wanted != channel.range:
            channel.range = wanted
            channel.switching = self.output
            if channel.value:
                channel.value = min(max(channel.value, wanted[0]), wanted[1])

    def _set_fundamental(self, channel: _Channel, harmonic: int, parameter: str) -> None:
        value, angle = _two(parameter, "HARM")
        if harmonic != 1:
            raise ScpiError(-108, "HARM")
        if self._per_cent:
            value *= channel.range[1] / 100.0
        if not (value == 0.0 or channel.range[0] <= value <= channel.range[1]) or abs(angle) > 180.0:
            raise ScpiError(-222, "HARM1")
        channel.value, channel.angle = value, angle

    def _shape(self, channel: _Channel, parameter: str) -> None:
        channel.shaped = _switch(parameter, "MHAR:STAT")

    def _set_state(self, channel: _Channel, parameter: str) -> None:
        channel.on = _switch(parameter, "STAT")

    def _set_terminal_mode(self, suffixes: tuple[int, ...], parameter: str) -> None:
        self._phase(suffixes)
        if not self._amplified:
            raise ScpiError(-241, "52120A")
        if parameter.upper() not in ("AUTO", "HIGH"):
            raise ScpiError(-104, "MODE")

    def _set_unit(self, _: tuple[int, ...], parameter: str) -> None:
        if parameter.upper() not in ("ABS", "ABSOLUTE"):
            raise ScpiError(-108, "UNIT")
        self._per_cent = False

    def _set_frequency(self, _: tuple[int, ...], parameter: str) -> None:
        self._frequency = number(parameter, self._limits.frequency_min, self._limits.frequency_max, "FREQ")

    def _set_ramp(self, _: tuple[int, ...], parameter: str) -> None:
        self._ramp.seconds = number(parameter, 0.0, 10.0, "OUTP:RAMP:TIME")

    def _set_output(self, _: tuple[int, ...], parameter: str) -> None:
        self.output = _switch(parameter, "OUTP") or self.welded

    # ------------------------------------------------------------------ readings

    def _seen_u(self, suffixes: tuple[int, ...]) -> complex:
        # Settings are what it tells of an output that is off.
        channel = self._volts(suffixes)
        return self._measured().u[suffixes[0] - 1] if self.output else complex(channel.value)

    def _seen_i(self, suffixes: tuple[int, ...]) -> complex:
        channel = self._amperes(suffixes)
        return self._measured().i[suffixes[0] - 1] if self.output else complex(channel.value)

    def _voltage_angle(self, suffixes: tuple[int, ...]) -> str:
        u = self._seen_u(suffixes)
        return _answer(degrees(u) if u and self.output else self._volts(suffixes).angle)

    def _current_angle(self, suffixes: tuple[int, ...]) -> str:
        i = self._seen_i(suffixes)
        if not i or not self.output:
            return _answer(self._amperes(suffixes).angle)
        return _answer(half_turn(degrees(i) - float(self._voltage_angle(suffixes))))

    def _power(self, suffixes: tuple[int, ...], _: str) -> str:
        return _answer(self._measured().power[self._phase(suffixes)])


def _two(parameter: str, name: str) -> tuple[float, float]:
    first, comma, second = parameter.partition(",")
    if not comma:
        raise ScpiError(-109, name)
    return number(first, -1e6, 1e6, name), number(second, -1e6, 1e6, name)


def _switch(parameter: str, name: str) -> bool:
    if parameter.upper() not in _SWITCH:
        raise ScpiError(-104 if parameter else -109, name)
    return _SWITCH[parameter.upper()]


def _discard(_: float) -> None:
    return None


def _answer(value: float) -> str:
    """Standard scientific format, as in the manual's examples: 2.43E4."""
    return f"{value:.8E}"
