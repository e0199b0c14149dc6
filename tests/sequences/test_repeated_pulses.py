"""An output that repeats S0: which pulses are partners, how long is waited for them, and what voids the comparison.

At Imax of 685-381, 55.2 kW, a pulse comes every 65.217 ms; 500 are compared.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from bench.error_calculator import NoPulse
from bench.load_points import at
from bench.module_ports import NotWired
from bench.profile import STANDARD
from bench.steps import Blocked
from reference_meter import TypeNumber
from sequences.s0_diode import S0Diode
from tests.sequences.standing import Standing, channel_of

METER = TypeNumber.parse("685-381-OK-50")
IMAX = at(METER, 80.0)
PERIOD = 3600.0 / 55_200.0
STEP = S0Diode(METER, STANDARD)
Simulated = Callable[[Any], Any]


class Heard:
    """An input that hears its pulses as soon as they are waited for, as far as there are any, and has heard some already."""

    def __init__(self, rises: Sequence[float], already: int = 0) -> None:
        self._all = [SimpleNamespace(rise=rise) for rise in rises]
        self.pulses = self._all[:already]
        self.anomalies = 0
        self.patience = 0.0

    @property
    def count(self) -> int:
        return len(self.pulses)

    async def wait_while_flowing(self, count: int, patience: float) -> None:
        self.pulses, self.patience = self._all[:count], patience
        if self.count < count:
            raise TimeoutError


def compared(
    simulated: Simulated, rises: Sequence[float], flashes: Sequence[float], already: int = 0, lost: int = 0
) -> tuple[Standing, float]:
    """The diode's flashes beside the S0 pulses; the seconds that it took after the last one."""

    async def main() -> tuple[Standing, float]:
        s0: Any = Heard(rises, already)
        diode = Heard(flashes, len(flashes))
        seen = Standing(s0, load=IMAX, terminals=SimpleNamespace(diode=diode))
        asyncio.get_running_loop().call_later(0.05, setattr, diode, "anomalies", lost)
        await seen.runs(STEP)
        assert s0.patience == pytest.approx(3 * PERIOD + 2.0)
        return seen, asyncio.get_running_loop().time()

    found: tuple[Standing, float] = simulated(main)
    return found


def train(count: int, begin: float = 0.0) -> list[float]:
    return [begin + k * PERIOD for k in range(count)]


def test_500_pulses_are_compared_with_their_flashes_and_none_before_or_after(simulated: Simulated) -> None:
    """The diode lags by 1 ms, and by 2 ms at one flash; both outputs have given pulses before, and go on."""

    async def main() -> Standing:
        rises = train(530, 0.01)
        flashes = [rise + (0.002 if k == 77 else 0.001) for k, rise in enumerate(rises)]
        await asyncio.sleep(20 * PERIOD)
        seen = Standing(channel_of(rises), load=IMAX, terminals=SimpleNamespace(diode=channel_of(flashes)))
        return await seen.runs(STEP)

    assert simulated(main).values == {
        "missing": 0.0,
        "without an S0 pulse": 0.0,
        "pulses compared": 500.0,
        "earliest": pytest.approx(1.0),
        "latest": pytest.approx(2.0),
    }


def test_a_flash_too_few_and_one_too_many_are_told_apart(simulated: Simulated) -> None:
    flashes = [each for k, each in enumerate(train(500)) if k not in (3, 4)]
    seen, _ = compared(simulated, train(500), [*flashes[:300], flashes[300] - 0.03, *flashes[300:]])
    assert (seen.values["missing"], seen.values["without an S0 pulse"]) == (2.0, 1.0)


