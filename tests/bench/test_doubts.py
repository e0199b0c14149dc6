"""What speaks against the bench when a step has ended: whether it ends the run or is measured once more, and for which meters."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bench.clock_slew import ClockReading, ClockWatch
from bench.disturbance import Absence
from bench.doubts import Doubts
from bench.line import Line
from bench.steps import Blocked, Disturbed, Step
from bench.watch import Watch
from drivers.load import OFF
from drivers.power_source import Reading, SelfReported

STEP = cast(Step, SimpleNamespace(title="Accuracy Ib", measurements=lambda: ()))
QUIET = Reading(0.0, OFF.u, OFF.i, (0.0, 0.0, 0.0), 0.0)


class Bench:
    """A bench that a test spoils: its source, its inputs, its clock, its current."""

    def __init__(self) -> None:
        self.told: Exception | None = None
        """What the source reports of itself."""
        self.deaf = ""
        self.clocks = [ClockReading(0, 0, 0), ClockReading(2_000_000_000, 2_000_000_000, 0)]
        self.absence = Absence()

    async def _read(self) -> Reading:
        if self.told is not None:
            raise self.told
        return QUIET

    def doubts(self) -> Doubts:
        station = SimpleNamespace(standard=None)
        line: Any = SimpleNamespace(deaf=lambda: self.deaf, station=station, owner=SimpleNamespace(read=self._read))
        watch: Any = SimpleNamespace(absence=self.absence, latest=None)
        clocks = iter(self.clocks)
        return Doubts(cast(Line, line), cast(Watch, watch), ClockWatch(lambda: next(clocks)), 23.0)

    def asked(self) -> None:
        asyncio.run(self.doubts().of(STEP, 0.0, ()))

    def asked_of_the_load(self) -> None:
        asyncio.run(self.doubts().of_the_load(STEP))


def test_a_bench_that_is_well_is_beyond_doubt() -> None:
    Bench().asked()
    Bench().asked_of_the_load()


def test_a_clock_that_gained_500_ppm_is_over_some_time_and_so_disturbs() -> None:
    bench = Bench()
    bench.clocks[1] = ClockReading(2_001_000_000, 2_000_000_000, 0)  # 1 ms in 2 s
    with pytest.raises(
        Disturbed, match=r"Accuracy Ib: the clock is being slewed by \+500 ppm .*what was measured is void"
    ):
        bench.asked()


def test_inputs_that_hear_nothing_block() -> None:
    bench = Bench()
    bench.deaf = "the inputs are silent"
    with pytest.raises(Blocked, match="Accuracy Ib: the inputs are silent; what was measured is void") as raised:
        bench.asked()
    assert not isinstance(raised.value, Disturbed)


def test_a_source_with_an_error_of_its_own_blocks_a_step_of_one_meter_and_of_all_together() -> None:
    bench = Bench()
    bench.told = SelfReported("the power source reports: OVERTEMPERATURE")
    for ask in (bench.asked, bench.asked_of_the_load):
        with pytest.raises(Blocked, match="OVERTEMPERATURE; what was measured is void") as raised:
            ask()
        assert not isinstance(raised.value, Disturbed)


def test_a_range_that_has_changed_is_over_and_disturbs_even_where_the_inputs_are_deaf() -> None:
    bench = Bench()
    bench.told, bench.deaf = SelfReported("the power source reports: RANGE CHANGED"), "the inputs are silent"
    with pytest.raises(Disturbed, match="RANGE CHANGED; what was measured is void"):
        bench.asked()


def test_a_current_that_was_away_and_came_back_disturbs_before_anything_else_is_asked() -> None:
    bench = Bench()
    bench.told = SelfReported("the power source reports: OVERTEMPERATURE")

    async def ask() -> None:
        bench.absence.fell_short("no current in L2", 1.0)
        bench.absence.stands()
        await bench.doubts().of_the_load(STEP)

    with pytest.raises(Disturbed, match="no current in L2"):
        asyncio.run(ask())
