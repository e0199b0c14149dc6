"""Every way an instrument of the bench can fail, on every dialect that can run the end-of-line test, as a user would type it."""

from __future__ import annotations

import pytest

from drivers.simulated.faults import CATALOGUE, Fault
from tests.end_to_end.conftest import Bench, Said

DIALECTS = ["generic-scpi", "zera", "zera-fg30x", "fluke-6105a"]
FAULTS = [
    fault for fault in CATALOGUE.values() if fault.family == "bench" and fault.ends == "BLOCKED" and fault.unit == "s"
]
WITHIN_S0_PULSES = "50s"
"""By then every dialect has finished sign-on and wiring, and measures."""
ASKED = ["sign-on", "display", "label-and-seals"]
SAID = {
    "source-silent": ("no answer from the power source",),
    "source-late": ("no answer from the power source",),
    "source-garbage": ("the power source", "answered"),
    "source-unplugged": ("the power source", "cannot be reached"),
    "source-error": ("the power source", "reports", "what was measured is void"),
    "standard-silent": ("no answer from the reference standard",),
    "standard-late": ("no answer from the reference standard",),
    "standard-garbage": ("the reference standard", "answered"),
    "standard-unplugged": ("the reference standard", "closed the connection"),
    "standard-frozen": ("the reference standard repeats its last value",),
    "source-drift": ("S0 pulses: source and standard disagree by", "more than", "W; have both checked"),
    "standard-drift": ("S0 pulses: source and standard disagree by", "more than", "W; have both checked"),
}
UNCONFIRMED = ("source-silent", "source-late", "source-garbage", "source-unplugged")
"""Whoever cannot be heard cannot be read back as off."""


def run(bench: Bench, sequence: str, dialect: str, *faults: str) -> Said:
    typed = " ".join(f"--fault line:{fault}" for fault in faults)
    return bench(f"run {sequence} --simulated --json --positions 1 --source {dialect} {typed} --type 685-381-OK-50")


def steps(said: Said, *, void: bool) -> list[str]:
    return [each["step"] for each in said.facts if each["fact"] == "step-closed" and each["void"] is void]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_of_an_instrument_blocks_the_run_and_keeps_what_was_finished(
    bench: Bench, dialect: str, fault: Fault
) -> None:
    said = run(bench, "eol", dialect, f"{fault.name}={WITHIN_S0_PULSES}")
    assert said.status == 3
    closed = said.facts[-1]
    assert closed["ending"] == "BLOCKED"
    assert all(words in closed["reason"] for words in SAID[fault.name])
    assert "internal error" not in closed["reason"]
    assert steps(said, void=False) == [*ASKED, "s0-wiring", "connections"]
    assert steps(said, void=True) == ["register", "s0-pulses", "s0-diode"]
    assert said.verdicts == {1: "NONE"}
    unconfirmed = fault.name in UNCONFIRMED
    assert any(each["fact"] == "safe" for each in said.facts) != unconfirmed
    assert closed["reason"].startswith("the source may still be on, touch nothing and switch it off") == unconfirmed


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("fault", UNCONFIRMED)
def test_a_source_that_cannot_be_heard_is_told_in_one_sentence(bench: Bench, dialect: str, fault: str) -> None:
    reason = run(bench, "eol", dialect, f"{fault}=40s").facts[-1]["reason"]
    assert reason.count("the power source at TCPIP::") == 1
    assert reason.count("; ") <= 1, reason
    assert "\n" not in reason
    assert ". " not in reason


@pytest.mark.parametrize("dialect", [*DIALECTS, "ametek"])
def test_a_source_that_wakes_up_with_its_output_on_and_other_settings_passes(bench: Bench, dialect: str) -> None:
    said = run(bench, "no-load" if dialect == "ametek" else "eol", dialect, "source-power-up")
    assert said.status == 0
    assert said.verdicts == {1: "PASS"}


@pytest.mark.parametrize("dialect", [*DIALECTS, "ametek"])
def test_a_source_that_refuses_settings_is_refused_before_anything_is_energised(bench: Bench, dialect: str) -> None:
    said = run(bench, "no-load" if dialect == "ametek" else "eol", dialect, "source-locked")
    assert said.status == 3
    assert said.facts == []
    assert said.err.startswith("bench: the power source at TCPIP::")
    assert "refused" in said.err
    assert len(said.err.splitlines()) == 1


