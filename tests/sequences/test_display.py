"""The display: what the person is asked, what must be seen, and what is made of the answers."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from bench.profile import STANDARD, Profile
from bench.prompt import Display
from reference_meter import Page, TypeNumber
from sequences.display import LIT, DisplayTest, picture
from tests.sequences.standing import Standing, asked, read

METER = TypeNumber.parse("685-381-OK-50")
Simulated = Callable[[Callable[[], Coroutine[Any, Any, Standing]]], Standing]


@pytest.mark.parametrize(
    ("answers", "values"),
    [
        (("same", "same"), {"reading": "as read", "display test": "all lit"}),
        (("differs", "same"), {"reading": "another than the optical port's", "display test": "all lit"}),
        (("same", "differs"), {"reading": "as read", "display test": "something dark"}),
    ],
)
def test_the_display_is_what_the_person_says(
    answers: tuple[str, ...], values: dict[str, str], simulated: Simulated
) -> None:
    seen, prompts = asked(simulated, DisplayTest(METER, STANDARD), *answers, snapshots=(read(total_kwh=17),))
    assert seen.values == values
    assert [prompt.by_key for prompt in prompts] == [False, True]
    assert (seen.shown, LIT.by_key) == ([0.5], False)


def test_a_register_that_nobody_could_read_is_not_asked_for(simulated: Simulated) -> None:
    for snapshots in ((), (read(),)):
        seen, prompts = asked(simulated, DisplayTest(METER, STANDARD), "same", snapshots=snapshots)
        assert seen.values == {"display test": "all lit"}
        assert [prompt.name for prompt in prompts] == ["test"]


def test_the_reading_is_shown_in_seven_digits_of_kilowatt_hours_and_a_new_meter_shows_zeroes() -> None:
    """Data sheet, Display: 7 digits, and the unit kWh by the 3 alphanumeric characters."""
    assert picture(METER, Page.TOTAL, 17).text == "0000017 kWh"
    assert picture(METER, Page.TOTAL).text == "0000000 kWh"


@pytest.mark.parametrize(
    ("type_number", "phases"),
    [
        ("685-181-OK-50", (True, False, False)),
        ("685-281-OK-50", (True, True, False)),
        ("685-381-OK-50", (True, True, True)),
    ],
)
def test_the_display_shows_the_phases_that_the_meter_has(type_number: str, phases: tuple[bool, ...]) -> None:
    """Data sheet, Display: L1, L2 and L3 always show whether the phases are connected."""
    assert picture(TypeNumber.parse(type_number), Page.TOTAL, 17).phases == phases


def test_the_display_test_lights_all_segments() -> None:
    shown = picture(METER, Page.TEST)
    assert (shown.digits, shown.unit) == ("88888888", "888")
    assert {*shown.tariffs, *shown.phases, *shown.squares} == {True}


def test_a_meter_of_one_tariff_has_no_page_to_be_stepped_to_for_the_second() -> None:
    with pytest.raises(ValueError, match="has no page 'tariff 2, accumulated energy'"):
        picture(METER, Page.TARIFF_2)


def test_the_person_is_shown_the_reading_without_the_squares_that_nobody_can_know(simulated: Simulated) -> None:
    _, (total, lit) = asked(simulated, DisplayTest(METER, STANDARD), "same", "same", snapshots=(read(total_kwh=17),))
    assert total.display == replace(Display.of(picture(METER, Page.TOTAL, 17)), squares=())
    assert lit.display == Display.of(picture(METER, Page.TEST))


def test_an_actuator_presses_the_key_as_often_as_the_order_has_pages_before_the_test(simulated: Simulated) -> None:
    played: list[tuple[float, float]] = []

    async def play(pattern: list[tuple[float, float]]) -> None:
        played.extend(pattern)

    terminals = SimpleNamespace(button=SimpleNamespace(play=play))
    # A meter of one tariff shows power, hours, trip, peak, its number, the pulse input and customer data, and then the test.
    for options, times in (("123456789", 8), ("23", 3), ("", 1)):
        played.clear()
        step = DisplayTest(METER, Profile(display_options=options))
        seen, prompts = asked(simulated, step, "same", terminals=terminals)
        assert played == [(0.3, 0.5)] * times
        assert [prompt.by_key for prompt in prompts] == [False]
        assert seen.values == {"display test": "all lit"}


def test_two_looks_at_a_whole_line_take_a_minute() -> None:
    assert DisplayTest(METER, STANDARD).duration() == 60.0
