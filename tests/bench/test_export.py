"""A run as JSON and back."""

from __future__ import annotations

import dataclasses
import json
import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.export import as_json, canonical, from_canonical, run_hash, step_digest
from bench.record import (
    Act,
    Correction,
    Edges,
    Energy,
    Instrument,
    Measurement,
    MeterUnderTest,
    Outcome,
    Prompt,
    Run,
    Step,
    Telegram,
)
from bench.verdict import Ending, Verdict
from tests.bench.test_kill import a_run, a_step

_texts = st.text(max_size=12)
_numbers = st.floats(allow_nan=False)
_times = st.floats(0.0, 1e6)
_ns = st.integers(0, 2**62)


def _pulses(pairs: list[tuple[int, int]]) -> Edges:
    return Edges(tuple(rise for rise, _ in pairs), tuple(fall for _, fall in pairs), len(pairs) // 2)


def _numbered(steps: list[Step]) -> tuple[Step, ...]:
    return tuple(replace(step, number=number) for number, step in enumerate(steps, 1))


_measurements = st.builds(
    Measurement,
    name=_texts,
    unit=_texts,
    value=st.none() | _numbers | _texts,
    lower=st.none() | _numbers,
    upper=st.none() | _numbers,
    expected=st.none() | _texts,
    uncertainty=st.none() | _numbers,
    verdict=st.sampled_from(Verdict),
    source=_texts,
    note=_texts,
)
_corrections = st.builds(Correction, _texts, *[_numbers] * 5)
_outcomes = st.builds(
    Outcome,
    position=st.integers(1, 12),
    verdict=st.sampled_from(Verdict),
    void=st.booleans(),
    measurements=st.lists(_measurements, max_size=3).map(tuple),
    edges=st.none() | st.lists(st.tuples(_ns, _ns), max_size=5).map(_pulses),
    telegrams=st.lists(st.builds(Telegram, _times, st.binary(max_size=20), _texts), max_size=2).map(tuple),
    prompts=st.lists(st.builds(Prompt, _times, _texts, _texts, _texts, _texts, _texts, _times), max_size=2).map(tuple),
    note=_texts,
    corrections=st.lists(_corrections, max_size=3).map(tuple),
)
_steps = st.builds(
    Step,
    number=st.just(1),
    name=_texts,
    title=_texts,
    opened=_times,
    closed=_times,
    load=_texts,
    outcomes=st.lists(_outcomes, max_size=3, unique_by=lambda outcome: outcome.position).map(tuple),
    energy=st.lists(st.builds(Energy, _times, st.tuples(_numbers, _numbers, _numbers)), max_size=3).map(tuple),
    frequency=st.none() | _numbers,
)
_meters = st.lists(st.builds(MeterUnderTest, st.integers(1, 12), _texts), max_size=3, unique_by=lambda m: m.position)
runs = st.builds(
    Run,
    id=st.uuids().map(str),
    sequence=_texts,
    type_number=_texts,
    purpose=st.sampled_from(("production", "engineering", "golden", "simulated")),
    station=_texts,
    operator=_texts,
    order=_texts,
    plan_hash=_texts,
    plan=_texts,
    software=_texts,
    seed=st.none() | st.integers(),
    opened_at=st.datetimes().map(lambda moment: moment.isoformat() + "Z") | _texts,
    meters=_meters.map(tuple),
    instruments=st.lists(st.builds(Instrument, _texts, _texts, _texts), max_size=2).map(tuple),
    steps=st.lists(_steps, max_size=3).map(_numbered),
    acts=st.lists(st.builds(Act, _times, _texts, _texts), max_size=3).map(tuple),
    closed_at=_texts,
    ending=st.sampled_from(Ending),
    reason=_texts,
    temperature_c=st.none() | _numbers,
    temperature_basis=_texts,
)
"""Closed runs of any content."""


def a_closed_run(run_id: str = "5eed") -> Run:
    steps = tuple(a_step(number) for number in (1, 2))
    return replace(a_run(run_id), steps=steps, ending=Ending.COMPLETE, closed_at="2026-01-01T00:04:10Z")


def with_value(run: Run, value: float | str | None) -> Run:
    """The run with this value in the first measurement."""
    step = run.steps[0]
    outcome = step.outcomes[0]
    measurement = replace(outcome.measurements[0], value=value)
    outcome = replace(outcome, measurements=(measurement, *outcome.measurements[1:]))
    step = replace(step, outcomes=(outcome, *step.outcomes[1:]))
    return replace(run, steps=(step, *run.steps[1:]))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(runs)
def test_both_texts_read_back_as_the_run_that_was_written(run: Run) -> None:
    assert from_canonical(canonical(run)) == run
    assert from_canonical(as_json(run)) == run


def test_equal_runs_give_equal_bytes_however_their_numbers_are_spelt() -> None:
    assert canonical(with_value(a_closed_run(), 0.0)) == canonical(with_value(a_closed_run(), -0.0))
    assert canonical(with_value(a_closed_run(), 3)) == canonical(with_value(a_closed_run(), 3.0))


def test_an_edge_moved_by_a_nanosecond_shows() -> None:
    run = a_closed_run()
    edges = run.steps[0].outcomes[0].edges
    assert edges is not None
    moved = replace(edges, rises_ns=(edges.rises_ns[0] + 1, *edges.rises_ns[1:]))
    step = replace(run.steps[0], outcomes=(replace(run.steps[0].outcomes[0], edges=moved), *run.steps[0].outcomes[1:]))
    assert canonical(replace(run, steps=(step, run.steps[1]))) != canonical(run)
    assert step_digest(step) != step_digest(run.steps[0])


@pytest.mark.parametrize("value", [math.inf, -math.inf, "nan", "", None])
def test_a_value_that_json_has_no_number_for_reads_back(value: float | str | None) -> None:
    run = with_value(a_closed_run(), value)
    assert from_canonical(canonical(run)) == run


def test_nan_stays_nan_and_is_not_the_text_nan() -> None:
    run = from_canonical(canonical(with_value(a_closed_run(), math.nan)))
    value = run.steps[0].outcomes[0].measurements[0].value
    assert isinstance(value, float)
    assert math.isnan(value)


def test_the_text_is_plain_json_with_sorted_keys_and_words_for_verdicts() -> None:
    text = canonical(a_closed_run())
    document = json.loads(text, parse_constant=pytest.fail)
    assert text == json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert set(document["run"]) == {field.name for field in dataclasses.fields(Run)}
    assert document["run"]["steps"][0]["outcomes"][1]["verdict"] == "FAIL"
    assert document["run"]["steps"][0]["outcomes"][0]["telegrams"][0]["raw"].startswith("/KAM5\r\n")


def test_the_pretty_text_keeps_the_numbers_of_a_list_on_one_line() -> None:
    lines = as_json(a_closed_run()).splitlines()
    assert any(line.strip().startswith('"rises_ns": [1000000000, 1052000001, ') for line in lines)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 2}', '{"format": 1, "run": {"id": 7}}'])
