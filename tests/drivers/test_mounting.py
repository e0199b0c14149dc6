"""Putting meters onto a simulated line: which meter comes where, and what somebody does wrong in putting it there."""

from __future__ import annotations

import pytest

from drivers.simulated.faults import FaultError, parse_fault
from drivers.simulated.mounting import Mounting
from drivers.simulated.world import Wiring
from reference_meter import TypeNumber

THREE_PHASES, ONE_PHASE = TypeNumber.parse("685-381-OK-50"), TypeNumber.parse("685-161-OK-50")
RIGHT = Wiring()


def mounting(*faults: str, meter: TypeNumber = THREE_PHASES, serials: dict[int, str] | None = None) -> Mounting:
    placed = [parse_fault(fault, 4) for fault in faults]
    return Mounting(meter, (1, 2, 3, 4), placed, serials or {}, None, "1:1")


def test_crossed_s0_wires_change_two_places_and_leave_the_others_and_the_heads_alone() -> None:
    crossed = mounting("1:crossed-s0=4")
    assert crossed.s0_of == {1: 4, 2: 2, 3: 3, 4: 1}
    assert crossed.head_on == {1: 1, 2: 2, 3: 3, 4: 4}


def test_a_meter_that_was_scanned_is_the_same_meter_at_another_position() -> None:
    here = mounting(serials={2: "21480001"}).meter_at(2)
    there = mounting(serials={3: "21480001"}).meter_at(3)
    assert here == there
    assert here.printed_number == "21480001"


def test_a_meter_that_nobody_scanned_is_one_of_its_position() -> None:
    assert mounting().meter_at(1) != mounting().meter_at(2)
    assert mounting().meter_at(1) == mounting().meter_at(1)


def test_crossed_serials_make_each_meter_tell_the_number_that_was_scanned_at_the_other() -> None:
    crossed = mounting("2:crossed-serials=3", serials={1: "21480001", 2: "21480002", 3: "21480003", 4: "21480004"})
    told = {position: crossed.meter_at(position) for position in (2, 3)}
    assert {position: meter.customer_number for position, meter in told.items()} == {2: 21480003, 3: 21480002}
    assert {position: meter.printed_number for position, meter in told.items()} == {2: "21480002", 3: "21480003"}


def test_a_serial_of_nine_digits_cannot_be_told_by_another_meter() -> None:
    crossed = mounting("2:crossed-serials=3", serials={2: "214800021", 3: "21480003"})
    with pytest.raises(FaultError, match="needs the meter number that was scanned at position 2, up to eight digits"):
        crossed.meter_at(3)


def test_an_empty_position_has_no_wires_and_its_neighbour_has() -> None:
    emptied = mounting("3:empty")
    assert not emptied.wires_at(3, RIGHT).connected
    assert emptied.wires_at(2, RIGHT) == RIGHT


def test_mixed_phases_exchange_l1_and_l2() -> None:
    assert mounting("1:phases-mixed").wires_at(1, RIGHT).voltages == (1, 0, 2)


def test_a_meter_of_one_phase_has_none_to_mix() -> None:
    with pytest.raises(FaultError, match="a 685-161-OK-50 has one phase"):
        mounting("1:phases-mixed", meter=ONE_PHASE).wires_at(1, RIGHT)


def test_a_fault_of_the_module_needs_a_meter_with_that_module() -> None:
    with pytest.raises(FaultError, match=r"needs a meter with module .*; the line is planned for 685-381-OK-50"):
        mounting("1:call-dead").meter_at(1)


def test_a_wrong_type_must_be_another_one() -> None:
    with pytest.raises(FaultError, match="the line is planned for 685-381-OK-50; name another type"):
        mounting("1:wrong-type=685-381-OK-50").meter_at(1)
