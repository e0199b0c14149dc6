"""Every way an instrument of the bench can fail, on every dialect that can run the end-of-line test, as a user would type it."""

from __future__ import annotations

import pytest

from drivers.simulated.faults import CATALOGUE, Fault
from tests.end_to_end.conftest import Bench

FAULTS = [fault for fault in CATALOGUE.values() if fault.family == "bench"]
SAID = {
    "silent": ("no answer from",),
    "late": ("no answer from",),
    "garbage": ("answered",),
    "unplugged": ("closed the connection",),
}


@pytest.mark.parametrize("dialect", ["generic-scpi", "zera", "zera-fg30x", "fluke-6105a"])
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_of_an_instrument_blocks_the_run_and_keeps_what_was_finished(
    bench: Bench, dialect: str, fault: Fault
) -> None:
    late = {"s0-wiring": "3s", "sign-on": "6s"}[fault.found_by]
    said = bench(f"run eol --simulated --json --positions 1 --source {dialect} --fault line:{fault.name}={late}",
                 "--type", "685-381-OK-50")  # fmt: skip
    assert said.status == 3
    closed = said.facts[-1]
    assert closed["ending"] == "BLOCKED"
    assert "\n" not in closed["reason"]
    assert "internal error" not in closed["reason"]
    instrument, _, kind = fault.name.partition("-")
    name = "power source" if instrument == "source" else "reference standard"
    assert any(words in closed["reason"] and name in closed["reason"] for words in SAID[kind])
    assert ("the source may still be on" in closed["reason"]) == (instrument == "source")
    finished = [each["step"] for each in said.facts if each["fact"] == "step-closed" and not each["void"]]
    assert finished == (["sign-on", "display", "label-and-seals"] if fault.found_by == "s0-wiring" else [])
    assert said.verdicts == {1: "NONE"}


def test_a_voltage_source_that_falls_silent_during_no_load_blocks_the_run(bench: Bench) -> None:
    said = bench("run no-load --simulated --json --positions 1 --source ametek --fault line:standard-silent=6s")
    assert said.status == 3
    assert "no answer from the reference standard" in said.facts[-1]["reason"]
    assert any(each["fact"] == "safe" for each in said.facts), "it was read back as off"
