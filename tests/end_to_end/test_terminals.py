"""The optional inputs and outputs of a position: what each finds, at which size, and what is said where a station has none."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bench.facts import PromptOpened
from bench.headless import table
from bench.history import run_text
from bench.pytest_line import TestLine
from bench.record import Outcome
from bench.station import Station
from bench.verdict import Ending, Verdict
from drivers.simulated.faults import CATALOGUE
from tests.end_to_end.at_work import TYPE, AtWork, at_work, station_changed
from tests.end_to_end.on_record import failed_steps, kept, outcomes

FAIL, PASS = Verdict.FAIL, Verdict.PASS

pytestmark = [pytest.mark.meter("685-382-RK-50"), pytest.mark.line(positions=3)]


def values(outcome: Outcome) -> dict[str, object]:
    return {each.name: each.value for each in outcome.measurements}


def ordered(tmp_path: Path, **figures: object) -> Path:
    """A profile with these order data."""
    file = tmp_path / "ordered.toml"
    file.write_text("".join(f"{name} = {json.dumps(value)}\n" for name, value in figures.items()))
    return file


@pytest.mark.meter(TYPE)
@pytest.mark.line(positions=4)
def test_the_diode_flashes_with_each_of_500_pulses(line: TestLine) -> None:
    run = kept(line.run("eol", only="s0-diode"))
    assert run.verdicts == dict.fromkeys((1, 2, 3, 4), PASS)
    for outcome in outcomes(run, "s0-diode"):
        seen = values(outcome)
        assert (seen["missing"], seen["without an S0 pulse"], seen["pulses compared"]) == (0.0, 0.0, 500.0)
        assert 0.05 <= float(str(seen["earliest"])) <= float(str(seen["latest"])) <= 0.4


@pytest.mark.meter(TYPE)
@pytest.mark.line("2:dead-diode", "3:missing-flashes=500", positions=4)
def test_a_diode_that_stays_dark_fails_its_position_and_no_other(line: TestLine) -> None:
    assert "one in 500" in CATALOGUE["missing-flashes"].from_size
    run = kept(line.run("eol"))
    assert run.ending is Ending.COMPLETE
    assert run.verdicts == {1: PASS, 2: FAIL, 3: FAIL, 4: PASS}
    assert set(failed_steps(run, 2)) == set(failed_steps(run, 3)) == {"s0-diode"}
    assert [values(each)["missing"] for each in outcomes(run, "s0-diode")] == [0.0, 500.0, 1.0, 0.0]


@pytest.mark.meter(TYPE)
@pytest.mark.line("1:lost-pulses", "2:double-pulses", positions=2)
def test_pulses_that_s0_loses_or_doubles_are_not_the_diodes_fault(line: TestLine) -> None:
    run = line.run("eol")
    assert "s0-diode" not in {*failed_steps(run, 1), *failed_steps(run, 2)}


@pytest.mark.line("2:output-2-dead", "3:output-2-width=+11%")
def test_output_2_gives_a_pulse_with_each_kilowatt_hour_of_the_register_test(line: TestLine) -> None:
    assert "±11 %" in CATALOGUE["output-2-width"].from_size
    run = kept(line.run("eol"))
    assert run.verdicts == {1: PASS, 2: FAIL, 3: FAIL}
    assert set(failed_steps(run, 2)) == set(failed_steps(run, 3)) == {"output-2"}
    good, dead, wide = outcomes(run, "output-2")
    assert values(good)["S0 pulses between two"] == 1000.0
    assert values(good)["pulses"] == "one with each kWh"
    assert values(dead)["pulses observed"] == 0.0
    assert values(wide)["S0 pulses between two"] == 1000.0


@pytest.mark.parametrize("figures", [{}, {"output_2": 1000}], ids=["a pulse a kWh", "1000 imp/kWh"])
@pytest.mark.line("2:output-2-rate", "3:output-2-double")
def test_an_output_2_of_half_the_rate_and_one_that_gives_each_pulse_twice_fail(
    line: TestLine, tmp_path: Path, figures: dict[str, object]
) -> None:
    run = line.run("eol", only="output-2", profile=ordered(tmp_path, **figures))
    assert (run.ending, run.verdicts) == (Ending.COMPLETE, {1: PASS, 2: FAIL, 3: FAIL})
    assert set(failed_steps(run, 2)) == set(failed_steps(run, 3)) == {"output-2"}


def test_output_2_costs_no_time(line: TestLine) -> None:
    steps = {each.name: each for each in kept(line.run("eol")).steps}
    assert steps["output-2"].opened == steps["register"].opened
    assert steps["output-2"].closed < steps["register"].closed


@pytest.mark.line("1:register-slip=+25%", positions=1)
def test_a_register_that_slips_does_not_step_with_output_2(line: TestLine) -> None:
    (outcome,) = outcomes(kept(line.run("eol")), "output-2")
    assert values(outcome)["pulses"] == "1 where the register stepped by 0"


@pytest.mark.line("2:output-2-dead", "3:output-2-width=-11%")
def test_output_2_at_1000_imp_kwh_is_compared_pulse_by_pulse(line: TestLine, tmp_path: Path) -> None:
    run = kept(line.run("eol", profile=ordered(tmp_path, output_2=1000)))
    assert run.verdicts == {1: PASS, 2: FAIL, 3: FAIL}
    assert set(failed_steps(run, 2)) == set(failed_steps(run, 3)) == {"output-2"}
    good, dead, narrow = (values(each) for each in outcomes(run, "output-2"))
    assert (good["missing"], dead["missing"], narrow["missing"]) == (0.0, 500.0, 0.0)
    assert 29.0 < float(str(good["mean width"])) < 31.0
    assert dead["mean width"] is None


@pytest.mark.parametrize(
    ("figures", "gains"),
    [
        ({}, (3.0, 0.0, 9.0)),
        ({"input_mode": "quick"}, (17.0, 0.0, 23.0)),
        ({"input_constant": 0.25}, (12.0, 0.0, 18.0)),
    ],
    ids=["normal", "quick", "four units a pulse"],
)
@pytest.mark.line("2:input-deaf", "3:input-double")
def test_the_pulse_input_counts_the_closures_that_last_and_neither_bounce_nor_short_ones(
    line: TestLine, tmp_path: Path, figures: dict[str, object], gains: tuple[float, ...]
) -> None:
    run = kept(line.run("eol", only="pulse-input", profile=ordered(tmp_path, **figures)))
    assert run.verdicts == {1: PASS, 2: FAIL, 3: FAIL}
    assert tuple(values(each)["gained"] for each in outcomes(run, "pulse-input")) == gains


@pytest.mark.line("2:input-constant=2x", positions=2)
def test_a_pulse_input_whose_register_gains_two_for_one_closure_fails(line: TestLine) -> None:
    assert "2 times" in CATALOGUE["input-constant"].from_size
    run = kept(line.run("eol", only="pulse-input"))
    assert run.verdicts == {1: PASS, 2: FAIL}
    assert [values(each)["gained"] for each in outcomes(run, "pulse-input")] == [3.0, 6.0]


@pytest.mark.line(positions=1)
def test_the_pulse_input_is_tested_while_the_no_load_test_waits(line: TestLine) -> None:
    steps = {each.name: each for each in kept(line.run("eol")).steps}
    assert steps["pulse-input"].opened == steps["no-load"].opened
    assert steps["pulse-input"].closed < steps["no-load"].closed


@pytest.mark.line(positions=1)
def test_the_contact_is_open_when_a_run_is_aborted_under_a_closure(line: TestLine) -> None:
    async def scene(work: AtWork) -> None:
        testing = await work.start(only="pulse-input")
        contact = work.line.pin_factory.pin("GPIO25")
        await work.until(lambda: bool(contact.state))
        await work.engine.abort("4711")
        assert (await testing).ending is Ending.ABORTED
        assert not contact.state

    at_work(line, scene)


def without(*keys: str) -> Callable[[Station], Station]:
    def changed(station: Station) -> Station:
        none = dict.fromkeys(keys)
        return replace(station, positions=tuple(replace(each, **none) for each in station.positions))  # type: ignore[arg-type]  # keys of pins

    return changed


def asked_of(work: AtWork) -> PromptOpened:
    """The last question of the display step."""
    return [fact for fact in work.told(PromptOpened) if fact.asked.name == "test"][-1]


@pytest.mark.meter(TYPE)
@pytest.mark.line(positions=2)
def test_an_actuator_presses_the_key_until_the_display_test_and_the_person_only_looks(line: TestLine) -> None:
    async def scene(work: AtWork) -> None:
        done = await (await work.start(only="display"))
        assert [each.verdict for each in outcomes(done, "display")] == [Verdict.PASS] * 2
        asked = asked_of(work).asked
        assert (asked.question, asked.by_key) == ("Is every segment lit and nothing dark, on every meter?", False)

    at_work(line, scene)


@pytest.mark.meter(TYPE)
@pytest.mark.line(positions=2)
def test_where_one_position_has_no_actuator_the_person_is_told_to_press(line: TestLine) -> None:
    async def scene(work: AtWork) -> None:
        done = await (await work.start(only="display"))
        assert [each.verdict for each in outcomes(done, "display")] == [Verdict.PASS] * 2
        asked = asked_of(work).asked
        assert asked.question.startswith("Press the arrow key of each meter")
        assert asked.by_key
        assert asked.positions == (1, 2)

    def second_without(station: Station) -> Station:
        one, two = station.positions
        return replace(station, positions=(replace(one, button_pin=None), two))

    with station_changed(second_without):
        at_work(line, scene)


@pytest.mark.line(positions=2)
def test_an_actuator_steps_over_the_indications_that_were_ordered(line: TestLine, tmp_path: Path) -> None:
    run = line.run("eol", only="display", profile=ordered(tmp_path, display_options="24"))
    assert run.verdicts == {1: PASS, 2: PASS}


@pytest.mark.parametrize("positions", [2, 3], ids=["actuator", "person"])
@pytest.mark.line("2:dead-key")
def test_an_arrow_key_that_does_nothing_is_found_by_actuator_and_person(line: TestLine, positions: int) -> None:
    run = line.having(positions=positions).run("eol", only="display")
    assert run.verdicts == {**dict.fromkeys(range(1, positions + 1), PASS), 2: FAIL}


@pytest.mark.parametrize(
    ("key", "step", "note"),
    [
        ("diode_pin", "s0-diode", "position 1 has no scanning head at the S0 diode (diode_pin in the station file)"),
        (
            "contact_pin",
            "pulse-input",
            "position 1 has no contact at the pulse input (contact_pin in the station file)",
        ),
        ("output_2_pin", "output-2", "position 1 has no input for pulse output 2 (output_2_pin in the station file)"),
    ],
)
@pytest.mark.line(positions=1)
def test_what_the_station_has_no_pin_for_is_left_out_and_the_record_names_it(
    line: TestLine, key: str, step: str, note: str
) -> None:
    async def scene(work: AtWork) -> None:
        done = await (await work.start(only=step))
        assert done.ending is Ending.COMPLETE
        (outcome,) = outcomes(done, step)
        assert outcome.note == f"not tested: {note}"
        assert (outcome.measurements, outcome.verdict) == ((), Verdict.NONE)

    with station_changed(without(key)):
        at_work(line, scene)


@pytest.mark.meter("685-381-RK-50")
@pytest.mark.line("4:output-2-dead", positions=4)
def test_a_dead_output_that_no_position_could_test_passes_and_the_verdicts_say_so(line: TestLine) -> None:
    run = line.run("eol", only="output-2")
    assert set(run.verdicts.values()) == {Verdict.PASS}
    said = "not tested at positions 1 to 4: Pulse output 2: no input for pulse output 2"
    shown = table(run).splitlines()
    assert shown.index(said) < shown.index(next(each for each in shown if "PASS" in each))
    assert said in run_text(run).split("position  serial")[0]
