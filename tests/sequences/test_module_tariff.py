"""Tariff switching by a module: when the registers are read, and how long a meter that counts too slowly is waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, cast

import pytest

from bench.fixture import Snapshot
from bench.position import Position
from drivers.mode_a_registers import Registers
from drivers.optical_head import OpticalSilence
from reference_meter import TypeNumber
from sequences.module_tariff import TariffSwitching
from tests.sequences.standing import Standing, channel_of

EK = TypeNumber.parse("685-381-EK-50")
PERIOD = 3600.0 / 55_200.0
"""Three phases of 80 A at 230 V: 65.217 ms a pulse, 65.2 s a kWh."""
Simulated = Callable[[Callable[[], Any]], Any]


class Switched(Standing):
    """A meter whose first kWh is looked at: when it is asked for a tariff, and when its registers are read."""

    def __init__(self, rises: Sequence[float], *totals: int) -> None:
        super().__init__(channel_of(rises))
        self.totals = list(totals)
        self.asked: list[tuple[float, int]] = []
        self.read_at: list[float] = []

    def select_tariff(self, tariff: int) -> None:
        """Keep when."""
        self.asked.append((asyncio.get_running_loop().time(), tariff))

    async def read_out(self) -> tuple[Any, Snapshot]:
        """T2 counts; silence where the test has no more totals."""
        if not self.totals:
            raise OpticalSilence("position 1: no answer")
        now, total = asyncio.get_running_loop().time(), self.totals.pop(0)
        self.read_at.append(now)
        assert self.s0 is not None
        return None, Snapshot(now, now, self.s0.count, self.s0.count, Registers(total_kwh=total, tariff_kwh=(0, total)))


def switched(simulated: Simulated, rises: Sequence[float], *totals: int) -> Switched:
    """Tariff 2 was looked at, and then the optical head fell silent."""

    async def main() -> Switched:
        await asyncio.sleep(50.0)
        seen = Switched(rises, *totals)
        with pytest.raises(OpticalSilence):
            await TariffSwitching(EK).run(cast(Position, seen))
        return seen

    found: Switched = simulated(main)
    return found


def flowing(period: float, until: float = 140.0) -> list[float]:
    """Pulses since long before the step, so far apart."""
    return [period * k for k in range(int(until / period))]


def test_the_registers_are_read_2_s_after_the_switch_and_again_a_kwh_and_a_pulse_later(simulated: Simulated) -> None:
    seen = switched(simulated, flowing(PERIOD), 7, 8)
    assert seen.asked[0] == (50.0, 2)
    began, ended = seen.read_at
    assert began == pytest.approx(52.0)
    assert ended == pytest.approx(52.0 + 1001 * PERIOD, abs=PERIOD + 0.03)
    assert seen.values["tariff 2 asked for"] == "T2 counts"


def test_a_meter_that_counts_too_slowly_is_given_a_fifth_more_than_a_kwh_needs_and_5_s(simulated: Simulated) -> None:
    # A pulse every 0.5 s, and some 100 of them before: what was counted earlier buys no time. 1001 x 65.217 ms x 1.2 + 5 s = 83.3 s.
    seen = switched(simulated, flowing(0.5), 7, 7)
    assert [time - 52.0 for time in seen.read_at] == [pytest.approx(0.0), pytest.approx(83.34, abs=0.01)]
    assert seen.values["tariff 2 asked for"] == "total +0 kWh, T1 +0, T2 +0"


def test_a_meter_whose_pulses_stop_is_given_up_before_the_kwh_is_over(simulated: Simulated) -> None:
    # Looked for every three periods and 2 s, 2.2 s: whoever gave none in the last look is waited for no longer.
    seen = switched(simulated, flowing(PERIOD, until=60.0), 7, 7)
    assert 60.0 + 2.1 < seen.read_at[1] < 60.0 + 2 * 2.2


@pytest.mark.parametrize("totals", [(), (7,)])
def test_tariff_1_is_asked_for_again_even_where_the_optical_head_falls_silent(
    totals: tuple[int, ...], simulated: Simulated
) -> None:
    seen = switched(simulated, flowing(PERIOD), *totals)
    assert [tariff for _, tariff in seen.asked] == [2, 1]
    assert seen.values == {}
