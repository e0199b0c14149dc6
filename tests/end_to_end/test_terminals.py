"""The optional inputs and outputs of a position: what each finds, at which size, and what is said where a station has none."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bench.facts import PromptOpened
from bench.journal_reader import JournalReader
from bench.places import journal_path
from bench.record import Outcome, Run
from bench.station import Station
from bench.verdict import Ending, Verdict
from drivers.simulated.faults import CATALOGUE
from tests.end_to_end.at_work import AtWork, at_work, station_changed
from tests.end_to_end.conftest import Bench, Said

RK = "685-382-RK-50"


def run(bench: Bench, *words: str, type_number: str = RK, positions: int = 3) -> Said:
    return bench(f"run eol --simulated --type {type_number} --positions {positions} --json", *words)


def outcomes(of: Said | Run, step: str) -> tuple[Outcome, ...]:
    if isinstance(of, Said):
        with JournalReader(journal_path(simulated=True)) as reader:
            of = reader.run(of.facts[-1]["run"])
    (found,) = (each for each in of.steps if each.name == step)
    return found.outcomes


def values(outcome: Outcome) -> dict[str, object]:
    return {each.name: each.value for each in outcome.measurements}


def ordered(tmp_path: Path, **figures: object) -> list[str]:
    """The words for a profile with these order data."""
    file = tmp_path / "ordered.toml"
    file.write_text("".join(f"{name} = {json.dumps(value)}\n" for name, value in figures.items()))
    return ["--profile", str(file)]


def test_the_diode_flashes_with_each_of_500_pulses(bench: Bench) -> None:
    said = run(bench, "--only", "s0-diode", type_number="685-381-OK-50", positions=4)
    assert said.verdicts == dict.fromkeys((1, 2, 3, 4), "PASS")
    for outcome in outcomes(said, "s0-diode"):
        seen = values(outcome)
        assert (seen["missing"], seen["without an S0 pulse"], seen["pulses compared"]) == (0.0, 0.0, 500.0)
        assert 0.05 <= float(str(seen["earliest"])) <= float(str(seen["latest"])) <= 0.4


def test_a_diode_that_stays_dark_fails_its_position_and_no_other(bench: Bench) -> None:
    assert "one in 500" in CATALOGUE["missing-flashes"].from_size
    faults = ("--fault", "2:dead-diode", "--fault", "3:missing-flashes=500")
    said = run(bench, *faults, type_number="685-381-OK-50", positions=4)
    assert said.facts[-1]["ending"] == "COMPLETE"
    assert said.verdicts == {1: "PASS", 2: "FAIL", 3: "FAIL", 4: "PASS"}
    assert set(said.failed_steps(2)) == set(said.failed_steps(3)) == {"s0-diode"}
    assert [values(each)["missing"] for each in outcomes(said, "s0-diode")] == [0.0, 500.0, 1.0, 0.0]


def test_pulses_that_s0_loses_or_doubles_are_not_the_diodes_fault(bench: Bench) -> None:
    said = run(
        bench, "--fault", "1:lost-pulses", "--fault", "2:double-pulses", type_number="685-381-OK-50", positions=2
    )
    assert "s0-diode" not in {*said.failed_steps(1), *said.failed_steps(2)}


def test_output_2_gives_a_pulse_with_each_kilowatt_hour_of_the_register_test(bench: Bench) -> None:
    assert "±11 %" in CATALOGUE["output-2-width"].from_size
    said = run(bench, "--fault", "2:output-2-dead", "--fault", "3:output-2-width=+11%")
    assert said.verdicts == {1: "PASS", 2: "FAIL", 3: "FAIL"}
    assert set(said.failed_steps(2)) == set(said.failed_steps(3)) == {"output-2"}
    good, dead, wide = outcomes(said, "output-2")
    assert values(good)["S0 pulses between two"] == 1000.0
    assert values(good)["pulses"] == "one with each kWh"
    assert values(dead)["pulses observed"] == 0.0
    assert values(wide)["S0 pulses between two"] == 1000.0


@pytest.mark.parametrize("figures", [{}, {"output_2": 1000}], ids=["a pulse a kWh", "1000 imp/kWh"])
def test_an_output_2_of_half_the_rate_and_one_that_gives_each_pulse_twice_fail(
    bench: Bench, tmp_path: Path, figures: dict[str, object]
) -> None:
    faults = ("--fault", "2:output-2-rate", "--fault", "3:output-2-double")
    said = run(bench, *ordered(tmp_path, **figures), *faults, "--only", "output-2")
    assert (said.facts[-1]["ending"], said.verdicts) == ("COMPLETE", {1: "PASS", 2: "FAIL", 3: "FAIL"})
    assert set(said.failed_steps(2)) == set(said.failed_steps(3)) == {"output-2"}


def test_output_2_costs_no_time(bench: Bench) -> None:
    said = run(bench)
    with JournalReader(journal_path(simulated=True)) as reader:
        steps = {each.name: each for each in reader.run(said.facts[-1]["run"]).steps}
    assert steps["output-2"].opened == steps["register"].opened
    assert steps["output-2"].closed < steps["register"].closed


def test_a_register_that_slips_does_not_step_with_output_2(bench: Bench) -> None:
    said = run(bench, "--fault", "1:register-slip=+25%", positions=1)
    (outcome,) = outcomes(said, "output-2")
    assert values(outcome)["pulses"] == "1 where the register stepped by 0"


def test_output_2_at_1000_imp_kwh_is_compared_pulse_by_pulse(bench: Bench, tmp_path: Path) -> None:
    faults = ("--fault", "2:output-2-dead", "--fault", "3:output-2-width=-11%")
    said = run(bench, *ordered(tmp_path, output_2=1000), *faults)
    assert said.verdicts == {1: "PASS", 2: "FAIL", 3: "FAIL"}
    assert set(said.failed_steps(2)) == set(said.failed_steps(3)) == {"output-2"}
    good, dead, narrow = (values(each) for each in outcomes(said, "output-2"))
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
def test_the_pulse_input_counts_the_closures_that_last_and_neither_bounce_nor_short_ones(
    bench: Bench, tmp_path: Path, figures: dict[str, object], gains: tuple[float, ...]
) -> None:
    faults = ("--fault", "2:input-deaf", "--fault", "3:input-double")
    said = run(bench, *ordered(tmp_path, **figures), *faults, "--only", "pulse-input")
    assert said.verdicts == {1: "PASS", 2: "FAIL", 3: "FAIL"}
    assert tuple(values(each)["gained"] for each in outcomes(said, "pulse-input")) == gains


def test_a_pulse_input_whose_register_gains_two_for_one_closure_fails(bench: Bench) -> None:
    assert "2 times" in CATALOGUE["input-constant"].from_size
    said = run(bench, "--fault", "2:input-constant=2x", "--only", "pulse-input", positions=2)
    assert said.verdicts == {1: "PASS", 2: "FAIL"}
    assert [values(each)["gained"] for each in outcomes(said, "pulse-input")] == [3.0, 6.0]


def test_the_pulse_input_is_tested_while_the_no_load_test_waits(bench: Bench) -> None:
    said = run(bench, positions=1)
    with JournalReader(journal_path(simulated=True)) as reader:
        steps = {each.name: each for each in reader.run(said.facts[-1]["run"]).steps}
    assert steps["pulse-input"].opened == steps["no-load"].opened
    assert steps["pulse-input"].closed < steps["no-load"].closed


def test_the_contact_is_open_when_a_run_is_aborted_under_a_closure() -> None:
    async def scene(work: AtWork) -> None:
        testing = await work.start(RK, only="pulse-input")
        contact = work.line.pin_factory.pin("GPIO25")
        await work.until(lambda: bool(contact.state))
        await work.engine.abort("4711")
        assert (await testing).ending is Ending.ABORTED
        assert not contact.state

    at_work(scene, positions=1)


def without(*keys: str) -> Callable[[Station], Station]:
    def changed(station: Station) -> Station:
        none = dict.fromkeys(keys)
        return replace(station, positions=tuple(replace(each, **none) for each in station.positions))  # type: ignore[arg-type]  # keys of pins

    return changed


def asked_of(work: AtWork) -> PromptOpened:
    """The last question of the display step."""
    return [fact for fact in work.told(PromptOpened) if fact.asked.name == "test"][-1]


def test_an_actuator_presses_the_key_until_the_display_test_and_the_person_only_looks() -> None:
    async def scene(work: AtWork) -> None:
        done = await (await work.start(only="display"))
        assert [each.verdict for each in outcomes(done, "display")] == [Verdict.PASS] * 2
        asked = asked_of(work).asked
        assert (asked.question, asked.by_key) == ("Is every segment lit and nothing dark, on every meter?", False)

    at_work(scene, positions=2)


def test_where_one_position_has_no_actuator_the_person_is_told_to_press() -> None:
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
        at_work(scene, positions=2)


def test_an_actuator_steps_over_the_indications_that_were_ordered(bench: Bench, tmp_path: Path) -> None:
    words = ordered(tmp_path, display_options="24")
    assert run(bench, *words, "--only", "display", positions=2).verdicts == {1: "PASS", 2: "PASS"}


@pytest.mark.parametrize("positions", [2, 3], ids=["actuator", "person"])
def test_an_arrow_key_that_does_nothing_is_found_by_actuator_and_person(bench: Bench, positions: int) -> None:
    said = run(bench, "--only", "display", "--fault", "2:dead-key", positions=positions)
    assert said.verdicts == {**dict.fromkeys(range(1, positions + 1), "PASS"), 2: "FAIL"}


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
def test_what_the_station_has_no_pin_for_is_left_out_and_the_record_names_it(key: str, step: str, note: str) -> None:
    async def scene(work: AtWork) -> None:
        done = await (await work.start(RK, only=step))
        assert done.ending is Ending.COMPLETE
        (outcome,) = outcomes(done, step)
        assert outcome.note == f"not tested: {note}"
        assert (outcome.measurements, outcome.verdict) == ((), Verdict.NONE)

    with station_changed(without(key)):
        at_work(scene, positions=1)
