"""Fluke 6105A (or 6100B) electrical power standard, one instrument a phase, with or without 52120A current amplifiers ("fluke-6105a").

SCPI over GPIB, or over whatever carries it to VISA. Ranges are chosen first, then the fundamental; a channel that gives nothing is off.

| command | meaning | source | proven on hardware |
| --- | --- | --- | --- |
| `SOUR:PHAS<n>:FITT?` | 1: phase n is present | M 5-32 | by D |
| `SOUR:PHAS<n>:CURR:EAMP:FITT?` | 1: it has a 52120A | D | by D |
| `SOUR:PHAS<n>:CURR:EAMP:TERM:MODE AUTO` | the 52120A chooses its terminals | D | by D |
| `UNIT:MHAR:VOLT ABS`, `UNIT:MHAR:CURR ABS` | harmonics are set in V and A | D2 | by D2 |
| `SOUR:FREQ <Hz>` | frequency of all phases | D | by D |
| `SOUR:PHAS<n>:VOLT:RANG 0,<V>` | the narrowest range that holds both limits | D, M 5-35 | by D |
| `SOUR:PHAS<n>:CURR:RANG <A>,<A>` | the same; ranges 0.25 to 21 A and their lower limits | M 5-43 | by D |
| `SOUR:PHAS<n>:CURR:EAMP:RANG 0,<A>` | the same for the 52120A: 2, 20, 120 A | D | by D |
| `SOUR:PHAS<n>:VOLT:MHAR:HARM1 <V>,<deg>` | the fundamental; L2 is at −120, L3 at 120 | D, M 5-36 | by D |
| `SOUR:PHAS<n>:CURR:MHAR:HARM1 <A>,<deg>` | the fundamental against its own voltage | D, M 5-44 | by D, but for its sign |
| `SOUR:PHAS<n>:VOLT:MHAR:STAT ON`, `CURR:MHAR:STAT ON` | the waveform is made of harmonics | D, D2 | by D |
| `SOUR:PHAS<n>:VOLT:STAT ON`, `CURR:STAT OFF` | the channel takes part in the output | D, D2 | by D |
| `OUTP:STAT ON`, `OFF`, `?` | the output of all phases | D | by D |
| `OUTP:SENS 0`, `OUTP:RAMP:TIME <s>` | two-wire sense; soft start | D | by D |
| `SOUR:PHAS<n>:VOLT:AMPL?`, `CURR:AMPL?` | rms value of the output | M 5-43 (current) | no |
| `...:MHAR:HARM1:PANG?` | its angle | M 5-36, 5-45 | no |
| `SOUR:PHAS<n>:POW:WATT?` | its active power in W | M 5-32 | no |
| `SYST:ERR?` | oldest error | D | by D |

M: 6100B/6105A Users Manual, page (easymanua.ls/fluke/6105a/manual?p=136, 140, 147, 149). D: a laboratory's driver for a 6105A with
52120A amplifiers (GPIB 17, 2013–2015), D2: a second one; both public, "by D" is their word and not this project's.

The sign of the current's angle is taken to be the voltage's: ahead is positive, so an inductive φ is negative. UNPROVEN: before first
use compare the reactive power of PF 0.5 inductive with a standard. The power is the standard's own value for what it
regulates at its terminals, not an independent measurement; with the output off it says nothing, and then nothing is what is read.
"""

from __future__ import annotations

from collections.abc import Sequence

from drivers.answered_numbers import decimal, degrees, half_turn, numbers, phasors, time_of
from drivers.dialect_source import DialectSource
from drivers.load import PHASE_NAMES, SYSTEM_ANGLES_DEG, Load
from drivers.power_source import Capabilities, InstrumentError, Reading
from drivers.visa import VisaPort

FLUKE_6105A = Capabilities(
    u_max=650.0,
    i_max=120.0,
    settle=8.0,
    ramp=1.0,
    readback_period=1.0,
    readback_latency=0.2,
    power_accuracy_percent=0.02,
)
"""With 52120A amplifiers; without them `i_max` is 21 and `i_min` 0.05. Settling is unproven (D waits 35 s). No watchdog found."""

VOLTAGE_RANGES = (23.0, 45.0, 90.0, 180.0, 360.0, 650.0, 1008.0)
"""Upper limits in V (D)."""

CURRENT_RANGES = ((0.05, 0.25), (0.05, 0.5), (0.1, 1.0), (0.2, 2.0), (0.5, 5.0), (1.0, 10.0), (2.0, 21.0))
"""Lower and upper limits in A of the 6105A alone (M 5-43)."""

AMPLIFIER_RANGES = ((0.0, 2.0), (0.0, 20.0), (0.0, 120.0))
"""Limits in A with a 52120A (D)."""

_Range = tuple[float, float]


