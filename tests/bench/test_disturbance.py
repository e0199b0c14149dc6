"""What passes and what does not, without any instrument."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from bench.disturbance import AWAY_AT_MOST_S, Absence, disturbed_alone, of_its_own
from bench.steps import Blocked, Disturbed
from drivers.power_source import SelfReported


@pytest.mark.parametrize(
    ("report", "passing"),
    [
        ('-300,"Device-specific error;RANGE CHANGED"', True),
        ("range change in progress", True),
        ("OVERLOAD on I2", True),
        ("current over range", True),
        ('-222,"Data out of range;CURR"', False),
        ("amplifier fault", False),
        ("temperature too high", False),
    ],
)
def test_an_instrument_says_by_its_words_whether_it_is_over(report: str, passing: bool) -> None:
    raised = of_its_own("Accuracy Ib", SelfReported(f"the power source reports {report}"))
    assert isinstance(raised, Disturbed) is passing
    assert str(raised) == f"Accuracy Ib: the power source reports {report}"


def test_only_a_disturbance_that_comes_alone_is_repeated() -> None:
    disturbed, blocked = Disturbed("the current was away"), Blocked("the standard is silent")
    assert disturbed_alone(disturbed) is disturbed
    assert disturbed_alone(BaseExceptionGroup("", [asyncio.CancelledError(), disturbed])) is disturbed
    assert disturbed_alone(ExceptionGroup("", [disturbed, ExceptionGroup("", [blocked])])) is None
    assert disturbed_alone(blocked) is None
    assert disturbed_alone(asyncio.CancelledError()) is None


def test_a_current_that_comes_back_in_time_disturbs_and_one_that_stays_away_blocks() -> None:
    absence = Absence()
    absence.fell_short("0 A", 10.0)
    absence.fell_short("0 A", 10.0 + AWAY_AT_MOST_S)
    assert absence.lasts
    with pytest.raises(Blocked, match=r"^0 A$"):
        absence.fell_short("still 0 A", 10.1 + AWAY_AT_MOST_S)
    absence.stands()
    assert not absence.lasts


def test_who_waits_hears_of_it_when_it_is_over_and_nobody_after_the_load_was_set_anew(
    simulated: Callable[..., Any],
) -> None:
    async def main() -> None:
        absence = Absence()
        await absence.checked()
        absence.stands()
        absence.fell_short("0 A", 1.0)
        asyncio.get_running_loop().call_later(2.0, absence.stands)
        with pytest.raises(Disturbed, match=r"^0 A$"):
            await absence.checked()
        assert asyncio.get_running_loop().time() == 2.0
        absence.forget()
        await absence.checked()

    simulated(main)
