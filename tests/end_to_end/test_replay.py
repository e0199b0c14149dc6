"""A run judged again from its record: byte for byte the same under its own profile, and the price of a tighter one."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.configure import PASSWORD_VARIABLE
from bench.export import canonical
from bench.profile import Profile
from bench.pytest_line import TestLine
from bench.record import Outcome, Run
from bench.replay import CannotReplay, replay
from bench.verdict import Ending, Verdict
from tests.end_to_end.at_work import TYPE
from tests.end_to_end.conftest import Bench
from tests.end_to_end.on_record import kept

BAD = ("2:gain=+2.5%", "3:short-pulse=26ms", "4:lost-pulses=50")
DISTURBED = ("2:gain=-1.4%", "line:source-range-change=70s")


@pytest.mark.parametrize(
    ("type_number", "faults", "positions", "seed", "how"),
    [
        (TYPE, BAD, 4, 1, {}),
        ("685-162-OK-50", ("2:gain=-1.6%",), 2, 3, {"temperature": 31.0}),
        ("685-281-MK-50", ("1:lost-pulses=50",), 2, 5, {}),
        ("685-322-OK-50", (), 2, 1, {"only": "accuracy-ib-pf0.5"}),
        (TYPE, DISTURBED, 2, 1, {"only": "accuracy-0.05ib"}),
    ],
)
def test_the_same_profile_gives_the_same_record_byte_for_byte(
    line: TestLine, type_number: str, faults: tuple[str, ...], positions: int, seed: int, how: dict[str, Any]
) -> None:
    run = kept(line.of(type_number).having(*faults, positions=positions, seed=seed).run("eol", **how))
    errors = [o for step in run.steps if step.name.startswith("accuracy") for o in step.outcomes if o.basis]
    assert errors
    assert all(
        o.corrections and o.basis and o.basis.readings[0].corrected != o.basis.readings[0].measured for o in errors
    )
    done = replay(run)
    assert canonical(done.after) == canonical(run)
    assert done.same
    assert (done.changes(), done.unjudged) == ((), ())


def test_the_errors_come_from_the_edges_and_not_from_the_values(line: TestLine) -> None:
    run = kept(line.run("eol", only="accuracy-ib"))

    def slowed(outcome: Outcome) -> Outcome:
        """Every interval between pulses 2 % longer from the first one counted, so that the meter seems to be 2 % slow."""
        assert outcome.edges is not None
        assert outcome.basis is not None
        first = outcome.basis.first_ns
        rises = tuple(round(first + (rise - first) * 1.02) for rise in outcome.edges.rises_ns)
        return replace(outcome, edges=replace(outcome.edges, rises_ns=rises))

    *before, last = run.steps
    done = replay(replace(run, steps=(*before, replace(last, outcomes=tuple(map(slowed, last.outcomes))))))
    (was,), (now,) = last.outcomes, done.after.steps[-1].outcomes
    assert isinstance(was.measurements[0].value, float)
    assert isinstance(now.measurements[0].value, float)
    assert now.measurements[0].value == pytest.approx(was.measurements[0].value - 2.0, abs=0.05)
    assert (was.verdict, now.verdict) == (Verdict.PASS, Verdict.FAIL)


@pytest.mark.meter(TYPE)
@pytest.mark.line("2:gain=+0.7%", positions=3)
def test_a_tighter_profile_shows_what_it_would_have_cost(bench: Bench, line: TestLine, tmp_path: Path) -> None:
    profile = tmp_path / "tight.toml"
    profile.write_text("limit_factor = 0.5\n")
    run = kept(line.run("eol", only="accuracy-ib"))
    assert run.verdicts == dict.fromkeys((1, 2, 3), Verdict.PASS)
    said = bench(f"replay --simulated {run.id} --profile {profile}")
    assert said.status == 0
    assert "accuracy-ib  position 2  error: PASS → FAIL" in said.out
    assert "accuracy-ib: 1 of 3 meters lost (position 2)\n" in said.out
    assert "position 2  -  PASS → FAIL\n" in said.out
    document = json.loads(bench(f"replay --simulated {run.id} --json --profile {profile}").out)
    (price,) = (each for each in document["steps"] if each["step"] == "accuracy-ib")
    assert price == {"step": "accuracy-ib", "judged": 3, "passed": 3, "lost": [2], "won": []}
    (change,) = document["changes"]
    assert (change["before"]["upper"], change["after"]["upper"]) == (1.0, 0.5)
    assert [each["after"] for each in document["positions"]] == ["PASS", "FAIL", "PASS"]


@pytest.mark.meter(TYPE, fault="gain=+0.8%")
def test_under_a_looser_profile_a_meter_is_won_back_with_the_periods_of_that_profile(
    line: TestLine, tmp_path: Path
) -> None:
    profile = tmp_path / "tight.toml"
    profile.write_text("limit_factor = 0.5\nperiods = 40\n")
    run = kept(line.run("eol", only="accuracy-imax", profile=profile))
    assert run.verdict(1) is Verdict.FAIL
    done = replay(run, Profile())
    assert done.after.verdict(1) is Verdict.PASS
    (price,) = (each for each in done.prices() if each.won)
    assert price.won == (1,)
    periods = [step.outcomes[0].measurements[-1].value for step in (run.steps[-1], done.after.steps[-1])]
    assert isinstance(periods[0], float)
    assert isinstance(periods[1], float)
    assert periods[1] < 40.0 <= periods[0]


def test_more_pulses_than_there_are_leave_the_error_undecided(line: TestLine) -> None:
    run = kept(line.run("eol", only="accuracy-imax"))
    done = replay(run, Profile("patient", periods=10_000))
    note = done.after.steps[-1].outcomes[0].measurements[0].note
    assert note.endswith("undecided where the pulses on record end")


@pytest.mark.meter(TYPE)
@pytest.mark.line(positions=2)
def test_pulses_that_a_profile_asks_for_and_the_record_has_not_are_told(
    bench: Bench, line: TestLine, tmp_path: Path
) -> None:
    profile = tmp_path / "patient.toml"
    profile.write_text("periods = 500\n")
    run = kept(line.run("eol", only="accuracy-ib"))
    periods = [found.value for each in run.steps[-1].outcomes for found in each.measurements if found.name == "periods"]
    assert periods == [5.0, 5.0]
    said = bench(f"replay --simulated {run.id} --profile {profile}")
    assert "no verdict changes by what is on record, which is not all that this profile asks for\n" in said.out
    assert "not judged: accuracy-ib: positions 1, 2: the record has 5 of 500 periods\n" in said.out
    document = json.loads(bench(f"replay --simulated {run.id} --json --profile {profile}").out)
    assert document["not_judged"] == [{"step": "accuracy-ib", "why": "positions 1, 2: the record has 5 of 500 periods"}]


@pytest.mark.line("2:no-start", positions=2)
def test_a_meter_that_was_given_up_earlier_than_another_profile_would_is_not_judged(
    line: TestLine, tmp_path: Path
) -> None:
    profile = tmp_path / "hasty.toml"
    profile.write_text("starting_periods = 1.2\n")
    run = kept(line.run("eol-short", profile=profile))
    assert run.verdicts == {1: Verdict.PASS, 2: Verdict.FAIL}
    ((step, why),) = replay(run, Profile()).unjudged
    assert step == "starting-screen"
    assert re.fullmatch(r"position 2: given up after \d+ s, with this profile after \d+ s", why)
    assert replay(run).unjudged == ()
    shorter = replay(run, Profile(starting_periods=1.1))
    assert shorter.unjudged == (), "a shorter time is judged by the time on record"


def test_what_was_ordered_settled_or_warmed_otherwise_is_told(line: TestLine) -> None:
    run = kept(line.run("eol"))
    for other, told in (
        (Profile(settle=5.0), ("every step", "this profile lets a load settle for 5 s, the run did for 0 s")),
        (
            Profile(display_options="12"),
            ("display", "it was made with display_options '123456789', this"),
        ),
        (Profile(order="listed", points=(*Profile().points[1:], "Imax")), ("accuracy-imax", "it was made where this")),
    ):
        assert any(step == told[0] and why.startswith(told[1]) for step, why in replay(run, other).unjudged), told
    assert replay(run, Profile(limit_factor=0.98)).unjudged == ()


def test_another_configuration_is_not_judged(line: TestLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PASSWORD_VARIABLE, "730519")  # not the meter's: it refuses, and every field stays unset
    profile = tmp_path / "configured.toml"
    profile.write_text('configuration = ["output-2=1000", "display=1+3"]\nconfiguration_dialect = "model"\n')
    run = kept(line.run("eol", only="configuration", profile=profile))
    for wanted in (
        ("output-2=1000",),
        ("output-2=1", "display=1+3"),
        ("output-2=1000", "display=1+3", "pulse-constant=10"),
    ):
        done = replay(run, Profile(configuration=wanted, configuration_dialect="model"))
        assert ("configuration", "it looked for something else than this profile wants") in done.unjudged
        assert done.changes() == ()


def test_what_another_profile_tests_otherwise_is_named_and_left_as_it_is(line: TestLine) -> None:
    run = kept(line.run("eol"))
    done = replay(run, Profile("other", no_load_voltage=1.2, starting_pulses=3, leave_out=("display",)))
    why = dict(done.unjudged)
    assert why["no-load"].startswith("it was tested at L1–L3 264.5 V, this profile tests at ")
    assert why["starting"].startswith("it took ")
    assert why["display"] == "this profile leaves it out"
    assert len(why) == 3
    assert done.after.verdict(1) is Verdict.PASS


@pytest.mark.meter(fault="short-pulse=27.2ms")
def test_a_wider_coverage_factor_widens_the_guard_of_the_widths(line: TestLine) -> None:
    run = kept(line.run("eol"))
    (widths,) = (step for step in run.steps if step.name == "s0-pulses")
    assert widths.outcomes[0].verdict is Verdict.PASS
    done = replay(run, Profile("careful", coverage_factor=5.0))
    change = next(each for each in done.changes() if each.before.name == "mean width")
    assert change.before.uncertainty is not None
    assert change.after.uncertainty == pytest.approx(change.before.uncertainty * 2.5)
    assert change.after.verdict is Verdict.FAIL


def edited(run: Run, **plan: Any) -> Run:
    return replace(run, plan=json.dumps({**json.loads(run.plan), **plan}))


def test_a_run_that_cannot_be_judged_again_says_why_in_a_sentence(line: TestLine) -> None:
    run = kept(line.run("eol", only="accuracy-ib"))
    otherwise = [
        {**step, "seconds": 1.0} if step["name"] == "sign-on" else step for step in json.loads(run.plan)["steps"]
    ]
    cases = {
        "the software here plans its step sign-on otherwise; replay it with the version that tested": replace(
            edited(run, steps=otherwise), plan_hash="0"
        ),
        "there is no sequence 'gone'": replace(run, sequence="gone"),
        "its plan on record cannot be read": replace(run, plan="no plan"),
        "its profile on record is none that this software knows": edited(run, profile={"speed": 3}),
        "the record does not say what its error was reckoned with; it was recorded by": replace(
            run,
            steps=tuple(
                replace(step, outcomes=tuple(replace(outcome, basis=None) for outcome in step.outcomes))
                for step in run.steps
            ),
        ),
    }
    for why, changed in cases.items():
        with pytest.raises(CannotReplay, match=f"^run {run.id}.*{why}"):
            replay(changed)


@pytest.mark.line("line:standard-silent=300")
def test_an_aborted_step_stays_void(line: TestLine) -> None:
    run = kept(line.run("eol"))
    assert run.ending is Ending.BLOCKED
    assert any(outcome.void for step in run.steps for outcome in step.outcomes)
    assert canonical(replay(run).after) == canonical(run)


def test_the_command_says_that_nothing_changed_and_refuses_what_is_no_run(
    bench: Bench, line: TestLine, tmp_path: Path
) -> None:
    run = line.run("eol", only="sign-on")
    said = bench(f"replay {run.id}")
    assert said.status == 0
    assert "every verdict and every figure comes out as it stands in the record\n" in said.out
    assert bench(f"replay {run.id} --profile {tmp_path / 'none.toml'}").status == 2
    nothing = bench("replay --simulated ffffffff")
    assert (nothing.status, nothing.out) == (2, "")
