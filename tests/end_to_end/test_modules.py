"""A meter of each module code is tested with its module's step; what a module does wrong fails its own position, and no other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.facts import StepClosed
from bench.pytest_line import TestLine
from bench.station import Station
from bench.verdict import Ending, Verdict
from drivers.simulated import mounting
from drivers.simulated.faults import CATALOGUE
from drivers.simulated.physics import draw
from reference_meter.modules import MODULES
from tests.end_to_end.at_work import AtWork, at_work, station_changed
from tests.end_to_end.conftest import Bench
from tests.end_to_end.on_record import failed_steps, kept, outcomes

FAIL, NONE, PASS = Verdict.FAIL, Verdict.NONE, Verdict.PASS

CODES = [code for code in MODULES if code != "OK"]
TWO = 2
"""So many bad meters stand on a line of three: on a longer one the header has no pins left for the actuators of the arrow key."""


def lines_of_faults() -> list[tuple[str, list[str]]]:
    """Module code, and faults of that module, a line full at a time; what QR and PO do has no port that the bench could read."""
    lines = []
    for code in CODES:
        faults = [
            fault.name
            for fault in CATALOGUE.values()
            if fault.found_by == "module" and fault.family == "meter" and code in fault.module.split()
        ]
        assert faults or code in ("QR", "PO"), code
        lines += [(code, faults[k : k + TWO]) for k in range(0, len(faults), TWO)]
    return lines


@pytest.mark.parametrize("code", CODES)
@pytest.mark.line(positions=2)
def test_a_meter_of_each_module_code_passes_the_whole_end_of_line_test(line: TestLine, code: str) -> None:
    line = line.of(f"685-382-{code}-50")
    run = kept(line.run("eol"))
    steps = [closed.step for closed in line.told(StepClosed)]
    assert steps[0] == "sign-on"
    assert steps.count("module") == 1
    assert {"output-2", "pulse-input"} <= set(steps) or code != "RK"
    assert run.verdicts == {1: PASS, 2: PASS}, run.reason
    for outcome in outcomes(run, "module"):
        assert outcome.measurements


@pytest.mark.parametrize("code", ["MK", "FK"])
@pytest.mark.line(positions=5)
def test_meters_that_share_a_bus_or_several_loops_pass_together(line: TestLine, code: str) -> None:
    run = line.of(f"685-321-{code}-50").run("eol", only="module")
    assert run.verdicts == dict.fromkeys(range(1, 6), PASS), run.reason


def test_a_meter_without_a_module_has_no_such_step(bench: Bench) -> None:
    said = bench("run eol --simulated --type 685-382-OK-50 --positions 1 --only module")
    assert said.status == 2
    assert "has no step 'module'" in said.err


@pytest.mark.parametrize(("code", "faults"), lines_of_faults())
@pytest.mark.line(positions=3)
def test_each_fault_of_a_module_fails_its_position_and_no_other(line: TestLine, code: str, faults: list[str]) -> None:
    bad = dict(enumerate(faults, start=2))
    line = line.of(f"685-382-{code}-50").having(*(f"{position}:{fault}" for position, fault in bad.items()))
    run = line.run("eol", only="module")
    assert run.ending is Ending.COMPLETE
    assert run.verdicts == {1: PASS, 2: FAIL, 3: PASS, **dict.fromkeys(bad, FAIL)}
    assert all(set(failed_steps(run, position)) == {"module"} for position in bad)


@pytest.mark.meter("685-382-HK-50")
@pytest.mark.line("1:no-dial-tone", positions=2)
def test_a_telephone_line_without_dial_tone_blocks_the_run_and_judges_nobody(line: TestLine) -> None:
    run = line.run("eol", only="module")
    assert run.ending is Ending.BLOCKED
    assert "has no dial tone. Is its telephone line plugged in, and the exchange on?" in run.reason
    assert run.verdicts == {1: NONE, 2: NONE}


def test_a_fault_of_a_module_that_the_meter_has_not_is_refused(bench: Bench) -> None:
    said = bench("run eol --simulated --type 685-382-OK-50 --positions 1 --fault 1:mbus-silent")
    assert said.status == 2
    assert said.err == (
        "bench: fault mbus-silent needs a meter with module MK; the line is planned for 685-382-OK-50\n"
    )


@pytest.mark.meter("685-382-MK-50", fault="mbus-silent")
def test_a_silent_module_says_what_to_look_at(line: TestLine) -> None:
    (outcome,) = outcomes(kept(line.run("eol", only="module")), "module")
    assert "Are both wires in the module's terminals, and is the level converter on?" in outcome.note


@pytest.mark.meter("685-382-MK-50")
def test_what_a_module_told_stands_in_the_record(line: TestLine) -> None:
    (outcome,) = outcomes(kept(line.run("eol", only="module")), "module")
    frames = [telegram for telegram in outcome.telegrams if telegram.check == "m-bus"]
    assert [frame.raw[:1] + frame.raw[-1:] for frame in frames] == [b"\x68\x16"] * 2


@pytest.mark.parametrize(("code", "what"), [("QR", "the radio link"), ("PO", "the power line link")])
def test_the_record_says_what_of_a_module_without_a_public_protocol_was_not_tested(
    line: TestLine, code: str, what: str
) -> None:
    (outcome,) = outcomes(kept(line.of(f"685-382-{code}-50").run("eol", only="module")), "module")
    assert outcome.note == f"not tested: {what}: no public protocol"
    assert {each.name for each in outcome.measurements} == {"type", "total vs reference meter", "tariff registers"}


@pytest.mark.meter("685-382-RK-50")
def test_the_data_pulse_module_is_read_in_mode_a_and_natively_and_both_agree(line: TestLine) -> None:
    (outcome,) = outcomes(kept(line.run("eol", only="module")), "module")
    assert outcome.note == ""
    assert [each.value for each in outcome.measurements if each.name == "native vs optical head"] == ["agree"]
    assert [telegram.raw[:5] for telegram in outcome.telegrams if telegram.check == "lrc"] == [b"HFE90", b"HFE95"]


@pytest.mark.meter("685-382-RK-50")
def test_a_data_pulse_module_of_a_meter_that_speaks_mode_a_alone_is_not_asked_natively(
    line: TestLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mounting, "draw", lambda meter, rng: replace(draw(meter, rng), speaks_native=False))
    run = kept(line.run("eol", only="module"))
    assert run.verdicts == {1: PASS}
    (outcome,) = outcomes(run, "module")
    assert outcome.note == "not tested: the native protocol: the port answers mode A alone"
    assert "native vs optical head" not in {each.name for each in outcome.measurements}


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("FK", "all meters of the loop would answer the one address that is known"),
        ("IK", "the module's UART has one baud rate, 300"),
    ],
)
def test_where_a_module_is_not_asked_natively_the_record_says_why(line: TestLine, code: str, why: str) -> None:
    (outcome,) = outcomes(kept(line.of(f"685-382-{code}-50").run("eol", only="module")), "module")
    assert outcome.note == f"not tested: the native protocol at 1200 baud: {why}"


def without_module_ports(station: Station) -> Station:
    return replace(
        station,
        positions=tuple(replace(each, modules={}, tariff_pin=None, supply_pin=None) for each in station.positions),
    )


@pytest.mark.parametrize(
    ("code", "note", "left"),
    [
        ("HK", "not tested: position 1 has no port for a module HK (modules.HK in the station file)", 0),
        ("MK", "not tested: position 1 has no port for a module MK (modules.MK in the station file)", 0),
        ("WK", "not tested: position 1 has no tariff relay (tariff_pin in the station file)", 0),
        ("SK", "not tested: position 1 has no contact for the supply voltage (supply_pin in the station file)", 1),
    ],
)
def test_what_the_station_has_no_port_for_is_left_out_and_the_record_names_it(
    line: TestLine, code: str, note: str, left: int
) -> None:
    async def scene(work: AtWork) -> None:
        run = await (await work.start(only="module"))
        assert run.ending is Ending.COMPLETE
        (outcome,) = outcomes(run, "module")
        assert outcome.note == note
        assert len(outcome.measurements) == left
        assert outcome.verdict is (PASS if left else NONE)

    with station_changed(without_module_ports):
        at_work(line.of(f"685-382-{code}-50"), scene)


@pytest.mark.meter("685-382-RK-50")
def test_an_adapter_unplugged_in_mid_step_blocks_the_run(line: TestLine) -> None:
    async def scene(work: AtWork) -> None:
        testing = await work.start(only="module")
        await work.until_step("Module RK: data/pulse, relay output")
        work.line._modules.close()
        run = await testing
        assert run.ending is Ending.BLOCKED
        assert "the serial output of the data/pulse module on simulated://serial-1 cannot be opened" in run.reason
        work.assert_safe()

    at_work(line, scene)


@pytest.mark.meter("685-382-WK-50")
def test_the_tariff_relay_has_dropped_when_a_run_is_aborted(line: TestLine) -> None:
    async def scene(work: AtWork) -> None:
        testing = await work.start(only="module")
        relay = work.line.pin_factory.pin("GPIO10")
        await work.until(lambda: bool(relay.state))
        await work.engine.abort("4711")
        run = await testing
        assert run.ending is Ending.ABORTED
        assert not relay.state

    at_work(line, scene)
