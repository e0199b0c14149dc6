"""A failed meter drops out of waiting, and its failure is explained: one run of four meters, of which three are bad in their own way."""

from __future__ import annotations

import pytest

from bench.assembly import Setup
from bench.history import run_text
from bench.pytest_line import TestLine
from bench.record import Outcome, Run
from bench.session import RunRequest
from bench.verdict import Ending, Verdict
from tests.end_to_end.at_work import TYPE, AtWork, at_work


def record_of(line: TestLine, mute: int | None = None) -> Run:
    """The record of the line's meters; the S0 wire of position `mute` breaks while the operator looks at the labels."""
    records = []

    async def scene(work: AtWork) -> None:
        testing = await work.start()
        await work.until_closed("label-and-seals")
        if mute is not None:
            work.engine._line.fixtures[mute - 1].s0_input._listeners.clear()
        records.append(await testing)

    at_work(line, scene)
    return records[0]


@pytest.fixture(scope="module", name="bad")
def three_bad_ones(tmp_path_factory: pytest.TempPathFactory) -> Run:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BENCH_HOME", str(tmp_path_factory.mktemp("bad")))
        line = TestLine(Setup(simulated=True, positions=4), RunRequest("", TYPE))
        return record_of(line.having("2:register-slip=+25%", "3:gain=+2.5%"), mute=1)


def outcome(run: Run, step: str, position: int) -> Outcome:
    (found,) = (o for s in run.steps if s.name == step for o in s.outcomes if o.position == position)
    return found


@pytest.mark.meter(TYPE)
@pytest.mark.line(positions=4)
def test_a_meter_without_pulses_fails_alone_and_holds_nobody_up(bad: Run, line: TestLine) -> None:
    good = record_of(line)
    assert (bad.ending, good.ending) == (Ending.COMPLETE, Ending.COMPLETE)
    assert bad.verdicts == {1: Verdict.FAIL, 2: Verdict.FAIL, 3: Verdict.FAIL, 4: Verdict.PASS}
    took = {step.name: step.closed - step.opened for step in bad.steps}
    for step in good.steps:
        if step.name in ("s0-wiring", "connections"):
            continue  # the fixture is looked at more closely where an input is silent
        usual = step.closed - step.opened
        assert took[step.name] <= usual * 1.02 + 3.0, step.name


def test_a_meter_that_gives_no_pulse_is_told_so_once_a_step(bad: Run) -> None:
    for step in ("register", "s0-pulses", "accuracy-ib", "starting"):
        assert "no S0 pulse" in outcome(bad, step, 1).note or "0 S0 pulses" in outcome(bad, step, 1).note
    assert outcome(bad, "connections", 1).note == "not tested: the connections: no pulse tells of them"


def test_a_failed_register_is_explained_by_the_reference_meters_trace(bad: Run) -> None:
    note = outcome(bad, "register", 2).note
    assert note.startswith("the reference meter stood at ")
    assert " kWh after pulse " in note
    assert "R19: 15 min are over" in outcome(bad, "read-out", 2).note
    assert outcome(bad, "register", 4).note == "", "who passes needs no explanation"


def test_show_says_which_part_of_a_meter_is_off(bad: Run) -> None:
    shown = " ".join(run_text(bad).split())
    assert "the registers disagree with the pulses, and the pulses are right: the registers are off" in shown
    assert "registers and pulses agree and the error lies outside: the measuring part is off" in shown
