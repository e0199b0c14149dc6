"""The step of the module: chosen by the type number, its parts one after the other, and what the station has no port for left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from bench.measurements import Declared, noted
from bench.module_ports import NotWired
from bench.oracle import Expectation
from bench.position import Position
from bench.profile import STANDARD
from reference_meter import TypeNumber
from reference_meter.modules import MODULES
from sequences.module import ModuleTest, module_test
from sequences.module_part import ModulePart, against_reference
from tests.sequences.standing import Standing


@pytest.mark.parametrize("code", MODULES)
def test_the_type_number_alone_chooses_the_step(code: str) -> None:
    steps = module_test(TypeNumber.parse(f"685-382-{code}-50"), STANDARD)
    assert [step.name for step in steps] == ([] if code == "OK" else ["module"])
    for step in steps:
        assert step.title == f"Module {code}: {MODULES[code].name}"
        assert len({each.name for each in step.measurements()}) == len(step.measurements()) > 0
        assert step.longest() >= step.duration() > 0


@pytest.mark.parametrize("code", [code for code in MODULES if code != "OK"])
def test_every_module_is_tested_at_imax_where_registers_move_soonest(code: str) -> None:
    (step,) = module_test(TypeNumber.parse(f"685-381-{code}-50"), STANDARD)
    assert step.load is not None
    assert step.load.total_power == pytest.approx(3 * 230.0 * 80.0)


def test_a_total_is_held_against_the_reference_meter_of_both_moments() -> None:
    before, after = Expectation(100, 101), Expectation(103, 104)
    assert [against_reference(before, after, kwh)[0] == "agrees" for kwh in (99, 100, 102, 104, 105)] == [
        False, True, True, True, False,
    ]  # fmt: skip
    assert against_reference(before, after, 105) == ("105 kWh, 100 to 104 expected",) * 2


@dataclass(frozen=True)
class Part(ModulePart):
    """Something that a module does and the station sees, or has no port for."""

    what: str
    port: bool

    def measurements(self) -> tuple[Declared, ...]:
        """One, noted."""
        return (noted(self.what),)

    def duration(self) -> float:
        """Two seconds."""
        return 2.0

    def longest(self) -> float:
        """Three."""
        return 3.0

    async def run(self, at: Position) -> None:
        """Record, where there is a port."""
        if not self.port:
            raise NotWired(f"no port for {self.what}")
        at.record(self.what, 1.0)


def test_a_part_that_the_station_has_no_port_for_is_left_out_and_the_others_are_tested(
    simulated: Callable[[Any], Any],
) -> None:
    meter = TypeNumber.parse("685-381-FK-50")
    step = ModuleTest(meter, STANDARD, (Part(meter, "loop", port=False), Part(meter, "tariff", port=True)))
    seen: Standing = simulated(lambda: Standing().runs(step))
    assert (seen.values, seen.left_out, seen.why) == ({"tariff": 1.0}, ["loop"], "no port for loop")
    assert [each.name for each in step.measurements()] == ["loop", "tariff"]
    assert (step.duration(), step.longest()) == (4.0, 6.0)
