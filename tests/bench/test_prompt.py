"""The words in which a prompt is answered."""

from __future__ import annotations

import pytest

from bench.prompt import Choice, Display, Mark, OpenPrompt, Sight
from reference_meter import DisplayPicture

CHOICES = (Choice("same", "as shown"), Choice("differs", "something else"))


def asked(*positions: int) -> OpenPrompt:
    sights = tuple(Sight(number, "") for number in positions)
    return OpenPrompt("r/1", "display", "Display", "test", "Is all lit?", CHOICES, sights)


@pytest.mark.parametrize(
    ("answer", "by_position"),
    [
        ("same", {1: "same", 2: "same", 12: "same"}),
        ("same 2=differs", {1: "same", 2: "differs", 12: "same"}),
        ("12=differs differs 1=same", {1: "same", 2: "differs", 12: "differs"}),
        ("1=same 2=same 12=differs", {1: "same", 2: "same", 12: "differs"}),
    ],
)
def test_one_answer_serves_all_but_the_exceptions(answer: str, by_position: dict[int, str]) -> None:
    assert asked(1, 2, 12).understood(answer) == by_position


def test_what_is_worded_is_understood() -> None:
    prompt = asked(1, 2, 12)
    assert prompt.worded({12: "differs", 2: "differs"}) == "same 2=differs 12=differs"
    assert prompt.understood(prompt.worded({12: "differs"})) == {1: "same", 2: "same", 12: "differs"}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("", ["nothing is answered for position 1, 2"]),
        ("1=same", ["nothing is answered for position 2"]),
        ("yes", ["'yes' is no answer; it is one of same, differs"]),
        ("same differs", ["there are 2 answers for all positions"]),
        (
            "same 3=differs 1=what 2=same 2=differs",
            ["position 3 is not asked", "'what' is no", "position 2 is answered twice"],
        ),
    ],
)
def test_every_mistake_of_an_answer_is_told_at_once(answer: str, words: list[str]) -> None:
    with pytest.raises(ValueError, match="display, test: ") as error:
        asked(1, 2).understood(answer)
    for each in words:
        assert each in str(error.value)


def test_what_must_be_seen_is_told_in_words() -> None:
    display = Display.of(DisplayPicture(" 0000036", 0, "kWh"))
    assert Sight(1, "", display).text == "0000036 kWh"
    assert Sight(1, "", None, (Mark("type", "685-382-OK-50"), Mark("seals", "whole"))).text == (
        "type 685-382-OK-50, seals whole"
    )
    assert display.digits == ("", *("abcdef",) * 5, "abcdg", "acdefg")
