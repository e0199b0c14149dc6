"""The display: what the person is asked, what must be seen, and what is made of the answers."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from bench.profile import STANDARD
from reference_meter import TypeNumber
from sequences.display import LIT, DisplayTest
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
