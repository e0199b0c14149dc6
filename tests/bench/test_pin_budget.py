"""The pin budget on the chips of a computer: a Raspberry Pi 4 with an expander."""

from __future__ import annotations

from bench.doctor import State
from bench.pin_budget import check_budget
from bench.station import PositionDescription, SafetyDescription, SourceDescription, Station
from drivers.gpio_chips import GpioChip

PI = GpioChip("/dev/gpiochip0", "gpiochip0", "pinctrl-bcm2711", 58, taken={2: "i2c", 20: "bench[812]", 42: "ACT"})
FIRMWARE = GpioChip("/dev/gpiochip1", "gpiochip1", "raspberrypi-exp-gpio", 8)
EXPANDER = GpioChip("/dev/gpiochip2", "gpiochip2", "mcp23017", 16, taken={8: "cat"})
CHIPS = (PI, FIRMWARE, EXPANDER)


def station(*bypasses: str, door: str | None = None, red: str | None = None) -> Station:
    positions = tuple(
        PositionDescription(k, f"GPIO{k + 3}", f"/dev/ttyUSB{k}", bypass) for k, bypass in enumerate(bypasses, 1)
    )
    source = SourceDescription("TCPIP::192.0.2.10::5025::SOCKET")
    return Station("EOL 3", source, positions, safety=SafetyDescription(door_pin=door, red_pin=red))


def faults(checked: Station, chips: tuple[GpioChip, ...] = CHIPS) -> list[str]:
    return [each.found for each in check_budget(checked, chips) if each.state is State.FAULT]


def test_lines_used_and_free_are_told_for_each_chip_in_use() -> None:
    findings = check_budget(station("mcp23017:0", "gpiochip2:1", door="GPIO20"), CHIPS)
    assert [(each.state, each.check, each.found) for each in findings] == [
        (State.FIT, "pins of gpiochip0", "the header: 3 of 28 lines used, 24 free"),
        (State.FIT, "pins of gpiochip2", "mcp23017: 2 of 16 lines used, 13 free"),
    ]


def test_one_line_under_two_names_of_its_chip_is_used_twice() -> None:
    assert faults(station("mcp23017:0", "gpiochip2:0")) == [
        "line 0 of gpiochip2 is used twice: position 1 bypass_pin (mcp23017:0) and position 2 bypass_pin (gpiochip2:0)"
    ]


def test_a_line_of_another_program_is_a_fault_and_one_of_the_bench_itself_is_not() -> None:
    assert faults(station("mcp23017:8")) == ["position 1 bypass_pin: mcp23017:8 is in use by cat"]
    assert faults(station("GPIO16", red="GPIO20")) == []
    assert faults(station("GPIO2")) == ["position 1 bypass_pin: GPIO2 is in use by i2c"]


def test_a_chip_or_a_line_that_is_not_there_is_told_with_the_chips_that_are() -> None:
    told = faults(station("pca9555:0", "mcp23017:16"))
    assert [each.split(";")[0] for each in told] == [
        "position 1 bypass_pin: there is no pca9555:0 here",
        "position 2 bypass_pin: there is no mcp23017:16 here",
    ]
    assert "gpiochip2 (mcp23017, 16 lines)" in told[0]


def test_the_label_of_two_equal_expanders_names_neither_and_their_own_names_do() -> None:
    other = GpioChip("/dev/gpiochip3", "gpiochip3", "mcp23017", 16)
    (told,) = faults(station("mcp23017:0", "gpiochip3:0"), (*CHIPS, other))
    assert told.startswith("position 1 bypass_pin: there is no mcp23017:0 here")


def test_a_computer_with_several_chips_and_no_header_has_no_pin_of_a_header() -> None:
    told = faults(station("gpiochip2:0"), (FIRMWARE, EXPANDER))
    assert told[0].startswith("position 1 s0_pin: there is no GPIO4 here")


def test_s0_on_a_chip_that_only_its_number_makes_look_like_the_headers_is_a_fault() -> None:
    swapped = (
        GpioChip("/dev/gpiochip0", "gpiochip0", "mcp23017", 16),
        GpioChip("/dev/gpiochip1", "gpiochip1", "pinctrl-rp1", 54),
    )
    positions = (PositionDescription(1, "gpiochip0:4", "/dev/ttyUSB0"),)
    (told,) = faults(Station("EOL 3", SourceDescription("ASRL1::INSTR"), positions), swapped)
    assert told == "position 1 s0_pin: gpiochip0:4 is a line of mcp23017, whose edges are stamped late"


def test_every_pin_of_a_position_is_counted_and_those_whose_edges_are_measured_need_the_header() -> None:
    position = PositionDescription(
        1,
        "GPIO4",
        "/dev/ttyUSB0",
        diode_pin="GPIO5",
        output_2_pin="mcp23017:0",
        contact_pin="mcp23017:1",
        button_pin="mcp23017:2",
    )
    checked = Station("EOL 3", SourceDescription("ASRL1::INSTR"), (position,))
    assert faults(checked) == [
        "position 1 output_2_pin: mcp23017:0 is a line of mcp23017, whose edges are stamped late"
    ]
    assert [each.found for each in check_budget(checked, CHIPS) if each.state is State.FIT] == [
        "the header: 2 of 28 lines used, 24 free",
        "mcp23017: 3 of 16 lines used, 12 free",
    ]