class FlukeSource(DialectSource):
    """A set of 6105A on a VISA port; see the table above for its language."""

    _output = ":OUTP:STAT"

    def __init__(self, port: VisaPort, capabilities: Capabilities = FLUKE_6105A) -> None:
        """`capabilities` are the station's: an `i_max` above 21 A says that every phase has a 52120A."""
        super().__init__(port, capabilities)
        self._amplified = capabilities.i_max > CURRENT_RANGES[-1][1]
        self._ranges: dict[str, _Range] = {}
        """What each channel is known to be set to; empty when nothing is known."""

    async def _measure(self) -> Reading:
        """Read what the standard says of its output."""
        asked = [
            f":SOUR:PHAS{n}:{what}"
            for n in self._phases
            for what in ("VOLT:AMPL?", "CURR:AMPL?", "VOLT:MHAR:HARM1:PANG?", "CURR:MHAR:HARM1:PANG?", "POW:WATT?")
        ]
        question = ";".join([*asked, ":SOUR:FREQ?", ":OUTP:STAT?"])
        answer = await self._port.ask(question)
        found = numbers(self._port, question, answer.text, ";", len(asked) + 2)
        absent = [0.0] * (5 * (3 - len(self._phases)))
        values = [*found[:-2], *absent] if found[-1] else [0.0] * 15
        u, i, ahead, lead, power = (values[k::5] for k in range(5))
        return Reading(
            time=time_of(answer, self._capabilities.readback_latency),
            u=phasors(u, ahead),
            i=phasors(i, [a + b for a, b in zip(ahead, lead, strict=True)]),
            power=(power[0], power[1], power[2]),
            frequency=found[-2],
        )

    # ------------------------------------------------------------------ the dialect

    async def _greet(self) -> None:
        await super()._greet()
        self._ranges = {}
        for n in self._phases:
            fitted = await self._port.query(f":SOUR:PHAS{n}:FITT?")
            amplified = await self._port.query(f":SOUR:PHAS{n}:CURR:EAMP:FITT?") if fitted == "1" else "0"
            if fitted != "1" or (self._amplified and amplified != "1"):
                what = "no 6105A" if fitted != "1" else "no 52120A"
                raise InstrumentError(
                    f"{self._name} has {what} on phase {PHASE_NAMES[n - 1]}, and the station file says "
                    f"{self._capabilities.phases} phases of {self._capabilities.i_max:g} A. Look at its cables and the file"
                )
        await self._send(":OUTP:STAT OFF;:OUTP:SENS 0")
        await self._send(f":OUTP:RAMP:TIME {decimal(self._capabilities.ramp)}")
        await self._send(":UNIT:MHAR:VOLT ABS;:UNIT:MHAR:CURR ABS")
        for n in self._phases:
            mode = f":SOUR:PHAS{n}:CURR:EAMP:TERM:MODE AUTO;" if self._amplified else ""
            await self._send(f"{mode}:SOUR:PHAS{n}:VOLT:MHAR:STAT ON;:SOUR:PHAS{n}:CURR:MHAR:STAT ON")

    async def _set(self, load: Load, was_on: bool) -> None:
        known = dict(self._ranges)
        try:
            await super()._set(load, was_on)
        except BaseException:
            self._ranges = {}  # some of the lines may not have arrived
            raise
        self._ranges = known | self._wanted_ranges(load)

    def _wanted_ranges(self, load: Load) -> dict[str, _Range]:
        ranges = {}
        for n in self._phases:
            for channel, value, all_ranges in (
                (f"PHAS{n}:VOLT:RANG", load.u[n - 1], [(0.0, highest) for highest in VOLTAGE_RANGES]),
                (self._current_range(n), load.i[n - 1], AMPLIFIER_RANGES if self._amplified else CURRENT_RANGES),
            ):
                if value or channel not in self._ranges:
                    ranges[channel] = next((each for each in all_ranges if abs(value) <= each[1]), all_ranges[-1])
        return ranges

    def _current_range(self, n: int) -> str:
        return f"PHAS{n}:CURR:EAMP:RANG" if self._amplified else f"PHAS{n}:CURR:RANG"

    def _load_lines(self, load: Load) -> Sequence[str]:
        ranges = {
            channel: f":SOUR:{channel} {decimal(limits[0])},{decimal(limits[1])};"
            for channel, limits in self._wanted_ranges(load).items()
            if self._ranges.get(channel) != limits
        }
        volts, amperes = [], []
        for n in self._phases:
            u, i = load.u[n - 1], load.i[n - 1]
            # A phase without voltage keeps its place in the system, so that its current has an angle to count from.
            ahead = degrees(u) if u else SYSTEM_ANGLES_DEG[n - 1]
            lead = half_turn(degrees(i) - ahead) if i else 0.0
            volts.append(ranges.get(f"PHAS{n}:VOLT:RANG", "") + _channel(f"PHAS{n}:VOLT", abs(u), ahead))
            amperes.append(ranges.get(self._current_range(n), "") + _channel(f"PHAS{n}:CURR", abs(i), lead))
        # No current is left on a voltage that goes.
        stays = all(load.u[: self._capabilities.phases])
        return [f":SOUR:FREQ {decimal(load.frequency)}", *(volts + amperes if stays else amperes + volts)]

    def _off_lines(self) -> Sequence[str]:
        return (
            ";".join(f":SOUR:PHAS{n}:CURR:STAT OFF" for n in self._phases),
            ";".join([*(f":SOUR:PHAS{n}:VOLT:STAT OFF" for n in self._phases), ":OUTP:STAT OFF"]),
        )


def _channel(channel: str, amount: float, angle: float) -> str:
    state = "ON" if amount else "OFF"
    return f":SOUR:{channel}:MHAR:HARM1 {decimal(amount)},{decimal(angle)};:SOUR:{channel}:STAT {state}"
