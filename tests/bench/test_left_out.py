"""What a run left out at a position for want of a wire, as whoever reads its verdicts is told."""

from __future__ import annotations

from bench.left_out import not_wired
from bench.module_ports import NotWired
from bench.record import MeterUnderTest, Outcome, Run, Step
from bench.terminals import Terminals
from bench.verdict import Verdict

HEAD = ("r", "eol", "685-381-RK-50", "production", "s", "", "", "h", "{}", "bench", None, "2026-01-01T00:00Z")


def no_input(position: int) -> str:
    return f"not tested: position {position} has no input for pulse output 2 (output_2_pin in the station file)"


def no_contact(position: int) -> str:
    return f"not tested: position {position} has no contact at the pulse input (contact_pin in the station file)"


def step(number: int, title: str, *notes: str, void: bool = False) -> Step:
    found = tuple(Outcome(k, Verdict.PASS, void, note=note) for k, note in enumerate(notes, start=1))
    return Step(number, title.lower(), title, 0.0, 1.0, "", found)


def run(*steps: Step) -> Run:
    return Run(*HEAD, tuple(MeterUnderTest(each.position, "") for each in steps[0].outcomes), steps=steps)


def test_positions_that_lack_the_same_share_a_line_and_each_step_has_its_own() -> None:
    found = run(
        step(1, "Pulse output 2", *map(no_input, (1, 2, 3, 4))),
        step(2, "Accuracy Ib", "", "", "", ""),
        step(3, "Pulse input", "", no_contact(2), "", no_contact(4)),
    )
    assert not_wired(found) == (
        "not tested at positions 1 to 4: Pulse output 2: no input for pulse output 2",
        "not tested at positions 2 and 4: Pulse input: no contact at the pulse input",
    )


def test_a_module_names_each_of_its_parts_once() -> None:
    """As a position without either notes them, after whatever else stands in the note."""
    loop = "not tested: position 1 has no port for a module FK (modules.FK in the station file)"
    relay = "not tested: position 1 has no tariff relay (tariff_pin in the station file)"
    assert not_wired(run(step(1, "Module FK: tariff", f"retested; {loop}; {relay}"))) == (
        "not tested at position 1: Module FK: tariff: no port for a module FK, no tariff relay",
    )


def test_what_is_not_for_want_of_a_wire_is_not_told() -> None:
    notes = (
        "not tested: position 1 speaks mode A alone",
        "not tested: parking 2 meters takes longer than it saves",
        "position 3: 0 S0 pulses where 500 are expected",
    )
    assert not_wired(run(step(1, "Parking", *notes))) == ()


def test_a_step_that_is_void_says_nothing_of_what_is_wired() -> None:
    assert not_wired(run(step(1, "Pulse output 2", no_input(1), void=True))) == ()


def test_what_a_position_says_it_has_not_is_understood() -> None:
    lacking = []
    for key in ("diode", "output_2", "pulse_input"):
        try:
            getattr(Terminals(3), key)
        except NotWired as reason:
            lacking.append(f"not tested: {reason}")
    found = run(step(1, "All", "", "", "; ".join(lacking)))
    assert not_wired(found) == (
        "not tested at position 3: All: no scanning head at the S0 diode, no input for pulse output 2, "
        "no contact at the pulse input",
    )
