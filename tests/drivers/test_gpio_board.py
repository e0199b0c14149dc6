"""The pins of a computer from its GPIO chips: a Raspberry Pi with an expander, and computers that are none."""

from __future__ import annotations

from pathlib import Path

import pytest
from gpiozero.pins.pi import PiBoardInfo

from drivers.gpio_board import make_board
from drivers.gpio_chips import GpioChip, NoGpioHere, find_chips, header_chip

PI_4 = GpioChip("/dev/gpiochip0", "gpiochip0", "pinctrl-bcm2711", 58)
PI_5 = GpioChip("/dev/gpiochip4", "gpiochip4", "pinctrl-rp1", 54)
OTHER = GpioChip("/dev/gpiochip0", "gpiochip0", "gpio-brcmstb@107d508500", 32)
EXPANDER = GpioChip("/dev/gpiochip1", "gpiochip1", "mcp23017", 16)
HEADER = PiBoardInfo.from_revision(0xC03114)


@pytest.mark.parametrize(
    "name", ["GPIO17", 17, "17", "BCM17", "J8:11", "BOARD11", "WPI0", "gpiochip0:17", "pinctrl-bcm2711:17"]
)
def test_a_pin_of_the_header_keeps_gpiozeros_names_and_has_those_of_its_line(name: int | str) -> None:
    board = make_board((PI_4, EXPANDER), HEADER)
    assert board.place(name) == (PI_4, 17)
    ((_, pin),) = board.info.find_pin(name)
    assert pin.name == "GPIO17"


def test_a_line_of_the_headers_chip_that_is_not_on_the_header_and_every_line_of_an_expander_are_pins_too() -> None:
    board = make_board((PI_4, EXPANDER), HEADER)
    assert board.place("gpiochip0:42") == (PI_4, 42)
    assert board.place("mcp23017:15") == board.place("gpiochip1:15") == (EXPANDER, 15)
    for name in ("mcp23017:16", "gpiochip0:58", "GPIO42", "3V3", "J8:1", "gpiochip9:0"):
        assert board.place(name) is None, name


def test_the_header_is_found_by_its_label_wherever_its_chip_stands() -> None:
    board = make_board((OTHER, PI_5, EXPANDER), PiBoardInfo.from_revision(0xC04170))
    assert board.place("GPIO17") == board.place("gpiochip4:17") == (PI_5, 17)
    assert board.place("gpiochip0:17") == (OTHER, 17)


def test_a_symbolic_link_to_a_chip_is_a_name_of_it() -> None:
    chip = GpioChip("/dev/gpiochip0", "gpiochip0", "pinctrl-rp1", 54, aliases=frozenset({"gpiochip4"}))
    board = make_board((chip,), PiBoardInfo.from_revision(0xC04170))
    assert board.place("gpiochip4:17") == board.place("GPIO17") == (chip, 17)


def test_the_label_of_two_equal_expanders_names_neither() -> None:
    other = GpioChip("/dev/gpiochip2", "gpiochip2", "mcp23017", 16)
    board = make_board((PI_4, EXPANDER, other), HEADER)
    assert board.place("mcp23017:0") is None
    assert board.place("gpiochip2:0") == (other, 0)


def test_the_only_chip_of_another_computer_has_the_numbers_of_its_lines_as_names() -> None:
    board = make_board((EXPANDER,))
    assert board.place("GPIO5") == board.place(5) == board.place("mcp23017:5") == (EXPANDER, 5)
    assert header_chip((EXPANDER,)) is EXPANDER


def test_a_computer_with_several_chips_and_no_header_has_pins_by_chip_alone() -> None:
    board = make_board((OTHER, EXPANDER), HEADER)
    assert board.place("GPIO5") is None
    assert board.place("gpiochip1:5") == (EXPANDER, 5)
    assert header_chip((OTHER, EXPANDER)) is None


def test_a_folder_without_a_chip_is_told(tmp_path: Path) -> None:
    with pytest.raises(NoGpioHere, match="there is no GPIO chip"):
        find_chips(tmp_path)
