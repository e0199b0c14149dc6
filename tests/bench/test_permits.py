"""Who may do what: the table, its sentences, and that the engine keeps to it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bench.engine import Engine
from bench.permits import NEEDS_A_LIST, ROLES, Permit, Role, StaffMember, refusal
from bench.session import Refused
from drivers.load import OFF
from tests.bench.test_calibration import HOLDS, Played, played, request

__all__ = ["played"]  # a fixture

PEOPLE = (
    StaffMember("O1", "Ole", (Role.OPERATOR,)),
    StaffMember("E1", "Eva", (Role.ENGINEER,)),
    StaffMember("Q1", "Kim", (Role.QUALITY,)),
    StaffMember("M1", "Mia", (Role.OPERATOR, Role.QUALITY)),
)


@pytest.mark.parametrize(
    ("permit", "badges"),
    [
        (Permit.START, ["O1", "E1", "M1"]),
        (Permit.START_ENGINEERING, ["E1"]),
        (Permit.ABORT, ["O1", "E1", "Q1", "M1", "", "nobody"]),
        (Permit.ANSWER, ["O1", "E1", "M1"]),
        (Permit.REARM, ["O1", "E1", "M1"]),
        (Permit.PREPARE, ["E1"]),
        (Permit.RELEASE, ["Q1", "M1"]),
        (Permit.OVERRIDE, ["Q1", "M1"]),
    ],
)
def test_each_act_is_open_to_its_roles_and_to_nobody_else(permit: Permit, badges: list[str]) -> None:
    everybody = ["O1", "E1", "Q1", "M1", "", "nobody"]
    assert [badge for badge in everybody if not refusal(PEOPLE, badge, permit)] == badges


def test_every_act_stands_in_the_table() -> None:
    assert set(ROLES) == set(Permit)


def test_where_nobody_is_listed_everybody_does_everything_but_what_needs_a_list() -> None:
    assert {permit for permit in Permit if refusal((), "4711", permit)} == NEEDS_A_LIST
    assert "lists nobody: add [[people]]" in refusal((), "Q1", Permit.RELEASE)


def test_a_refusal_says_who_what_and_which_role() -> None:
    assert refusal(PEOPLE, "O1", Permit.RELEASE) == (
        "Ole (badge O1, operator) may not release or withdraw a plan: that takes the role quality"
    )
    assert refusal(PEOPLE, "X", Permit.START) == (
        "badge X stands nowhere in [[people]] of the station file: to start a run takes the role operator or engineer"
    )
    assert "none was given" in refusal(PEOPLE, "", Permit.START)


def test_the_engine_lets_nobody_start_answer_or_re_arm_without_the_role_and_everybody_abort(played: Played) -> None:
    async def scene(engine: Engine, world: Any) -> None:
        for badge, purpose, words in (
            ("Q1", "golden", r"Kim .* may not start a run"),
            ("O1", "engineering", r"Ole .* may not start an engineering run: that takes the role engineer"),
            ("", "golden", "takes a badge"),
        ):
            with pytest.raises(Refused, match=words):
                await engine.prepare(request(purpose), badge)
        with pytest.raises(Refused, match="may not answer what a step asks"):
            engine.answer("1", "yes", "Q1")
        with pytest.raises(Refused, match="prompt '1' is not open"):
            engine.answer("1", "yes", "O1")
        with pytest.raises(Refused, match="may not re-arm the source"):
            engine.rearm("Q1")
        engine.rearm("O1")
        await engine.abort("nobody")
        assert world._world.truth == OFF
        prepared = await engine.prepare(request("engineering"), "E1")
        assert prepared.run.operator == "E1"

    played(HOLDS, scene, people=PEOPLE)


def test_production_refuses_what_nobody_released_and_one_step_alone(played: Played) -> None:
    async def scene(engine: Engine, world: Any) -> None:
        whole = replace(request("production"), only="", attended=True)
        with pytest.raises(Refused, match=r"is not released for production; .* bench release eol --type 685-381-OK-50"):
            await engine.prepare(whole, "O1")
        with pytest.raises(Refused, match="one step alone is no production test"):
            await engine.prepare(request("production"), "O1")
        assert world._world.truth == OFF

    played(HOLDS, scene, people=PEOPLE)