def test_what_is_no_export_is_refused_with_the_way_out(text: str) -> None:
    with pytest.raises(ValueError, match=r"this is not an exported run: .* Export it again"):
        from_canonical(text)


def test_an_unknown_field_is_refused_by_name() -> None:
    text = canonical(a_closed_run()).replace('"order":', '"colour":"red","order":', 1)
    with pytest.raises(ValueError, match="Run has no colour"):
        from_canonical(text)


def test_the_hash_covers_the_plan_the_steps_and_the_run_before() -> None:
    run = a_closed_run()
    digests = [step_digest(step) for step in run.steps]
    sound = run_hash(run, digests, "")
    assert run_hash(replace(run, steps=()), digests, "") == sound, "the steps stand in their digests"
    others = (
        run_hash(replace(run, plan='{"limit": 2}'), digests, ""),
        run_hash(run, digests[:1], ""),
        run_hash(run, digests, sound),
    )
    assert len({sound, *others}) == 4


def test_a_hash_once_given_stays_when_the_record_gains_a_field() -> None:
    """These stand in journals already. A new field has a default, is not hashed while it holds it, and changes neither."""
    run = replace(a_closed_run(), acts=(Act(1.5, "bench", "trip"),))
    digests = [step_digest(step) for step in run.steps]
    assert digests[0] == "0e63d280986131630d6fadc1a25d907e7998f64b3352df50fac37ac6f44e7088"
    assert run_hash(run, digests, "") == "11b9e2b021f1fb2c6ef3f3e0bb26c850c1deb469a155c1eb6611354f10d00b65"
