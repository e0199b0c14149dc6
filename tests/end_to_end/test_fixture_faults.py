"""Faults of the fixture and of what all positions share: each ends BLOCKED with the position and what to check, and fails nobody."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bench.facts import Safe
from bench.pytest_line import TestLine
from bench.verdict import Ending, Verdict
from drivers.simulated.faults import CATALOGUE
from tests.end_to_end.at_work import TYPE, AtWork, at_work, station_changed
from tests.end_to_end.conftest import Bench

FAIL, NONE, PASS = Verdict.FAIL, Verdict.NONE, Verdict.PASS

pytestmark = [pytest.mark.meter(TYPE), pytest.mark.line(positions=3)]

SERIALS = {1: "21480001", 2: "21480002", 3: "21480003"}
THREE = r"are off together by about"

CASES = [
    ("crossed-heads", ("1:crossed-heads=3",), {}, "", (
        "the optical head of position 1 reads the meter at position 3; the optical head of position 3 reads the meter at position 1",
        "Put the heads on the meters of their own positions")),
    ("crossed-heads", ("1:crossed-heads",), {}, "s0-wiring", ("the optical head of position 1 reads the meter at position 2",)),
    ("crossed-serials", ("1:crossed-serials=2",), SERIALS, "", (
        "scanned at position 1, 21480001, is told by the meter under the head of position 2", "scan these meters again")),
    ("empty", ("2:empty",), {}, "", ("position 2: no answer from its optical head, and no S0 pulse", "Is there a meter")),
    ("phases-mixed", ("1:phases-mixed", "2:reversed-current=L2", "3:reversed-current"), {}, "connections", (
        "position 1: L1 and L2 counted with the voltage of another phase", "position 2: the current of L2 flows backwards",
        "position 3: the current of L1, L2 and L3 flows backwards", "Check the leads")),
    ("reversed-circuit", ("2:reversed-circuit",), {}, "connections", (
        "position 2: the current of L1 flows backwards", "Check the leads")),
    ("slow-edge", ("3:slow-edge=3.5ms",), {}, "s0-pulses", (
        "position 3: a pulse at the S0 input is +3.5 ms longer than the flash of its diode", "Check the pull-up")),
    ("transformer-ratio", ("line:transformer-ratio=-2.5%", "2:gain=+20%"), {}, "connections", (
        f"positions 1, 3 and 4 {THREE} -2.5", "golden meter")),
    ("transformer-ratio", ("line:transformer-ratio=+1.3%",), {}, "accuracy-imax", (
        f"Accuracy Imax: positions 1, 2, 3 and 4 {THREE} +1.", "void")),
    ("lead-drop", ("line:lead-drop",), {}, "connections", (f"positions 1, 2, 3 and 4 {THREE} -3.", "the leads")),
    ("crystal", ("line:crystal=-101ppm",), {}, "sign-on", ("the clock is being slewed by +101 ppm", "crystal")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "faults", "serials", "only", "words"), CASES, ids=[" ".join(case[1]) for case in CASES]
)
def test_a_fault_of_the_fixture_blocks_the_run_says_where_and_what_to_check_and_fails_nobody(
    line: TestLine, name: str, faults: tuple[str, ...], serials: dict[int, str], only: str, words: tuple[str, ...]
) -> None:
    assert CATALOGUE[name].ends == "BLOCKED"
    positions = 3 if serials or only == "s0-pulses" else 4
    line = line.having(*faults, positions=positions, serials=serials)
    run = line.run("eol", only=only)
    assert run.ending is Ending.BLOCKED
    for sentence in words:
        assert sentence in run.reason
    assert set(run.verdicts.values()) == {NONE}
    assert "internal error" not in run.reason
    assert line.told(Safe)


@pytest.mark.line("2:silent-head")
def test_a_meter_whose_port_is_silent_and_which_counts_is_no_empty_position(line: TestLine) -> None:
    run = line.run("eol", only="s0-wiring")
    assert run.ending is Ending.COMPLETE
    assert run.verdicts == {1: PASS, 2: FAIL, 3: PASS}


def test_exchanged_serials_need_serials_that_a_meter_can_bear(bench: Bench) -> None:
    said = bench("run eol --simulated --positions 2 --fault 1:crossed-serials")
    assert said.status == 2
    assert "needs the meter number that was scanned at position 2, up to eight digits" in said.err


def test_phases_of_a_meter_with_one_cannot_be_mixed(bench: Bench) -> None:
    said = bench("run eol --simulated --type 685-161-OK-50 --positions 1 --fault 1:phases-mixed")
    assert said.status == 2
    assert "has one phase" in said.err


def test_without_a_standard_three_positions_see_a_source_that_drifts_and_one_position_says_that_nothing_checks_it(
    line: TestLine,
) -> None:
    async def three(work: AtWork) -> None:
        run = await (await work.start(only="accuracy-ib"))
        assert run.ending is Ending.BLOCKED
        assert "positions 1, 2 and 3 are off together by about -1." in run.reason
        assert run.verdicts == {1: NONE, 2: NONE, 3: NONE}
        assert not any("independently" in each.accuracy for each in run.instruments)

    async def one(work: AtWork) -> None:
        run = await (await work.start(only="sign-on"))
        assert run.ending is Ending.COMPLETE
        assert run.instruments[0].accuracy.endswith(
            "reference not independently checked: the source's own readback, and no second position"
        )

    with station_changed(lambda station: replace(station, standard=None)):
        at_work(line.having("line:source-drift=1s"), three)
        at_work(line.having(positions=1), one)


def test_where_no_input_hears_anything_their_supply_is_at_fault_and_no_meter(line: TestLine) -> None:
    async def scene(work: AtWork) -> None:
        testing = await work.start(only="connections")
        await work.until_closed("s0-wiring")
        for fixture in work.engine._line.fixtures:
            fixture.s0_input._listeners.clear()
        run = await testing
        assert run.ending is Ending.BLOCKED
        assert run.reason.startswith("no S0 input hears a pulse under load: check the supply of the S0 inputs")
        assert run.verdicts == {1: NONE, 2: NONE, 3: NONE}

    at_work(line, scene)


@pytest.mark.line("1:gain=-85%", "2:gain=-72%", "3:phase-gain=L2-40%", positions=4)
def test_a_meter_that_counts_far_too_little_is_a_bad_meter_and_no_crossed_wire(line: TestLine) -> None:
    run = line.run("eol", only="accuracy-ib")
    assert run.ending is Ending.COMPLETE
    assert run.verdicts == {1: FAIL, 2: FAIL, 3: FAIL, 4: PASS}


def test_a_world_apart_has_no_crystal_of_its_own(bench: Bench, tmp_path: Path) -> None:
    said = bench("simulate --positions 1 --fault line:crystal --serve", str(tmp_path / "world"))
    assert said.status == 2
    assert "fault crystal: the clock of a world apart is this computer's own" in said.err


@pytest.mark.line("2:silent-head", positions=2, source="ametek")
def test_a_source_without_current_cannot_look_for_a_meter_and_a_silent_one_fails_as_ever(line: TestLine) -> None:
    assert line.run("no-load", only="sign-on").verdicts == {1: PASS, 2: FAIL}
