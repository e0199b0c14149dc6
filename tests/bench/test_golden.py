"""Golden meters and red rabbits: what is as known, what locks production, and what unlocks it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bench.control_chart import BASELINE, ControlLimits
from bench.doctor import State, check_known_meters
from bench.golden import SoFar, judge_golden, judge_red_rabbit, tell, why_locked
from bench.known_check import Check, Point, checks
from bench.known_meters import CertifiedPoint, GoldenMeter, KnownMeters, RedRabbit
from bench.results import Result
from bench.verdict import Ending, Verdict

TYPE = "685-381-OK-50"
BEGAN = datetime(2027, 3, 1, 6, 0, tzinfo=UTC)
GOLDEN = GoldenMeter("G1", TYPE)
CERTIFIED = replace(GOLDEN, certified=(CertifiedPoint("accuracy-ib", 0.10, 0.03),))
RABBIT = RedRabbit("R1", TYPE, "accuracy-ib")


def check(k: int, *errors: float, steps: Sequence[str] = ("accuracy-ib", "accuracy-imax"), **changes: object) -> Check:
    """The k-th check of the golden meter, eight hours after the one before."""
    points = tuple(Point(step, step.title(), error, 0.04) for step, error in zip(steps, errors, strict=False))
    finished = frozenset({"sign-on", *(each.step for each in points)})
    found = Check(f"run {k}", BEGAN + timedelta(hours=8 * k), "G1", TYPE, True, points, finished, (), frozenset())
    return replace(found, **changes)  # type: ignore[arg-type]  # a test names fields


def rabbit(k: int, *, failed: Sequence[str] = ("accuracy-ib",), by_value: bool = True, **changes: object) -> Check:
    found = check(k, serial="R1", finished=frozenset({"sign-on", "accuracy-ib"}))
    found = replace(found, failed=tuple(failed), failed_by_value=frozenset(failed if by_value else ()))
    return replace(found, **changes)  # type: ignore[arg-type]  # a test names fields


# Mean 0.1, every moving range 0.02: sigma 0.0177.
BASE = [check(k, 0.09 + 0.02 * (k % 2), 0.2) for k in range(BASELINE)]
SIGMA = 0.02 / 1.128379


# ---------------------------------------------------------------- golden meters


def test_twenty_runs_in_control_fix_the_limits_and_later_ones_do_not_move_them() -> None:
    judged = judge_golden(GOLDEN, [*BASE, *(check(20 + k, 0.11 - 0.02 * (k % 2), 0.2) for k in range(6))])
    assert not any(each.faults for each in judged)
    assert [type(each.points[0].held_against) for each in judged[:20]] == [type(None), *[SoFar] * 19]
    for each in judged[20:]:
        limits = each.points[0].held_against
        assert isinstance(limits, ControlLimits)
        assert limits.centre == pytest.approx(0.1)
        assert limits.sigma == pytest.approx(SIGMA)


def test_a_shift_beyond_three_deviations_is_named_with_its_size() -> None:
    inside, outside = (judge_golden(GOLDEN, [*BASE, check(20, 0.1 + size * SIGMA, 0.2)])[-1] for size in (2.99, 3.01))
    assert inside.faults == ()
    assert outside.faults == (
        "the golden meter G1 shifted at Accuracy-Ib by +0.053 % (beyond three standard deviations)",
    )


def test_nine_on_one_side_count_the_runs_of_the_baseline_too() -> None:
    later = [check(20 + k, 0.101 + 0.005 * (k % 2), 0.2) for k in range(8)]
    assert [bool(each.faults) for each in judge_golden(GOLDEN, [*BASE, *later])[-8:]] == [False] * 7 + [True]


def test_a_meter_that_is_out_of_control_does_not_enter_its_own_baseline() -> None:
    history = [*BASE[:10], check(10, 0.9, 0.2, failed=("Accuracy-Ib",)), *BASE[10:]]
    judged = judge_golden(GOLDEN, history)
    assert judged[10].faults == (
        "the golden meter G1 shifted at Accuracy-Ib by +0.800 % (the 10 runs of its baseline so far allow ±0.057 %)",
    )
    assert judged[-1].points[0].baseline == 19


def test_before_there_is_a_baseline_the_certificate_rules_with_both_uncertainties() -> None:
    """0.03 and 0.04 % make 0.05 %."""
    (inside,) = judge_golden(CERTIFIED, [check(0, 0.149, 0.9)])
    (outside,) = judge_golden(CERTIFIED, [check(0, 0.0499, 0.9)])
    assert inside.faults == ()
    assert outside.faults == (
        "the golden meter G1 shifted at Accuracy-Ib by -0.050 % (its certificate allows ±0.050 %)",
    )


def test_while_the_baseline_grows_a_value_must_agree_with_its_mean_within_root_two_u() -> None:
    """Mean of 0.10 and 0.14 is 0.12; U 0.04 gives 0.0566: up to 0.1766 and down to 0.0634."""
    begun = [check(0, 0.10, 0.2), check(1, 0.14, 0.2)]
    for inside in (0.1765, 0.0635):
        assert judge_golden(GOLDEN, [*begun, check(2, inside, 0.2)])[-1].faults == ()
    above, below = (judge_golden(GOLDEN, [*begun, check(2, error, 0.2)])[-1] for error in (0.1767, 0.0633))
    assert above.faults == (
        "the golden meter G1 shifted at Accuracy-Ib by +0.057 % (the 2 runs of its baseline so far allow ±0.057 %)",
    )
    assert below.locks
    held = above.points[0].held_against
    assert isinstance(held, SoFar)
    assert (held.mean_percent, held.allowed_percent) == pytest.approx((0.12, 0.0566), abs=0.0001)


def test_a_shift_while_the_baseline_grows_stays_out_of_it_and_locks_until_a_run_agrees_again() -> None:
    begun = [check(k, 0.09 + 0.02 * (k % 2), 0.2) for k in range(3)]
    shifted = check(3, 1.02, 0.2)
    only_golden = KnownMeters((GOLDEN,), (), 8.0)
    reason = why_locked(only_golden, [*begun, shifted], shifted.opened_at)
    assert reason == (
        "the golden meter G1 shifted at Accuracy-Ib by +0.923 % (the 3 runs of its baseline so far allow ±0.057 %): "
        "check the reference, the leads and the contacts of its position, and if this run is right and those before were not, "
        "begin its baseline anew (baseline_from); production is locked until a golden run is in control"
    )
    again = check(4, 0.10, 0.2)
    judged = judge_golden(GOLDEN, [*begun, shifted, again])
    assert [each.baseline for each in judged[-1].points] == [3, 3]
    assert why_locked(only_golden, [*begun, shifted, again], again.opened_at) == ""


def test_limits_are_those_of_a_baseline_without_its_shift() -> None:
    """20 values and one of +1.02 % would make sigma 0.11 instead of 0.018."""
    history = [*BASE[:3], check(3, 1.02, 0.2), *BASE[3:], check(21, 0.1, 0.2)]
    limits = judge_golden(GOLDEN, history)[-1].points[0].held_against
    assert isinstance(limits, ControlLimits)
    assert limits.sigma == pytest.approx(SIGMA)


def test_the_first_run_has_nothing_to_be_held_against() -> None:
    (first,) = judge_golden(GOLDEN, [check(0, 0.9, 0.2)])
    assert first.faults == ()
    assert [each.held_against for each in first.points] == [None, None]


def test_a_certified_point_must_agree_with_its_certificate_and_with_its_baseline() -> None:
    """The certificate allows 0.10 ± 0.05, and what the bench found before 0.06 ± 0.0566."""
    (_, agrees) = judge_golden(CERTIFIED, [check(0, 0.06), check(1, 0.11)])
    (_, shifted) = judge_golden(CERTIFIED, [check(0, 0.06), check(1, 0.12)])
    assert agrees.faults == ()
    assert isinstance(agrees.points[0].held_against, CertifiedPoint)
    assert isinstance(shifted.points[0].held_against, SoFar)
    assert shifted.faults == (
        "the golden meter G1 shifted at Accuracy-Ib by +0.060 % (the 1 run of its baseline so far allows ±0.057 %)",
    )


def test_the_baseline_begins_anew_on_the_day_the_station_file_names() -> None:
    anew = replace(GOLDEN, baseline_from=date(2027, 3, 7))
    judged = judge_golden(anew, [*BASE, check(20, 0.3, 0.2)])
    assert [each.check.run for each in judged] == ["run 18", "run 19", "run 20"]  # 18 · 8 h after 1 March
    assert judged[-1].points[0].baseline == 2
    midnight = check(21, 0.1, opened_at=datetime(2027, 3, 7, tzinfo=UTC))
    assert len(judge_golden(anew, [midnight])) == 1


def test_another_type_under_the_same_serial_is_another_meter() -> None:
    assert judge_golden(GOLDEN, [check(0, 0.1, type_number="685-382-OK-50")]) == ()


# ---------------------------------------------------------------- red rabbits


def test_a_rabbit_must_fail_at_its_step_by_what_was_measured_there() -> None:
    (well,) = judge_red_rabbit(RABBIT, [rabbit(0)])
    assert well.holds
    (passed,) = judge_red_rabbit(RABBIT, [rabbit(0, failed=())])
    assert passed.faults[0].endswith(
        "did not fail accuracy-ib by what was measured there: the bench passes a bad meter"
    )
    (loose,) = judge_red_rabbit(RABBIT, [rabbit(0, by_value=False)])
    assert loose.faults[0].endswith("by what was measured there: it failed accuracy-ib")
    (elsewhere,) = judge_red_rabbit(RABBIT, [rabbit(0, failed=("Sign-on",), finished=frozenset({"sign-on"}))])
    assert elsewhere.faults == ("the red rabbit R1 never came to accuracy-ib, where it must fail, it failed Sign-on",)


# ---------------------------------------------------------------- the lock

KNOWN = KnownMeters((GOLDEN,), (RABBIT,), 8.0)
WELL = (check(0, 0.1, 0.2), rabbit(0))


def locked(history: Sequence[Check], hours: float = 1.0, known: KnownMeters = KNOWN) -> str:
    return why_locked(known, history, BEGAN + timedelta(hours=hours))


def test_without_known_meters_nothing_is_locked() -> None:
    assert locked((), known=KnownMeters()) == ""


def test_both_checked_within_the_shift_leave_production_open_and_not_a_minute_longer() -> None:
    assert locked(WELL, 8.0) == ""
    assert "the red rabbit R1 was last as known 8.0 h ago" in locked(WELL, 8.0 + 1.0 / 3600.0)
    told = locked(WELL, 8.1)
    assert "the golden meter G1 was last as known 8.1 h ago and at most 8 h are allowed: run it with" in told
    assert told.endswith("locked until a golden run is in control and a red rabbit run failed as it must")


def test_a_known_meter_that_was_never_checked_locks() -> None:
    assert locked(WELL[:1]) == (
        "the red rabbit R1 was not checked yet: run it with --purpose golden; "
        "production is locked until a red rabbit run failed as it must"
    )


def test_a_check_dated_in_the_future_does_not_hold_until_then() -> None:
    assert "was last checked in the future, 2027-03-01 06:00 UTC: set the clock right" in locked(WELL, -1.0)


def test_a_shift_locks_until_a_whole_run_is_in_control_again() -> None:
    known = replace(KNOWN, golden=(CERTIFIED,), red_rabbits=())
    shifted = check(1, 0.4, 0.2)
    assert locked([WELL[0], shifted], 8.5, known) == (
        "the golden meter G1 shifted at Accuracy-Ib by +0.300 % (its certificate allows ±0.050 %): check the reference, the leads and "
        "the contacts of its position; production is locked until a golden run is in control"
    )
    aborted = check(2, 0.1, 0.2, complete=False)
    elsewhere = check(3, 0.2, steps=("accuracy-imax",))
    assert "shifted" in locked([shifted, aborted, elsewhere], 24.5, known)
    assert locked([shifted, check(4, 0.1, 0.2)], 32.5, known) == ""


def test_a_shift_seen_in_a_run_that_was_then_aborted_locks_all_the_same() -> None:
    known = replace(KNOWN, golden=(CERTIFIED,), red_rabbits=())
    assert "shifted" in locked([WELL[0], check(1, 0.4, complete=False)], 8.5, known)


def test_a_run_without_a_known_point_renews_nothing_and_the_lock_says_what_it_lacked() -> None:
    known = replace(KNOWN, golden=(CERTIFIED,), red_rabbits=())
    told = locked([WELL[0], check(1, 0.2, steps=("accuracy-imax",))], 9.0, known)
    assert "9.0 h ago and at most 8 h are allowed (its latest run did not measure accuracy-ib)" in told


def test_a_point_with_a_baseline_is_known_without_any_certificate() -> None:
    (*_, whole, short) = judge_golden(GOLDEN, [*BASE, check(20, 0.1, 0.2), check(21, 0.1)])
    assert (whole.holds, whole.missing) == (True, ())
    assert (short.holds, short.missing) == (False, ("accuracy-imax",))


def test_a_rabbit_that_passes_locks_and_one_that_was_aborted_before_its_step_says_nothing() -> None:
    early = rabbit(1, failed=(), complete=False, finished=frozenset({"sign-on"}))
    assert locked([*WELL, early]) == ""
    assert "R1 did not fail accuracy-ib" in locked([*WELL, rabbit(1, failed=())])


def test_the_doctor_says_the_lock_or_when_each_was_as_known() -> None:
    (well,) = check_known_meters(KNOWN, WELL, BEGAN)
    assert well.state is State.FIT
    assert well.found == (
        "golden meter G1 in control on 2027-03-01 06:00 UTC, 1 of 20 runs of its baseline; "
        "red rabbit R1 failed accuracy-ib on 2027-03-01 06:00 UTC"
    )
    (ill,) = check_known_meters(KNOWN, (), BEGAN)
    assert (ill.state, ill.to_do != "") == (State.FAULT, True)
    assert check_known_meters(KnownMeters(), (), BEGAN) == ()


# ---------------------------------------------------------------- from results


def result(step: str, measurement: str | None, value: float | None = None, **changes: object) -> Result:
    found = Result(
        "a", BEGAN.isoformat(), Ending.COMPLETE, TYPE, "h", "4711", 1, "G1", step, step.title(), measurement, value, 0.04
    )  # fmt: skip
    return replace(found, **changes)  # type: ignore[arg-type]  # a test names fields


def test_results_of_one_meter_become_one_check() -> None:
    fail = Verdict.FAIL
    (found,) = checks(
        [
            result("sign-on", None),
            result("accuracy-ib", "error", 1.4, verdict=fail),
            result("accuracy-imax", "error", None, verdict=fail),
            result("accuracy-imax", "missing pulses", None, verdict=fail),
            result("known-meter", "found", None, verdict=fail),
        ]
    )
    assert found.points == (Point("accuracy-ib", "Accuracy-Ib", 1.4, 0.04),)
    assert found.complete
    assert found.finished == {"sign-on", "accuracy-ib", "accuracy-imax", "known-meter"}
    assert found.failed == ("Accuracy-Ib", "Accuracy-Imax")
    assert found.failed_by_value == {"accuracy-ib"}


def test_of_a_meter_that_nobody_knows_nothing_is_told() -> None:
    assert tell(KNOWN, (), [result("accuracy-ib", "error", 0.1, serial="X")]) is None
    assert tell(KNOWN, WELL, [result("accuracy-ib", "error", 0.1, serial="X")]) is None
    assert tell(KNOWN, (), []) is None
    for serial in ("G1", "R1"):  # a run planned for another type says nothing of this meter
        assert (
            tell(KNOWN, WELL, [result("accuracy-ib", "error", 0.1, serial=serial, type_number="685-382-OK-50")]) is None
        )


def test_a_golden_meter_is_told_where_it_lies_on_its_charts_and_how_far_their_baseline_is() -> None:
    running = result("accuracy-ib", "error", 0.11, ending=None)
    told = tell(KNOWN, BASE[:5], [running])
    assert told is not None
    assert (told.as_known, told.words) == (
        True,
        "Accuracy-Ib +0.110 %, +0.012 % of ±0.057 %; 5 of 20 runs of its baseline before this one",
    )
    told = tell(KNOWN, BASE, [running])
    assert told is not None
    assert (told.as_known, told.words) == (True, "Accuracy-Ib +0.010 % of ±0.053 %")


def test_a_simulated_run_that_is_repeated_does_not_count_itself() -> None:
    told = tell(KNOWN, BASE[:5], [result("accuracy-ib", "error", 0.11, run="run 4", ending=None)])
    assert told is not None
    assert told.words.endswith("4 of 20 runs of its baseline before this one")


def test_a_rabbit_is_told_that_it_failed_as_it_must() -> None:
    failing = result("accuracy-ib", "error", 2.6, serial="R1", ending=None, verdict=Verdict.FAIL)
    told = tell(KNOWN, WELL, [failing])
    assert told is not None
    assert (told.as_known, told.words) == (True, "the red rabbit failed accuracy-ib, as it must")
    told = tell(KNOWN, WELL, [replace(failing, verdict=Verdict.PASS)])
    assert told is not None
    assert not told.as_known
