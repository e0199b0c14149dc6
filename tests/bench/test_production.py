"""Production of an ordered module begins only where every position can test it, or the profile says that it is not tested."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.plan import Plan, make_plan
from bench.production import untestable
from bench.profile import STANDARD, Profile
from bench.sequences import sequence_named
from bench.station import PositionDescription
from reference_meter import TypeNumber

BARE = PositionDescription(1, "GPIO4", "/dev/null")


def plan(code: str, profile: Profile = STANDARD) -> Plan:
    return make_plan("eol", sequence_named("eol"), TypeNumber.parse(f"685-381-{code}-50"), profile)


def wired(number: int, **keys: object) -> PositionDescription:
    return replace(BARE, number=number, **keys)  # type: ignore[arg-type]  # a test names keys of the station file


def test_a_data_pulse_module_needs_its_port_its_output_and_its_input_at_every_position() -> None:
    whole = {"modules": {"RK": "/dev/rk"}, "output_2_pin": "GPIO5", "contact_pin": "GPIO6"}
    assert untestable(plan("RK"), [wired(1, **whole), wired(2, **whole)]) == ""
    found = untestable(plan("RK"), [wired(1, **whole), *(wired(k, modules={"RK": "/dev/rk"}) for k in (2, 3, 4))])
    assert found == (
        "Pulse output 2 cannot be tested at positions 2 to 4 (output_2_pin in the station file), "
        "Pulse input cannot be tested at positions 2 to 4 (contact_pin in the station file): "
        "wire it, or let the profile say that it is not tested (leave_out: output-2, pulse-input)"
    )


@pytest.mark.parametrize(
    ("code", "keys"),
    [
        ("OK", ()),
        ("SK", ("supply_pin",)),
        ("QR", ()),  # no public protocol: no wire would help
        ("MK", ("modules.MK",)),
        ("EK", ("tariff_pin",)),
        ("HK", ("modules.HK", "telephone", "button_pin")),
        ("WK", ("tariff_pin",)),
        ("FK", ("modules.FK", "tariff_pin")),
        ("YN", ("modules.YN", "telephone")),
        ("PO", ()),
        ("IK", ("modules.IK",)),
    ],
)
def test_each_module_needs_the_wires_of_its_parts(code: str, keys: tuple[str, ...]) -> None:
    assert tuple(key for step in plan(code).steps for key in step.wired_to()) == keys
    found = untestable(plan(code), [BARE])
    assert all(f"cannot be tested at position 1 ({key} in the station file)" in found for key in keys)
    assert bool(found) == bool(keys)


def test_a_modem_meter_ordered_without_call_needs_no_actuator() -> None:
    without_call = Profile(display_options="12345678")
    there = wired(1, modules={"HK": "/dev/modem"}, telephone="0123")
    assert untestable(plan("HK", without_call), [there]) == ""
    assert "button_pin" in untestable(plan("HK"), [there])


def test_what_the_profile_leaves_out_holds_no_production_back_and_is_named() -> None:
    said = plan("RK", Profile(name="no wires", leave_out=("output-2", "pulse-input")))
    assert untestable(said, [wired(1, modules={"RK": "/dev/rk"})]) == ""
    assert [str(each) for each in said.left_out] == [
        "Pulse output 2, by the profile no wires",
        "Pulse input, by the profile no wires",
    ]


def test_a_step_that_needs_no_wire_is_not_left_out() -> None:
    with pytest.raises(ValueError, match=r"leave_out names 'output-2'.*display, label-and-seals$"):
        plan("OK", Profile(leave_out=("output-2",)))
