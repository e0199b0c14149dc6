"""What the bench itself can suffer: each fault ends the run BLOCKED with one clear sentence, finished steps kept, the source off."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from bench.clock_slew import ClockReading
from bench.facts import Safe
from bench.pytest_line import TestLine
from bench.record import Run
from bench.session import SourceState
from bench.verdict import Ending, Verdict
from drivers.load import OFF
from drivers.simulated.scpi_server import Manner
from tests.end_to_end.at_work import TYPE, AtWork, at_work, station_changed
from tests.end_to_end.on_record import kept

pytestmark = [pytest.mark.meter(TYPE), pytest.mark.line(positions=2)]


def spoilt(
    line: TestLine, spoil: Callable[[AtWork], None], check: Callable[[AtWork, Run], None], step: str = "Accuracy Ib"
) -> None:
    """Let the fault come in the middle of an accuracy step of two meters, and look at what became of the run."""
    before = {"Accuracy Ib": ["sign-on", "s0-wiring", "connections"], "Sign-on": ["sign-on"]}[step]

    async def scene(work: AtWork) -> None:
        testing = await work.start(only="accuracy-ib")
        await work.until_step(step)
        await asyncio.sleep(4.0)
        spoil(work)
        run = await testing

        assert run.ending is Ending.BLOCKED
        assert run.verdicts == {1: Verdict.NONE, 2: Verdict.NONE}
        assert run.reason
        assert "\n" not in run.reason
        assert "internal error" not in run.reason
        finished = [each.name for each in run.steps if not any(outcome.void for outcome in each.outcomes)]
        assert finished[: len(before)] == before, "finished steps are kept"
        assert kept(run) == run
        assert work.engine.board.glance.message == run.reason
        assert not work.engine.running
        check(work, run)

    at_work(line, scene)


def is_safe(work: AtWork, _: Run) -> None:
    work.assert_safe()
    assert work.engine.board.glance.source is SourceState.SAFE


def nobody_knows(work: AtWork, run: Run) -> None:
    assert work.engine.board.glance.source is SourceState.UNKNOWN
    assert not work.told(Safe), "what was not read back is not called safe"
    assert "the source may still be on" in run.reason
    assert "switch it off at the instrument or by the emergency stop" in run.reason


def manner(kind: Manner) -> Callable[[AtWork], None]:
    def source_turns(work: AtWork) -> None:
        work.source.manner = kind

    return source_turns


def test_a_source_that_falls_silent_leaves_its_state_unknown(line: TestLine) -> None:
    def check(work: AtWork, run: Run) -> None:
        nobody_knows(work, run)
        assert "no answer from the power source at TCPIP::" in run.reason

    spoilt(line, manner(Manner.SILENT), check)


def test_a_source_that_hangs_up_for_good_leaves_its_state_unknown(line: TestLine) -> None:
    def check(work: AtWork, run: Run) -> None:
        nobody_knows(work, run)
        assert "the power source at TCPIP::" in run.reason
        assert "closed the connection" in run.reason

    spoilt(line, manner(Manner.HANGING_UP), check)


def test_a_source_that_answers_rubbish_leaves_its_state_unknown(line: TestLine) -> None:
    def check(work: AtWork, run: Run) -> None:
        nobody_knows(work, run)
        work.assert_dead()

    spoilt(line, manner(Manner.GARBLED), check)


def test_a_source_that_answers_later_than_its_deadline_goes_off_and_is_not_called_safe(line: TestLine) -> None:
    def late(work: AtWork) -> None:
        work.source.late_by = 5.0

    def check(work: AtWork, run: Run) -> None:
        nobody_knows(work, run)
        work.assert_dead()

    spoilt(line, late, check)


def test_a_source_that_hangs_up_once_is_connected_anew_and_the_run_completes(line: TestLine) -> None:
    async def scene(work: AtWork) -> None:
        testing = await work.start(only="accuracy-ib")
        await work.until_step("Accuracy Ib")
        await asyncio.sleep(4.0)
        work.source.hang_up()
        run = await testing
        assert run.ending is Ending.COMPLETE
        work.assert_safe()

    at_work(line, scene)


def test_a_source_that_was_silent_for_one_run_serves_the_next(line: TestLine) -> None:
    async def scene(work: AtWork) -> None:
        testing = await work.start(only="accuracy-ib")
        await work.until_step("Accuracy Ib")
        work.source.manner = Manner.SILENT
        assert (await testing).ending is Ending.BLOCKED
        work.source.manner = Manner.PROPER
        run = await (await work.start(only="accuracy-ib"))
        assert run.ending is Ending.COMPLETE
        assert work.engine.board.glance.source is SourceState.SAFE

    at_work(line, scene)


def test_a_setting_that_the_source_refuses_blocks_the_run_with_the_sources_own_words(line: TestLine) -> None:
    def weaker(work: AtWork) -> None:
        work.front_panel._limits = replace(work.front_panel._limits, i_max=50.0)

    def check(work: AtWork, run: Run) -> None:
        is_safe(work, run)
        assert "the power source at TCPIP::" in run.reason
        assert '-222,"Data out of range;CURR"' in run.reason
        assert [each.name for each in run.steps] == ["sign-on"]

    spoilt(line, weaker, check, step="Sign-on")


def test_an_output_that_goes_off_by_itself_blocks_the_run(line: TestLine) -> None:
    def check(work: AtWork, run: Run) -> None:
        is_safe(work, run)
        assert run.reason.startswith("L1: the source was asked for 230 V and the reference standard reads 0 V.")

    spoilt(line, lambda work: work.front_panel.trip(), check)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (Manner.SILENT, "no answer from the reference standard at TCPIP::"),
        (Manner.GARBLED, "is this the instrument the station file names?"),
        (Manner.REPEATING, "that nobody had asked for"),
        (Manner.HANGING_UP, "closed the connection"),
    ],
)
def test_a_reference_standard_that_misbehaves_blocks_the_run_and_the_source_is_off(
    line: TestLine, kind: Manner, words: str
) -> None:
    def misbehave(work: AtWork) -> None:
        work.standard.manner = kind

    def check(work: AtWork, run: Run) -> None:
        is_safe(work, run)
        assert "the reference standard at TCPIP::" in run.reason
        assert words in run.reason

    spoilt(line, misbehave, check)


def test_standard_and_source_gone_together_are_both_named(line: TestLine) -> None:
    def fail(work: AtWork) -> None:
        work.standard.manner = work.source.manner = Manner.SILENT

    def check(work: AtWork, run: Run) -> None:
        nobody_knows(work, run)
        assert run.reason.startswith("no answer from the reference standard"), "what ended the run comes first"

    spoilt(line, fail, check)


def test_an_optical_head_that_is_unplugged_in_mid_run_blocks_the_run_and_fails_nobody(line: TestLine) -> None:
    async def scene(work: AtWork) -> None:
        testing = await work.start()
        await work.until_step("Register against pulses")
        await asyncio.sleep(4.0)
        work.unplug_head(2)
        run = await testing
        assert run.ending is Ending.BLOCKED
        assert run.reason.startswith("position 2: the optical head's port simulated://optical-2 has gone")
        assert run.verdicts == {1: Verdict.NONE, 2: Verdict.NONE}
        assert [(each.name, each.outcomes[0].void) for each in run.steps] == [
            ("sign-on", False), ("display", False), ("label-and-seals", False), ("s0-wiring", False),
            ("connections", False),
            ("register", True), ("s0-pulses", True), ("s0-diode", True),
        ]  # fmt: skip
        work.assert_safe()

    at_work(line, scene)


@pytest.mark.line("3:broken-seal", positions=3)
def test_an_optical_head_unplugged_in_mid_read_is_one_error_and_what_others_have_finished_stands(
    line: TestLine,
) -> None:
    async def scene(work: AtWork) -> None:
        testing = await work.start()
        await work.until_step("Register against pulses")
        await asyncio.sleep(4.0)
        work.unplug_head(2)
        run = await testing
        assert run.ending is Ending.BLOCKED
        assert run.reason.count("position") == 1, "it names the one whose adapter it is"
        assert run.verdicts == {1: Verdict.NONE, 2: Verdict.NONE, 3: Verdict.FAIL}
        assert [(step.name, failed.name) for step, failed in run.failures(3)] == [("label-and-seals", "seals")]
        finished = [step for step in run.steps if not step.outcomes[0].void]
        assert [each.name for each in finished] == ["sign-on", "display", "label-and-seals", "s0-wiring", "connections"]
        assert all(outcome.verdict is Verdict.PASS for step in finished for outcome in step.outcomes[:2])

    at_work(line, scene)


def test_a_meter_that_falls_silent_in_mid_run_fails_alone(line: TestLine) -> None:
    async def scene(work: AtWork) -> None:
        testing = await work.start(only="register")
        await work.until_closed("s0-wiring")
        work.line._optical[2].behaviour.silent = True
        run = await testing
        assert run.ending is Ending.COMPLETE
        assert run.verdicts == {1: Verdict.PASS, 2: Verdict.FAIL}
        (note,) = (outcome.note for outcome in run.steps[-1].outcomes if outcome.position == 2)
        assert note.startswith("position 2: no answer from the optical head")

    at_work(line, scene)


def test_a_station_without_a_standard_measures_with_the_sources_own_readback(line: TestLine) -> None:
    async def scene(work: AtWork) -> None:
        run = await (await work.start(only="accuracy-ib"))
        assert run.ending is Ending.COMPLETE
        (error,) = (each for each in run.steps[-1].outcomes[0].measurements if each.name == "error")
        assert error.uncertainty is not None
        assert error.uncertainty > 0.2, "the source declares 0.2 %"

    with station_changed(lambda station: replace(station, standard=None)):
        at_work(line, scene)


def test_without_a_standard_an_output_that_goes_off_is_seen_in_the_sources_readback(line: TestLine) -> None:
    async def scene(work: AtWork) -> None:
        testing = await work.start(only="accuracy-ib")
        await work.until_step("Accuracy Ib")
        await asyncio.sleep(4.0)
        work.front_panel.trip()
        run = await testing
        assert run.ending is Ending.BLOCKED
        assert "the source's readback reads 0 V" in run.reason
        assert work.world.truth == OFF
        work.assert_safe()

    with station_changed(lambda station: replace(station, standard=None)):
        at_work(line, scene)


# ---------------------------------------------------------------- the clock and the GPIO inputs


def test_a_clock_that_is_slewed_voids_what_it_timed(line: TestLine) -> None:
    def slew(work: AtWork) -> None:
        loop = asyncio.get_running_loop()

        def read() -> ClockReading:
            now = loop.time() * 1e9
            return ClockReading(round(now), round(now / 1.0005), 100)

        runner = work.engine._runner
        assert runner is not None
        runner._clock._from, runner._clock._read = read(), read

    def check(work: AtWork, run: Run) -> None:
        assert "Accuracy Ib" in run.reason
        assert "the clock is being slewed by +500 ppm" in run.reason
        assert "what was measured is void" in run.reason
        is_safe(work, run)

    spoilt(line, slew, check)


def test_a_clock_that_was_slewed_for_a_second_voids_the_step_and_it_is_measured_once_more(line: TestLine) -> None:
    async def scene(work: AtWork) -> None:
        testing = await work.start(only="accuracy-ib")
        await work.until_step("Accuracy Ib")
        await asyncio.sleep(4.0)
        runner = work.engine._runner
        assert runner is not None
        runner._clock._spans.append((asyncio.get_running_loop().time(), 500.0))
        runner._clock._read = lambda: ClockReading(0, 0, 100)
        runner._clock._from = ClockReading(0, 0, 100)
        run = await testing
        assert run.ending is Ending.COMPLETE
        assert run.verdicts == {1: Verdict.PASS, 2: Verdict.PASS}
        assert [(each.name, each.number, each.outcomes[0].void) for each in run.steps] == [
            ("sign-on", 1, False), ("s0-wiring", 2, False), ("connections", 3, False), ("accuracy-ib", 4, False),
            ("accuracy-ib", 5, True),
        ]  # fmt: skip
        assert "the clock is being slewed by +500 ppm" in run.steps[-1].outcomes[0].note
        assert kept(run) == run
        work.assert_safe()

    at_work(line, scene)


def test_inputs_that_hear_no_more_void_what_they_measured(line: TestLine) -> None:
    def deafen(work: AtWork) -> None:
        work.line.pin_factory.fault = "the thread that reads the GPIO inputs has ended; all of them are silent"

    def check(work: AtWork, run: Run) -> None:
        assert "the thread that reads the GPIO inputs has ended" in run.reason
        is_safe(work, run)

    spoilt(line, deafen, check)


def test_edges_that_the_kernel_dropped_void_what_was_measured(line: TestLine) -> None:
    def drop(work: AtWork) -> None:
        work.engine._line.fixtures[0].s0_input._pin.lost_edges = 2

    def check(work: AtWork, run: Run) -> None:
        assert "position 1: 2 S0 edges were lost" in run.reason
        is_safe(work, run)

    spoilt(line, drop, check)
