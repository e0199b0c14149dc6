"""What a run suspects the bench of: said in the record and once to whoever reads the verdicts, and changing none of them."""

from __future__ import annotations

from dataclasses import replace

from bench.measurements import within
from bench.record import MeterUnderTest, Outcome, Run, Step
from bench.suspicion import remarked, suspicion_lines, suspicions

U = 0.1


def outcome(position: int, error: float | None, note: str = "") -> Outcome:
    measured = within("error", -1.0, 1.0, "%", "", guarded=True).judge(error, U)
    return Outcome(position, measured.verdict, void=False, measurements=(measured,), note=note)


def step(number: int, title: str, *errors: float | None) -> Step:
    found = tuple(outcome(position, error) for position, error in enumerate(errors, start=1))
    return Step(number, title.lower().replace(" ", "-"), title, 0.0, 1.0, "Ib", found)


def run(*steps: Step, purpose: str = "production", sequence: str = "eol") -> Run:
    meters = tuple(MeterUnderTest(each.position, "") for each in steps[0].outcomes)
    head = ("r", sequence, "685-381-OK-50", purpose, "s", "", "", "h", "{}", "bench", None, "2026-01-01T00:00Z")
    return Run(*head, meters, steps=steps)


def test_good_meters_on_a_bench_that_is_off_are_told_once_with_every_point_and_what_to_do() -> None:
    found = run(
        step(1, "Accuracy Imax", 0.80, 0.82, 0.88, 0.05),
        step(2, "Accuracy Ib", 0.75, 0.80, 0.85, 0.70),
        step(3, "Accuracy 0.05 Ib", 0.1, 0.2, 0.3, 0.0),
    )
    assert suspicion_lines(found) == [
        "suspicion: 4 of 4 positions stand together at +0.78 %: have the golden meter tested before these leave "
        "(Accuracy Ib; also Accuracy Imax)"
    ]
    imax, ib = suspicions(found)
    assert (imax.step, imax.positions, imax.measured, imax.percent) == ("accuracy-imax", (1, 2, 3), 4, 0.82)
    assert ib.positions == (1, 2, 3, 4)


def test_a_run_of_good_meters_says_nothing() -> None:
    assert suspicion_lines(run(step(1, "Accuracy Ib", 0.3, 0.4, -0.2, 0.1))) == []
    assert suspicion_lines(run(step(1, "Accuracy Ib", 0.3, 0.4))) == []


def test_the_remark_stands_with_the_meters_that_it_is_about_after_what_stands_there_already() -> None:
    plain = step(1, "Accuracy Ib", 0.75, 0.80, 0.85, 0.1)
    noted = replace(plain, outcomes=(replace(plain.outcomes[0], note="retested"), *plain.outcomes[1:]))
    said = "3 of 4 positions stand together at +0.80 %: have the golden meter tested before these leave"
    notes = [each.note for each in remarked(run(noted), noted).outcomes]
    assert notes == [f"retested; {said}", said, said, ""]


def test_the_remark_changes_nothing_else() -> None:
    plain = step(1, "Accuracy Ib", 0.75, 0.80, 0.85)
    remark = remarked(run(plain), plain)
    assert remark != plain
    assert replace(remark, outcomes=tuple(replace(each, note="") for each in remark.outcomes)) == plain


def test_with_one_or_two_positions_the_record_says_once_that_a_shift_looks_like_bad_meters() -> None:
    imax, ib = step(1, "Accuracy Imax", 1.3, 0.2), step(2, "Accuracy Ib", 1.4, 1.3)
    both = run(imax, ib)
    said = "with two positions a shift of the bench looks like bad meters: have the golden meter tested"
    assert suspicion_lines(both) == [f"suspicion: {said}"]
    assert [each.note for each in remarked(run(imax), imax).outcomes] == [said, ""]
    assert remarked(both, ib) == ib
    assert "with one position a shift" in suspicion_lines(run(step(1, "Accuracy Ib", -1.2)))[0]


def test_three_positions_are_enough_to_tell_a_bad_meter_from_a_shift() -> None:
    assert suspicion_lines(run(step(1, "Accuracy Ib", 1.4, 0.1, 0.2))) == []


def test_a_meter_without_pulses_is_no_bad_metrology() -> None:
    assert suspicion_lines(run(step(1, "Accuracy Ib", None, 0.1))) == []


def test_a_run_of_known_meters_is_not_told_to_test_them() -> None:
    bad = step(1, "Accuracy Ib", 0.0, 2.5)
    assert suspicion_lines(run(bad, purpose="golden")) == []
    assert suspicion_lines(run(bad, purpose="simulated", sequence="golden")) == []


def test_what_is_void_is_no_evidence() -> None:
    plain = step(1, "Accuracy Ib", 0.75, 0.80, 0.85)
    void = replace(plain, outcomes=tuple(replace(each, void=True) for each in plain.outcomes))
    assert suspicion_lines(run(void)) == []
    assert remarked(run(void), void) == void
