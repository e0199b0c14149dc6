"""The answers file: every mistake at once, before anything is switched on."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.answers import Answers, load_answers
from bench.plan import Plan
from bench.requested_plan import plan_for
from bench.session import Refused, RunRequest

GOOD = """
[display]
total = "same"
test = "same 3=differs"
[label-and-seals]
label-and-seals = "1=right 2=seal 3=right"
"""


@pytest.fixture
def plan() -> Plan:
    return plan_for(RunRequest("eol", "685-381-OK-50"))


def test_a_file_that_answers_everything_has_no_mistake(tmp_path: Path, plan: Plan) -> None:
    path = tmp_path / "answers.toml"
    path.write_text(GOOD)
    Answers(path, load_answers(path), "4711").check(plan, (1, 2, 3))


def test_every_mistake_is_told_at_once(tmp_path: Path, plan: Plan) -> None:
    path = tmp_path / "answers.toml"
    path.write_text(
        '[displya]\ntest = "same"\n[display]\ntotl = "same"\ntest = "yes 9=differs"\n'
        '[label-and-seals]\nlabel-and-seals = "2=right"\n'
    )
    with pytest.raises(Refused) as refused:
        Answers(path, load_answers(path), "").check(plan, (1, 2))
    for each in (
        f"{path}: displya is no step that asks a person here; did you mean display?",
        "display asks no 'totl'; did you mean total?",
        "display, total: no answer is given",
        "display, test: 'yes' is no answer; it is one of same, differs",
        "display, test: position 9 is not tested",
        "label-and-seals, label-and-seals: nothing is answered for position 1",
    ):
        assert each in str(refused.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("display = 3\n[label-and-seals]\nlabel-and-seals = true\n", "display is no table; .*True is no text"),
        ("[display\n", "cannot be read"),
    ],
)
def test_a_file_of_another_shape_is_refused(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "answers.toml"
    path.write_text(text)
    with pytest.raises(Refused, match=words):
        load_answers(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="there is no answers file"):
        load_answers(tmp_path / "none.toml")