@pytest.mark.parametrize(
    ("flashes", "partners"),
    [
        ((0.0, 0.09), 2),  # 10 ms before the first, 10 ms after the last
        ((0.01, 0.0905), 1),
        ((-0.0005, 0.08), 1),
        ((0.01, 0.0695), 1),
        ((0.0205, 0.08), 1),
    ],
)
def test_partners_lie_up_to_10_ms_apart(flashes: tuple[float, ...], partners: int, simulated: Simulated) -> None:
    seen, _ = compared(simulated, (0.01, 0.08), flashes)
    assert (seen.values["pulses compared"], seen.values["missing"]) == (2.0, 2.0 - partners)


def test_flashes_beyond_10_ms_of_the_pulses_compared_belong_to_others(simulated: Simulated) -> None:
    # A pulse at 0.01 s was counted before the step; those compared begin at 0.075 and 0.14 s.
    seen, _ = compared(simulated, (0.01, 0.075, 0.14), (0.01, 0.064, 0.075, 0.14, 0.151), already=1)
    assert (seen.values["pulses compared"], seen.values["without an S0 pulse"]) == (2.0, 0.0)
    seen, _ = compared(simulated, (0.01, 0.075, 0.14), (0.066, 0.075, 0.14, 0.149), already=1)
    assert seen.values["without an S0 pulse"] == 2.0


def test_a_dark_diode_lacks_every_flash_and_has_no_lag(simulated: Simulated) -> None:
    seen, _ = compared(simulated, train(500), ())
    assert seen.values == {"missing": 500.0, "without an S0 pulse": 0.0, "pulses compared": 500.0}
    assert seen.left_out == ["earliest", "latest"]


def test_the_partner_of_the_last_pulse_is_given_a_tenth_of_a_second(simulated: Simulated) -> None:
    _, seconds = compared(simulated, train(500), train(500))
    assert seconds == pytest.approx(0.1)


# ---------------------------------------------------------------- what is not there, and what cannot be trusted


@pytest.mark.parametrize(("already", "heard"), [(0, 0), (0, 1), (3, 1)])
def test_one_pulse_is_nothing_to_compare_with(already: int, heard: int, simulated: Simulated) -> None:
    with pytest.raises(NoPulse, match=f"^{heard} S0 pulses to compare with where 500 are expected"):
        compared(simulated, train(already + heard), (), already)


@pytest.mark.parametrize("already", [0, 3])
def test_a_meter_whose_pulses_end_is_compared_by_those_it_gave(already: int, simulated: Simulated) -> None:
    seen, _ = compared(simulated, train(already + 2), train(already + 2), already)
    assert (seen.values["pulses compared"], seen.values["missing"]) == (2.0, 0.0)


def test_pulses_that_come_too_slowly_are_waited_for_a_fifth_longer_than_planned(simulated: Callable[..., Any]) -> None:
    """Planned are 500 pulses of a meter 5 % slow and 2 s, 36.239 s."""

    async def main() -> float:
        async def never(_count: int, _patience: float) -> None:
            await asyncio.sleep(1e6)

        s0: Any = SimpleNamespace(count=0, pulses=[], wait_while_flowing=never)
        with pytest.raises(NoPulse):
            await Standing(s0, load=IMAX, terminals=SimpleNamespace(diode=Heard(()))).runs(STEP)
        return asyncio.get_running_loop().time()

    assert simulated(main) == pytest.approx(1.2 * 36.239, abs=1e-3)


def test_an_edge_lost_at_the_other_input_voids_the_comparison(simulated: Simulated) -> None:
    with pytest.raises(Blocked, match="position 1: edges were lost or out of order during S0 diode"):
        compared(simulated, train(500), train(500), lost=1)


def test_a_position_without_a_scanning_head_is_left_out(simulated: Simulated) -> None:
    class Unwired:
        @property
        def diode(self) -> object:
            raise NotWired("no diode_pin")

    seen = simulated(lambda: Standing(None, load=IMAX, terminals=Unwired()).runs(STEP))
    assert (seen.why, seen.values) == ("no diode_pin", {})
    assert seen.left_out == ["missing", "without an S0 pulse", "pulses compared", "earliest", "latest"]
