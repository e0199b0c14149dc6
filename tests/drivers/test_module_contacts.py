"""The contacts of modules, on the simulated pins."""

from __future__ import annotations

import pytest

from drivers.module_contacts import SupplyContact, TariffRelay
from drivers.simulated.pins import SimulatedPin, SimulatedPinFactory


@pytest.fixture
def factory() -> SimulatedPinFactory:
    return SimulatedPinFactory(lambda: 0.0)


def pin(factory: SimulatedPinFactory, name: str) -> SimulatedPin:
    made = factory.pin(name)
    assert isinstance(made, SimulatedPin)
    return made


def test_the_relay_asks_for_tariff_2_while_it_is_on_and_drops_when_it_is_let_go(factory: SimulatedPinFactory) -> None:
    seen: list[bool] = []
    pin(factory, "GPIO10").on_output = lambda on: seen.append(bool(on))
    relay = TariffRelay("GPIO10", pin_factory=factory)
    for tariff in (2, 1, 2):
        relay.select(tariff)
    relay.close()
    assert seen == [True, False, True, False]


def test_the_supply_pulls_its_pin_low(factory: SimulatedPinFactory) -> None:
    contact = SupplyContact("GPIO22", pin_factory=factory)
    assert not contact.closed
    pin(factory, "GPIO22").edge(0.0, level=False)
    assert contact.closed
    contact.close()
