"""The audit finds a meter whose error moves with an influence quantity, from the size it claims."""

from __future__ import annotations

from drivers.simulated.faults import CATALOGUE
from tests.end_to_end.conftest import Bench

FAULTS = [fault for fault in CATALOGUE.values() if fault.sequence == "audit"]
SMALLEST = {
    "voltage-influence": ("-0.9%", "class 1: ±0.9 %"),
    "frequency-influence": ("-0.6%", "class 1: ±0.6 %"),
    "sequence-influence": ("-1.6%", "±1.6 %"),
    "unbalance-influence": ("-2.1%", "class 1: ±2.1 %"),
}


def test_the_audit_finds_each_influence_and_nobody_else_fails(bench: Bench) -> None:
    faults, found_by = [], {}
    for position, fault in enumerate(FAULTS, 1):
        size, claim = SMALLEST[fault.name]
        assert claim in fault.from_size
        faults += ["--fault", f"{position}:{fault.name}={size}"]
        found_by[position] = fault.found_by
    said = bench("run audit --simulated --type 685-381-OK-50 --positions 6 --json", *faults)
    assert (said.status, said.facts[-1]["ending"]) == (1, "COMPLETE")
    for position in range(1, 7):
        if position in found_by:
            assert found_by[position] in said.failed_steps(position)
        else:
            assert said.verdicts[position] == "PASS", f"position {position} has no fault"
    shown = bench("show", said.facts[-1]["run"]).out
    assert "% at reference conditions" in shown
    assert "order L1 L3 L2" in shown


def test_good_class_2_meters_of_two_phases_pass(bench: Bench) -> None:
    said = bench("run audit --simulated --type 685-222-OK-50 --positions 4 --seed 3 --json")
    assert set(said.verdicts.values()) == {"PASS"}


def test_a_source_whose_angles_count_from_the_first_phase_with_voltage_can_leave_l1_out(bench: Bench) -> None:
    said = bench("run audit --simulated --type 685-381-OK-50 --positions 1 --source zera --json")
    assert said.verdicts == {1: "PASS"}


def test_a_variation_alone_has_nothing_to_be_compared_with_and_says_so(bench: Bench) -> None:
    said = bench("run audit --simulated --positions 1 --only influence-u+10-ib --json")
    shown = bench("show", said.facts[-1]["run"]).out
    assert "not tested: the variation: this run has no error of Accuracy Ib" in " ".join(shown.split())
