"""Modules of which nothing public can be asked leave the registers alone: read once, between two looks at the reference meter."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

from bench.fixture import Snapshot
from bench.oracle import Expectation
from bench.position import Position
from drivers.mode_a_registers import Registers
from reference_meter import TypeNumber
from sequences.module_untouched import Untouched
from tests.sequences.standing import Standing

QR = TypeNumber.parse("685-381-QR-50")
Simulated = Callable[[Callable[[], Any]], Any]


class Slowly(Standing):
    """A meter whose readout takes 6 s; the reference meter beside it gains a kWh meanwhile, and says what it was asked."""

    def __init__(self, total_kwh: int) -> None:
        super().__init__()
        self.asked: list[tuple[str, float]] = []
        self.total_kwh = total_kwh
        self.energy = SimpleNamespace(covers=self._covers)
        self.oracle = SimpleNamespace(pulses=1000, expectation=self._expectation, tariffs_agree=self._tariffs_agree)

    async def read_out(self) -> tuple[Any, Snapshot]:
        """Of another type than planned."""
        self._note("read")
        await asyncio.sleep(6.0)
        registers = Registers(total_kwh=self.total_kwh, tariff_kwh=(self.total_kwh - 1, 1))
        return SimpleNamespace(type_text="685-381-OK-50"), Snapshot(0.0, 6.0, 0, 0, registers)

    async def _covers(self, time: float) -> None:
        self._note("covered")
        assert time == asyncio.get_running_loop().time()

    def _expectation(self, allowance_wh: float) -> Expectation:
        self._note("expected")
        # 20 Wh, and 3 % of the 1000 Wh that have passed
        assert allowance_wh == 50.0
        covered = ("covered", 6.0) in self.asked
        return Expectation(17, 18) if covered else Expectation(16, 17)

    def _tariffs_agree(self, total_kwh: int, tariff_kwh: tuple[int, int]) -> bool:
        assert (total_kwh, tariff_kwh) == (self.total_kwh, (self.total_kwh - 1, 1))
        return False

    def _note(self, what: str) -> None:
        self.asked.append((what, asyncio.get_running_loop().time()))


def untouched(simulated: Simulated, total_kwh: int) -> Slowly:
    async def main() -> Slowly:
        seen = Slowly(total_kwh)
        await Untouched(QR, "the radio link").run(cast(Position, seen))
        return seen

    found: Slowly = simulated(main)
    return found


def test_the_total_may_date_from_any_moment_of_the_readout(simulated: Simulated) -> None:
    seen = untouched(simulated, 16)
    assert seen.asked == [("expected", 0.0), ("read", 0.0), ("covered", 6.0), ("expected", 6.0)]
    agrees = {total: untouched(simulated, total).values["total vs reference meter"] for total in (15, 16, 18, 19)}
    assert agrees == {15: "15 kWh, 16 to 18 expected", 16: "agrees", 18: "agrees", 19: "19 kWh, 16 to 18 expected"}


def test_the_type_that_the_meter_tells_is_kept_and_tariffs_that_disagree_are_said_so(simulated: Simulated) -> None:
    seen = untouched(simulated, 17)
    assert (seen.values["type"], seen.values["tariff registers"]) == ("685-381-OK-50", "disagree")
    assert {each.name: each.expected for each in Untouched(QR, "the radio link").measurements()} == {
        "type": "685-381-QR-50",
        "total vs reference meter": "agrees",
        "tariff registers": "agree",
    }


def test_the_record_says_what_was_not_tested(simulated: Simulated) -> None:
    seen = untouched(simulated, 17)
    assert (seen.why, seen.left_out) == ("the radio link: no public protocol", [])
