"""Profile files: what they may say, and how every mistake in one is told at once."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from bench.profile import STANDARD
from bench.profile_file import load_profile, profile_schema
from bench.requested_plan import plan_for
from bench.session import Refused, RunRequest
from tests.end_to_end.conftest import Bench, bench, home

__all__ = ["bench", "home"]  # fixtures

DOCS = Path(__file__).parents[2] / "docs"


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
        f"{path}:1: limit_facter is no figure of a profile; did you mean limit_factor?; "
        f"{path}:2: periods is '5'; a whole number is wanted; {path}:3: slow_periods is 2.5; a whole number is wanted"
    )


def test_what_is_no_figure_of_the_wrong_kind_and_outside_are_told_together_in_the_order_of_the_file(
    tmp_path: Path,
) -> None:
    path = written(
        tmp_path,
        """coverage_factor = true
# a plant's own
guard_rule = "0.5U"
points = [
  "Ib", "Ib PF 0.5",
  3,
  "IB" ]
order = "best"
limit_factor = 1.5
settle = nan
input_constant = 0.1
gaurd_rule = "U"
configuration = ["peak=1"]
""",
    )
    with pytest.raises(Refused) as refusal:
        load_profile(path)
    told = str(refusal.value)
    beginnings = [
        f"{path}:1: coverage_factor is True; a number is wanted",
        f"{path}:3: guard_rule is '0.5U'; U or a multiple",
        f"{path}:5: points 2: 'Ib PF 0.5' is no accuracy point",
        f"{path}:6: points holds 3; a list of texts is wanted",
        f"{path}:7: points 3: 'IB' is no accuracy point",
        f"{path}:8: order is 'best'; falling or listed is allowed",
        f"{path}:9: limit_factor is 1.5; at least 0.1 and at most 1 is allowed: a profile tightens, never loosens",
        f"{path}:10: settle is nan",
        f"{path}:11: input_constant is 0.1; at least 0.25 and at most 1000 is allowed",
        f"{path}:12: gaurd_rule is no figure of a profile; did you mean guard_rule?",
        f"{path}:13: configuration: ",
    ]
    places = [told.find(each) for each in beginnings]
    assert -1 not in places, beginnings[places.index(-1)]
    assert places == sorted(places)
    assert told.count(f"{path}:") == len(beginnings)


@pytest.mark.parametrize(
    "line",
    [
        "limit_factor = 1.01",
        "limit_factor = nan",
        "coverage_factor = 1.9",
        "edge_jitter_s = -1.0",
        "edge_jitter_s = 0.00002",
        "quantum_wh = 0.001",
        "starting_periods = 100.0",
        "no_load_voltage = 1.5",
        "slow_period_s = 0.0",
        'uncertainty_rule = "loose"',
    ],
)
def test_a_profile_that_loosens_is_refused(tmp_path: Path, line: str) -> None:
    with pytest.raises(Refused, match=rf"tight\.toml:1: {line.split()[0]} is"):
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


# ---------------------------------------------------------------- the schema


def test_the_schema_in_the_documentation_is_the_one_that_is_checked(bench: Bench) -> None:
    said = bench("schema profile")
    assert said.status == 0
    assert (DOCS / "profile.schema.json").read_text(encoding="utf-8") == said.out


def test_the_schema_knows_every_figure_with_its_default_meaning_and_bounds() -> None:
    figures = profile_schema()["properties"]
    plain = json.loads(json.dumps(STANDARD.as_json()))
    assert {name: each["default"] for name, each in figures.items()} == plain
    assert [name for name, each in figures.items() if not each["description"]] == []
    assert figures["limit_factor"]["minimum"] == 0.1
    assert figures["starting_periods"]["exclusiveMinimum"] == 1.0
    assert figures["limit_factor"]["maximum"] == 1.0
    assert figures["order"]["enum"] == ["falling", "listed"]
    assert profile_schema()["additionalProperties"] is False


def test_every_figure_stands_in_the_documentation_and_its_examples_are_good_files(tmp_path: Path) -> None:
    page = (DOCS / "profile.md").read_text(encoding="utf-8")
    assert [name for name in STANDARD.as_json() if f"| `{name}` |" not in page] == []
    examples = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    assert len(examples) >= 2
    for example in examples:
        load_profile(written(tmp_path, example))