@pytest.mark.parametrize("dialect", ["generic-scpi", "fluke-6105a", "ametek"])
def test_a_full_error_queue_is_emptied_and_what_it_held_is_told_once(bench: Bench, dialect: str) -> None:
    said = run(bench, "no-load" if dialect == "ametek" else "eol", dialect, "source-error-queue")
    assert said.status == 0
    assert said.verdicts == {1: "PASS"}
    (act,) = (each for each in said.facts if each["fact"] == "act")
    assert act["who"] == "bench"
    assert '-113,"Undefined header;LEFT OVER" and 19 more' in act["what"]


@pytest.mark.parametrize("dialect", ["zera", "zera-fg30x"])
def test_a_source_without_an_error_queue_cannot_have_it_full(bench: Bench, dialect: str) -> None:
    said = run(bench, "eol", dialect, "source-error-queue")
    assert said.status == 2
    assert "has no error queue" in said.err


def test_an_error_that_comes_while_a_load_is_changed_names_the_step_it_was_for(bench: Bench) -> None:
    said = run(bench, "eol", "generic-scpi", "source-error=33.8s")
    assert said.facts[-1]["reason"].startswith("S0 wiring: the power source")
    assert steps(said, void=False) == ASKED


@pytest.mark.parametrize("name", ["standard-silent", "standard-frozen", "source-error"])
def test_a_voltage_source_that_misbehaves_during_no_load_blocks_the_run(bench: Bench, name: str) -> None:
    said = run(bench, "no-load", "ametek", f"{name}=60s")
    assert said.status == 3
    assert all(words in said.facts[-1]["reason"] for words in SAID[name])
    assert any(each["fact"] == "safe" for each in said.facts), "it was read back as off"
    assert steps(said, void=False) == ["sign-on"]


# ---------------------------------------------------------------- a disturbance that passes

RANGE_CHANGE = "source-range-change"


def in_order(said: Said) -> list[tuple[str, bool]]:
    return [(each["step"], each["void"]) for each in said.facts if each["fact"] == "step-closed"]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_range_that_changes_voids_what_was_under_way_and_it_is_measured_once_more(bench: Bench, dialect: str) -> None:
    assert CATALOGUE[RANGE_CHANGE].ends == "COMPLETE"
    said = run(bench, "eol", dialect, f"{RANGE_CHANGE}={WITHIN_S0_PULSES}")
    assert (said.status, said.facts[-1]["ending"], said.verdicts) == (0, "COMPLETE", {1: "PASS"})
    voided = steps(said, void=True)
    assert voided == ["register", "s0-pulses", "s0-diode"]
    closed = in_order(said)
    for name in voided:
        assert closed.index((name, True)) < closed.index((name, False)), (
            f"{name} stands in the record, void and repeated"
        )


def test_a_range_that_changes_again_in_the_repetition_blocks_the_run(bench: Bench) -> None:
    said = run(bench, "eol", "generic-scpi", f"{RANGE_CHANGE}=50s", f"{RANGE_CHANGE}=70s")
    assert said.status == 3
    reason = said.facts[-1]["reason"]
    assert reason.count("L1: the source was asked for 80 A and the reference standard reads 0 A.") == 2
    assert "; it was repeated after: " in reason
    assert steps(said, void=True) == ["register", "s0-pulses", "s0-diode"] * 2
    assert said.verdicts == {1: "NONE"}


def test_the_second_of_two_disturbed_stages_is_repeated_like_the_first(bench: Bench) -> None:
    said = run(bench, "eol", "generic-scpi", f"{RANGE_CHANGE}=50s", f"{RANGE_CHANGE}=300s")
    assert (said.status, said.verdicts) == (0, {1: "PASS"})
    assert steps(said, void=True) == ["register", "s0-pulses", "s0-diode", "accuracy-0.05ib"]


def test_a_voltage_source_that_tells_of_its_range_repeats_the_no_load_test(bench: Bench) -> None:
    said = run(bench, "no-load", "ametek", f"{RANGE_CHANGE}=60s")
    assert (said.status, said.verdicts) == (0, {1: "PASS"})
    assert in_order(said)[:3] == [("sign-on", False), ("no-load", True), ("no-load", False)]
