"""What changed between two plans, told in lines a person reads before a plan is released."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.accuracy_points import TEST_POINTS
from bench.plan import Plan, make_plan
from bench.plan_diff import NoPlan, Reckoned, _read, plan_diff
from bench.profile import STANDARD, Profile
from bench.sequences import sequence_named
from reference_meter import TypeNumber
from tests.end_to_end.conftest import Bench, bench, home

__all__ = ["bench", "home"]  # fixtures

RECKONED = Reckoned(settle=2.0, reference_percent=0.05, circuit_percent=0.02, circuit_mrad=0.2)


def planned(type_number: str = "685-381-OK-50", profile: Profile = STANDARD) -> Plan:
    return make_plan("eol", sequence_named("eol"), TypeNumber.parse(type_number), profile)


def diff(old: Plan, new: Plan) -> list[str]:
    return plan_diff(old.as_text(), new.as_text(), RECKONED)


def test_equal_plans_have_no_changes() -> None:
    assert diff(planned(), planned()) == []


def test_a_tighter_limit_says_what_it_accepts_and_what_becomes_of_yield_and_risk() -> None:
    lines = diff(planned(), planned(profile=Profile(limit_factor=0.5)))
    (ib,) = (line for line in lines if line.startswith("accuracy-ib  error"))
    assert ib.startswith("accuracy-ib  error: limit ±1 % → ±0.5 %; accepted up to ±0.91")
    # u = 0.042: spread 0.303; up to 0.916 is 2.86 σ above the mean 0.05, up to 0.43 is 1.27 σ: the tables of the normal distribution.
    assert "yield 99.7" in ib
    assert " → 84." in ib
    # The limit of the norm has not moved, so a tightened plan lets less through.
    assert ib.endswith("consumer's risk 3.62 → < 0.001 ppm")
    assert "profile limit_factor: 1.0 → 0.5" in lines


def test_a_wider_guard_rule_accepts_less_under_the_same_limit() -> None:
    lines = diff(planned(), planned(profile=Profile(guard_rule="2U", points=(*TEST_POINTS, "0.5 Imax"))))
    (ib,) = (line for line in lines if line.startswith("accuracy-ib  error"))
    assert ib.startswith("accuracy-ib  error: limit ±1 %; accepted up to ±0.916 → ±0.832 %; yield ")
    assert "profile guard_rule: U → 2U" in lines
    assert "step added: accuracy-0.5imax" in lines


def test_steps_gone_added_and_moved_are_named() -> None:
    plan = planned()
    by_name = {step.name: stage for stage in plan.stages for step in stage.steps}
    without = replace(plan, stages=tuple(stage for stage in plan.stages if stage is not by_name["no-load"]))
    assert [line for line in diff(plan, without) if line.startswith("step")] == ["step gone: no-load"]
    assert [line for line in diff(without, plan) if line.startswith("step")] == ["step added: no-load"]
    swapped = list(plan.stages)
    k = swapped.index(by_name["starting"])
    swapped.insert(0, swapped.pop(k))
    moved = replace(plan, stages=tuple(swapped))
    assert [line for line in diff(plan, moved) if line.startswith("step")] == ["step moved: starting"]


def test_another_type_moves_loads_and_seconds() -> None:
    lines = diff(planned(), planned("685-181-OK-50"))
    assert "type: 685-381-OK-50 → 685-181-OK-50" in lines
    assert any(
        line.startswith("accuracy-imax  load: L1–L3 230.0 V 80 A φ +0° → L1 230.0 V 80 A φ +0°") for line in lines
    )
    assert "step gone: accuracy-ib-l1" in lines
    assert lines[-1].startswith("seconds of the run: ")


def test_what_is_no_percentage_error_shows_its_limit_alone() -> None:
    lines = diff(planned(), planned(profile=Profile(starting_pulses=3)))
    assert "starting  pulses: limit at least 2 → at least 3" in lines


@pytest.mark.parametrize("type_number", ["685-381-OK-50", "685-182-OK-50"])
def test_the_seconds_of_a_document_are_those_of_the_plan(type_number: str) -> None:
    plan = planned(type_number)
    assert _read(plan.as_text()).seconds(2.0) == pytest.approx(plan.expected_seconds(2.0), abs=0.1)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"profile": {"speed": 1}, "steps": []}'])
def test_what_is_no_plan_is_refused(text: str) -> None:
    with pytest.raises(NoPlan, match=r"^it is no plan that this software understands"):
        plan_diff(text, planned().as_text(), RECKONED)


def test_the_command_takes_a_file_or_a_run(bench: Bench, tmp_path: Path) -> None:
    line = "plan eol --type 685-381-OK-50"
    old, profile = tmp_path / "old.json", tmp_path / "tight.toml"
    old.write_text(bench(f"{line} --json").out)
    profile.write_text("limit_factor = 0.5\n")
    plan: dict[str, Any] = json.loads(old.read_text())
    same = bench(line, "--diff", str(old))
    assert (same.status, same.out) == (0, f"nothing changed; hash {plan['hash']}\n")
    run = bench("run eol --simulated --positions 1 --type 685-381-OK-50 --only sign-on --json").facts[-1]["run"]
    said = bench(line, "--diff", run)
    assert said.status == 0
    assert "step added: no-load\n" in said.out
    tighter = bench(line, "--diff", str(old), "--profile", str(profile))
    assert "accuracy-ib  error: limit ±1 % → ±0.5 %" in tighter.out
    assert bench(line, "--diff", str(profile)).status == 2
    assert bench(line, "--diff", "ffffffff").status == 2
    assert bench(line, "--json", "--diff", str(old)).status == 2
