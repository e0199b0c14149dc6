"""One pin has several names, and they are all the same pin."""

from __future__ import annotations

import pytest
from gpiozero.pins.mock import MockFactory

from bench.pin_names import ChipLine, Use, chip_line, header_pin, same_pin, why_not


@pytest.mark.parametrize(
    "name", ["GPIO4", "4", "BCM4", "J8:7", "BOARD7", "WPI7", "gpiochip0:4", "pinctrl-bcm2711:4", "pinctrl-rp1:4"]
)
def test_every_name_of_a_pin_is_the_same_pin(name: str) -> None:
    assert header_pin(name) == "GPIO4"


@pytest.mark.parametrize(
    "name", ["GPIO28", "GPIO04", "gpio4", "J8:1", "BOARD41", "WPI17", "WPI99", "", "gpiochip0:28", "gpiochip1:4"]
)
def test_what_the_header_has_not_is_no_pin_and_stands_for_itself(name: str) -> None:
    assert header_pin(name) is None
    assert same_pin(name) == name


def test_gpiozero_gives_every_pin_the_same_names() -> None:
    header = MockFactory(revision="c03114").board_info.headers["J8"]
    names = {name: pin.name for pin in header.pins.values() for name in pin.names if isinstance(name, str)}
    assert len(names) > 100
    for name, pin in names.items():
        assert header_pin(name) == (pin if pin.startswith("GPIO") else None), name


def test_a_line_of_a_chip_is_told_from_a_pin_of_the_header() -> None:
    assert chip_line("gpiochip1:5") == ChipLine("gpiochip1", 5)
    assert chip_line("INT33FF:00:12") == ChipLine("INT33FF:00", 12)
    assert chip_line("gpiochip0:17") == ChipLine("gpiochip0", 17)
    assert [chip_line(name) for name in ("J8:7", "GPIO4", "gpiochip1:", ":5", "gpiochip1:05", "a b:1")] == [None] * 6


@pytest.mark.parametrize("use", list(Use))
@pytest.mark.parametrize("name", ["GPIO17", "J8:11", "gpiochip0:17", "pinctrl-rp1:17"])
def test_a_pin_of_the_header_serves_every_use(name: str, use: Use) -> None:
    assert why_not(name, use=use, pin_factory="gpiod") == ""


def test_an_expander_serves_outputs_and_neither_s0_nor_the_safety_circuit() -> None:
    assert why_not("mcp23017:3", use=Use.OUTPUT, pin_factory="gpiod") == ""
    assert "stamped late" in why_not("mcp23017:3", use=Use.MEASURED, pin_factory="gpiod")
    assert "broken wire" in why_not("mcp23017:3", use=Use.SAFETY, pin_factory="gpiod")


def test_another_factory_knows_no_lines_of_chips_and_it_is_said_what_to_write_instead() -> None:
    told = why_not("gpiochip0:17", use=Use.MEASURED, pin_factory="lgpio")
    assert "give GPIO17" in told
    assert 'pin_factory = "gpiod"' in told
    assert "give a pin of the header" in why_not("mcp23017:3", use=Use.OUTPUT, pin_factory="lgpio")
    assert why_not("GPIO17", use=Use.MEASURED, pin_factory="lgpio") == ""
