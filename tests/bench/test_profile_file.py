"""Profile files: what they may say, and how every mistake in one is told at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.engine import plan_for
from bench.profile import STANDARD
from bench.profile_file import load_profile
from bench.session import Refused, RunRequest


def written(folder: Path, text: str) -> Path:
    path = folder / "tight.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_what_a_file_leaves_out_is_the_norm_as_it_stands(tmp_path: Path) -> None:
    profile = load_profile(written(tmp_path, "limit_factor = 0.8\n"))
    assert (profile.name, profile.limit_factor, profile.periods) == ("tight", 0.8, STANDARD.periods)


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    path = written(tmp_path, 'limit_facter = 0.8\nperiods = "5"\nslow_periods = 2.5\n')
    with pytest.raises(Refused) as refusal:
        load_profile(path)
    assert str(refusal.value) == (
        f"{path}: limit_facter is no figure of a profile; did you mean limit_factor?; "
        "periods is '5'; a whole number is wanted; slow_periods is 2.5; a whole number is wanted"
    )


@pytest.mark.parametrize(
    "line",
    [
        "limit_factor = 1.01",
        "limit_factor = nan",
        "coverage_factor = 1.9",
        "edge_jitter_s = -1.0",
        'uncertainty_rule = "loose"',
    ],
)
def test_a_profile_that_loosens_is_refused(tmp_path: Path, line: str) -> None:
    with pytest.raises(Refused, match="profile tight"):
        load_profile(written(tmp_path, line))


@pytest.mark.parametrize("text", ["not toml at all", "limit_factor ="])
def test_what_is_no_toml_is_refused_with_its_path(tmp_path: Path, text: str) -> None:
    with pytest.raises(Refused, match=r"tight\.toml is not TOML"):
        load_profile(written(tmp_path, text))


def test_a_profile_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="there is no profile"):
        load_profile(tmp_path / "none.toml")


def test_a_tighter_profile_makes_another_plan_with_tighter_limits(tmp_path: Path) -> None:
    request = RunRequest("eol", "685-381-OK-50", profile=str(written(tmp_path, "limit_factor = 0.5")))
    plan, standard = plan_for(request), plan_for(RunRequest("eol", "685-381-OK-50"))
    limits = {step.name: step.measurements()[0].upper for step in plan.steps}
    assert limits["accuracy-ib"] == 0.5
    assert plan.hash != standard.hash


def test_a_switch_is_true_or_false_and_no_number(tmp_path: Path) -> None:
    assert load_profile(written(tmp_path, "early_stop = true")).early_stop
    with pytest.raises(Refused, match="early_stop is 1; true or false is wanted"):
        load_profile(written(tmp_path, "early_stop = 1"))
