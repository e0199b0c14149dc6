"""A stretch of the logic test: when the registers are read, and how closely the actual power follows the pulses."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from bench.fixture import Snapshot
from bench.profile import STANDARD
from drivers.mode_a_registers import Registers
from reference_meter import TypeNumber
from sequences.logic import Stretch
from tests.sequences.standing import Standing

METER = TypeNumber.parse("685-381-OK-50")
Simulated = Callable[[Callable[[], Awaitable[Standing]]], Standing]


class Read(Standing):
    """A meter whose every readout takes so many seconds and tells the same; it keeps when each began."""

    def __init__(self, s0: Any, takes_s: float, native: bool, **told: Any) -> None:
        super().__init__(s0, speaks_native=native)
        self.read_at: list[float] = []
        self._takes_s, self._told, self._natively_too = takes_s, told, native

    async def read_native(self) -> Snapshot:
        """On the native protocol."""
        assert self._natively_too
        return await self._read()

    async def read_out(self) -> tuple[Any, Snapshot]:
        """In mode A."""
        assert not self._natively_too
        return None, await self._read()

    async def _read(self) -> Snapshot:
        began = asyncio.get_running_loop().time()
        self.read_at.append(began)
        await asyncio.sleep(self._takes_s)
        return Snapshot(began, began + self._takes_s, 0, 0, Registers(**self._told))


def stretched(
    simulated: Simulated,
    watts: int | None,
    rises: Sequence[float] = (),
    *,
    amperes: float = 80.0,
    minutes: int = 2,
    takes_s: float = 0.0,
    native: bool = True,
) -> Any:
    """A stretch that begins at 10 s, when all pulses with a negative time have been heard."""

    async def main() -> Standing:
        await asyncio.sleep(10.0)
        heard = sum(1 for rise in rises if rise < 0.0)
        s0: Any = SimpleNamespace(pulses=[SimpleNamespace(rise=rise) for rise in rises], count=heard)
        seen = Read(s0, takes_s, native, power_w=watts)
        task = asyncio.ensure_future(seen.runs(Stretch(METER, STANDARD, "stretch", amperes, "", minutes)))
        await asyncio.sleep(1.0)
        s0.count = len(rises)
        return await task

    return simulated(main)


@pytest.mark.parametrize(("watts", "agrees"), [(97, False), (98, True), (100, True), (102, True), (103, False)])
def test_the_actual_power_follows_the_pulses_to_a_per_cent_and_a_watt(
    watts: int, agrees: bool, simulated: Simulated
) -> None:
    # Two pulses of the load before it; then 11, 36 s apart: 100 W, so 99 to 101 W and one more on each side.
    seen = stretched(simulated, watts, [-5.0, -1.0, *(7.0 + 36.0 * k for k in range(11))])
    assert seen.values["actual power"] == ("follows the pulses" if agrees else f"{watts} W, 100.0 W by the pulses")
    assert seen.values["pulses"] == 11.0


@pytest.mark.parametrize(("watts", "agrees"), [(9900, True), (9895, False), (10_100, True), (10_105, False)])
def test_of_10_kw_a_per_cent_is_100_w(watts: int, agrees: bool, simulated: Simulated) -> None:
    seen = stretched(simulated, watts, [0.36 * k for k in range(11)])
    assert (seen.values["actual power"] == "follows the pulses") is agrees


@pytest.mark.parametrize(("watts", "agrees"), [(3563, True), (3562, False), (3637, True), (3638, False)])
def test_a_per_cent_and_a_watt_is_still_within(watts: int, agrees: bool, simulated: Simulated) -> None:
    # A pulse each second: 3600 W, of which 37 W are allowed.
    seen = stretched(simulated, watts, [float(k) for k in range(100)])
    assert (seen.values["actual power"] == "follows the pulses") is agrees


@pytest.mark.parametrize(
    ("rises", "watts", "agrees"),
    [
        ((5.0,), 0, True),  # one pulse tells no power
        ((5.0,), 2, False),
        ((5.0, 5.0 + 3600 / 95), 96, True),
        ((5.0, 5.0 + 3600 / 95), 97, False),  # 95 W, so 1.95 W are allowed
    ],
)
def test_two_pulses_tell_a_power(rises: tuple[float, ...], watts: int, agrees: bool, simulated: Simulated) -> None:
    assert (stretched(simulated, watts, rises).values["actual power"] == "follows the pulses") is agrees


def test_without_current_a_watt_is_the_most_whatever_pulses_there_were(simulated: Simulated) -> None:
    def told(watts: int) -> object:
        return stretched(simulated, watts, [1.0, 2.0], amperes=0.0).values["actual power"]

    assert [told(0), told(1), told(2)] == ["follows the pulses", "follows the pulses", "2 W, 0.0 W by the pulses"]


def test_the_registers_are_read_at_once_each_minute_and_at_the_end(simulated: Simulated) -> None:
    seen = stretched(simulated, 0, minutes=3)
    assert seen.read_at == [10.0, 70.0, 130.0, 190.0]
    assert seen.shown == pytest.approx([1 / 3, 2 / 3, 1.0])


def test_a_readout_that_takes_its_time_does_not_shift_the_end(simulated: Simulated) -> None:
    # 8.5 s each: the sixth minute is read at 411 s, and half a second before the end there is still one to come, at 420 s.
    seen = stretched(simulated, 0, minutes=7, takes_s=8.5)
    assert [time - 10.0 for time in seen.read_at] == pytest.approx([*(68.5 * k for k in range(7)), 420.0])
    assert seen.shown[-2:] == [pytest.approx(419.5 / 420.0), 1.0]


def test_a_meter_that_speaks_mode_a_alone_tells_no_power_and_its_pulses_are_noted(simulated: Simulated) -> None:
    seen = stretched(simulated, None, [1.0, 2.0], native=False)
    assert (seen.values, seen.left_out) == ({"pulses": 2.0}, ["actual power"])
    assert "the port answers mode A alone" in seen.why
