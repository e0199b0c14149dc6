"""Releases: two persons, every form of a plan that the station makes, and the act that holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bench.release import ReleaseAct, in_force, latest, why_not_released
from bench.releasing import plans_to_release, released, withdrawn
from bench.requested_plan import plan_for
from bench.session import Refused, RunRequest
from bench.station import PositionDescription, SourceDescription, Station
from drivers.power_source import Capabilities
from tests.bench.test_permits import PEOPLE

REQUEST = RunRequest("eol", "685-381-OK-50")
NOW, LATER, AT_LAST = "2026-01-01T06:00:00+00:00", "2026-01-02T06:00:00+00:00", "2026-01-03T06:00:00+00:00"


def station(bypass: Sequence[str | None] = ("GPIO16", "GPIO17")) -> Station:
    positions = [PositionDescription(k, f"GPIO{k}", f"/dev/tty{k}", pin) for k, pin in enumerate(bypass, start=1)]
    return Station("EOL 3", SourceDescription("TCPIP::192.0.2.10::5025::SOCKET"), tuple(positions), people=PEOPLE)


def test_a_release_holds_the_plan_and_both_persons() -> None:
    (act,) = released(REQUEST, station(), "Q1", "E1", NOW)
    plan = plan_for(REQUEST, station())
    assert (act.plan_hash, act.plan, act.who, act.prepared_by) == (plan.hash, plan.as_text(), "Q1", "E1")
    assert why_not_released(plan, act, "") == ""
    assert str(act) == f"plan {plan.hash[:8]} released by Q1 at {NOW}, prepared by E1"


@pytest.mark.parametrize(
    ("badge", "prepared_by", "words"),
    [
        ("O1", "E1", "Ole .* may not release"),
        ("Q1", "O1", "Ole .* may not prepare a plan"),
        ("Q1", "", "none was given"),
        ("O1", "X", "Ole .*; badge X stands nowhere"),
    ],
)
def test_whoever_has_not_the_role_releases_nothing(badge: str, prepared_by: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        released(REQUEST, station(), badge, prepared_by, NOW)


def test_nobody_releases_what_he_prepared_whatever_his_roles() -> None:
    both = replace(PEOPLE[1], roles=(*PEOPLE[1].roles, *PEOPLE[2].roles))
    with pytest.raises(Refused, match="badge E1 prepared this plan: a second person releases it"):
        released(REQUEST, replace(station(), people=(both,)), "E1", "E1", NOW)


def test_a_station_with_contactors_at_some_positions_releases_both_forms_of_the_plan() -> None:
    mixed = station(("GPIO16", None, None))
    plans = plans_to_release(REQUEST, mixed)
    assert [[each.name for each in plan.left_out] for plan in plans] == [["s0-wiring", "parking"], []]
    hashes = {plan.hash for plan in plans}
    for tested in ((1,), (2,), (3,), (1, 3), (1, 2, 3)):
        assert plan_for(replace(REQUEST, serials={k: str(k) for k in tested}), mixed).hash in hashes
    assert len(plans_to_release(REQUEST, station())) == 1


def test_a_reduced_plan_is_released_by_nobody(tmp_path: Path) -> None:
    path = tmp_path / "quick.toml"
    path.write_text('points = ["Imax", "Ib"]\n', encoding="utf-8")
    quick = replace(REQUEST, profile=str(path))
    with pytest.raises(Refused, match=r"the profile quick leaves out .* a reduced test is no production test"):
        released(quick, station(), "Q1", "E1", NOW)
    assert "reduced test" in why_not_released(plan_for(quick), None, str(path))


def test_the_last_act_on_a_plan_holds() -> None:
    plan = plan_for(REQUEST)
    (first,) = released(REQUEST, station(), "Q1", "E1", NOW)
    gone = withdrawn([first], plan.hash[:8], station(), "M1", LATER)
    assert (gone.act, gone.who, gone.plan_hash) == (ReleaseAct.WITHDRAWN, "M1", plan.hash)
    again = replace(first, at=AT_LAST)
    assert latest([first], plan.hash) is first
    assert latest([first, gone], plan.hash) is gone
    assert "was withdrawn by M1 at 2026-01-02" in why_not_released(plan, gone, "")
    assert in_force([first, gone]) == ()
    assert in_force([first, gone, again]) == (again,)
    assert latest([first], "00") is None


@pytest.mark.parametrize(
    ("prefix", "badge", "words"),
    [
        ("ab", "Q1", "is too little of a hash"),
        ("abcd", "Q1", "is too little of a hash"),
        ("ffff", "Q1", "no plan whose hash begins with ffff is released"),
        ("abcd1", "O1", "may not release or withdraw"),
    ],
)
def test_a_withdrawal_needs_one_plan_and_the_role(prefix: str, badge: str, words: str) -> None:
    (act,) = released(REQUEST, station(), "Q1", "E1", NOW)
    acts = [replace(act, plan_hash=each * 8) for each in ("abcd1234", "abcd9999")]
    with pytest.raises(Refused, match=words):
        withdrawn(acts, prefix, station(), badge, LATER)


def test_nothing_of_the_station_but_what_it_cannot_do_is_in_the_hash() -> None:
    other = station(("GPIO20",))
    slow = Capabilities(settle=10.0, power_accuracy_percent=0.02, i_max=200.0)
    other = replace(
        other, name="EOL 4", source=replace(other.source, resource="ASRL1::INSTR", capabilities=slow), people=()
    )
    assert plan_for(REQUEST, other).hash == plan_for(REQUEST, station()).hash == plan_for(REQUEST).hash
    assert (
        plan_for(replace(REQUEST, serials={1: "7"}, order="A", operator="O1"), station()).hash == plan_for(REQUEST).hash
    )


def test_a_change_of_any_limit_is_another_plan(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    hashes = set()
    for line in (
        "",
        "limit_factor = 0.999",
        "no_load_voltage = 1.16",
        'guard_rule = "1.1U"',
        "settle = 3.0",
        'order = "listed"',
    ):
        path.write_text(line, encoding="utf-8")
        hashes.add(plan_for(replace(REQUEST, profile=str(path))).hash)
    assert len(hashes) == 6
