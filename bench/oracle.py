"""The reference meter beside a meter under test: fed with the load as measured, it says what the meter's registers must show.

The meter's remainder below 1 kWh cannot be read, so two reference meters run: one began at the lowest it can be, one at the highest.
"""

from __future__ import annotations

from dataclasses import dataclass

from drivers.power_source import Reading
from reference_meter import Event, Power, ReferenceMeter, Registers, TypeNumber, trace
from reference_meter.registers import SEVEN_DIGITS, Tariff

_NS = 1_000_000_000
_MICRO = 1_000_000
_TOLD = 2
"""So many of the latest events explain what a register shows; pulses and kilowatt-hours are counted, not listed."""


@dataclass(frozen=True)
class Expectation:
    """What may be read, both ends inclusive."""

    lowest_kwh: int
    highest_kwh: int
    """Counted on from the first readout, without the roll-over at seven digits."""

    def contains(self, kwh: int) -> bool:
        """Whether a seven-digit register may read so (R12)."""
        return any(self.lowest_kwh <= kwh + turn <= self.highest_kwh for turn in (0, SEVEN_DIGITS))


class Oracle:
    """What the registers of one meter must show, from a first readout onward."""

    def __init__(self, meter: TypeNumber, *, total_kwh: int, tariff_kwh: tuple[int, int]) -> None:
        self._lowest = _reference(meter, total_kwh, tariff_kwh, watt_hours=0)
        self._highest = _reference(meter, total_kwh, tariff_kwh, watt_hours=999)
        self._start_kwh = total_kwh
        self._start_tariffs = tariff_kwh
        self._last: Reading | None = None
        self._tariff_2_seen = False
        self._happened: list[Event] = []

    def advance(self, reading: Reading) -> None:
        """Let the power of this and the last reading pass, by the trapezoid."""
        if self._last is not None:
            duration = round((reading.time - self._last.time) * _NS)
            power = _power(self._last, reading)
            self._happened = (self._happened + self._lowest.advance(power, duration, pulses=False))[-_TOLD:]
            self._highest.advance(power, duration, pulses=False)
        self._last = reading

    def pause(self) -> None:
        """The load changes: nothing passes until the next reading."""
        self._last = None

    def select_tariff(self, tariff: Tariff) -> None:
        """The meter was asked for this tariff (R17). Raises `NotFitted` for a type without a tariff module."""
        self._tariff_2_seen = self._tariff_2_seen or tariff == 2
        for meter in (self._lowest, self._highest):
            meter.select_tariff(tariff)

    @property
    def pulses(self) -> int:
        """S0 pulses that a meter without error has given since the first readout, within one."""
        return self._lowest.pulse_count

    def story(self) -> str:
        """What the reference meter did until now, for whoever must explain a register that reads otherwise: its trace in one sentence."""
        now = self.expectation(0.0)
        stands = f"{now.lowest_kwh}" + (f" or {now.highest_kwh}" if now.highest_kwh > now.lowest_kwh else "")
        text = (
            f"the reference meter stood at {self._start_kwh} kWh when the meter was first read and at {stands} kWh after pulse "
            f"{self.pulses} (R4)"
        )
        return "; ".join((text, *trace(self._happened)))

    def expectation(self, allowance_wh: float) -> Expectation:
        """The total kWh register now, if the meter's error and the bench's gaps together are below `allowance_wh`."""
        start = self._start_kwh * 1000
        low = start + self._lowest.pulse_count - allowance_wh
        high = start + 999 + self._highest.pulse_count + allowance_wh
        return Expectation(int(low // 1000), int(high // 1000))

    def tariffs_agree(self, total_kwh: int, tariff_kwh: tuple[int, int]) -> bool:
        """Whether T1 and T2 stand as they must for this total: exactly one of them counts with it (R15, R17).

        While tariff 2 was never asked for, tariff 1 counts alone; else T2 may be one kWh off (R16).
        """
        gained = (total_kwh - self._start_kwh) % SEVEN_DIGITS
        one, two = ((now - then) % SEVEN_DIGITS for now, then in zip(tariff_kwh, self._start_tariffs, strict=True))
        if (one + two) % SEVEN_DIGITS != gained:
            return False
        if not self._tariff_2_seen:
            return two == 0
        expected = [
            (meter.tariff_kwh[1] - self._start_tariffs[1]) % SEVEN_DIGITS for meter in (self._lowest, self._highest)
        ]
        return min(expected) - 1 <= two <= max(expected) + 1


def _reference(meter: TypeNumber, total_kwh: int, tariff_kwh: tuple[int, int], watt_hours: int) -> ReferenceMeter:
    t1, t2 = tariff_kwh
    registers = Registers(total_kwh=total_kwh, tariff_1_kwh=t1, tariff_2_kwh=t2, watt_hours=watt_hours)
    return ReferenceMeter(meter, registers=registers)


def _power(before: Reading, after: Reading) -> Power:
    mean = [(a + b) / 2 for a, b in zip(before.power, after.power, strict=True)]
    microwatts = [round(p * _MICRO) for p in mean]
    connected = [abs(u) > 0.0 for u in after.u]
    return Power((microwatts[0], microwatts[1], microwatts[2]), (connected[0], connected[1], connected[2]))
