"""One pin has several names, and they are all the same pin."""

from __future__ import annotations

import pytest
from gpiozero.pins.mock import MockFactory

from bench.pin_names import header_pin, same_pin


@pytest.mark.parametrize("name", ["GPIO4", "4", "BCM4", "J8:7", "BOARD7", "WPI7"])
def test_every_name_of_a_pin_is_the_same_pin(name: str) -> None:
    assert header_pin(name) == "GPIO4"


@pytest.mark.parametrize("name", ["GPIO28", "GPIO04", "gpio4", "J8:1", "BOARD41", "WPI17", "WPI99", "", "gpiochip0:4"])
def test_what_the_header_has_not_is_no_pin_and_stands_for_itself(name: str) -> None:
    assert header_pin(name) is None
    assert same_pin(name) == name


def test_gpiozero_gives_every_pin_the_same_names() -> None:
    header = MockFactory(revision="c03114").board_info.headers["J8"]
    names = {name: pin.name for pin in header.pins.values() for name in pin.names if isinstance(name, str)}
    assert len(names) > 100
    for name, pin in names.items():
        assert header_pin(name) == (pin if pin.startswith("GPIO") else None), name
