"""What our own pin factory does beyond lgpio: lost edges counted, lines of any chip, outputs and holders told."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from typing import Any

import pytest
from gpiozero import Device, InputDevice
from gpiozero.exc import GPIOPinInUse, PinInvalidPin

from bench.doctor import State
from bench.examination import _open_pins
from bench.station import PositionDescription, SourceDescription, Station
from drivers.bypass import Bypass
from drivers.gpio_chips import find_chips
from drivers.gpiod_pins import KEPT_EDGES, GpiodFactory
from tests.metal.conftest import SimulatedChip
from tests.metal.test_contract import pulses

Make = Callable[[str], Any]


def test_bursts_on_twelve_inputs_are_whole_or_their_loss_is_counted(
    header: SimulatedChip, listener: Callable[..., Any]
) -> None:
    lines = list(range(4, 16))
    apart = listener("gpiod", *(f"GPIO{line}" for line in lines))
    pulses(header, lines, 200, 0.0005)
    report = apart.report()
    for seen, anomalies, lost in zip(report["pulses"], report["anomalies"], report["lost"], strict=True):
        assert seen == 200 or anomalies + lost > 0


@pytest.mark.parametrize(("name", "kept"), [("gpiod", KEPT_EDGES), ("lgpio", 16)])
def test_edges_that_came_while_the_process_was_stopped_are_counted_by_gpiod_and_not_by_lgpio(
    name: str, kept: int, header: SimulatedChip, listener: Callable[..., Any]
) -> None:
    apart = listener(name, "GPIO22")
    os.kill(apart.process.pid, signal.SIGSTOP)
    time.sleep(0.2)
    pulses(header, [22], 600, 0.0005)
    os.kill(apart.process.pid, signal.SIGCONT)
    time.sleep(0.5)
    report = apart.report()
    assert report["anomalies"] == [0]  # what is left alternates as if nothing were missing
    assert report["pulses"] == [kept // 2]
    assert report["lost"] == ([1200 - KEPT_EDGES] if name == "gpiod" else [0])


def test_an_output_sits_on_an_expander_under_both_names_of_its_chip(
    make: Make, header: SimulatedChip, expander: SimulatedChip
) -> None:
    factory = make("gpiod")
    bypass = Bypass("mcp23017:3", pin_factory=factory)
    bypass.take_out()
    assert (expander.level(3), header.level(3)) == (1, 0)
    with pytest.raises(GPIOPinInUse):
        Bypass(f"{expander.name}:3", pin_factory=factory)
    bypass.close()
    assert expander.level(3) == 0


def test_a_pin_of_the_header_is_a_line_of_its_chip(make: Make, header: SimulatedChip) -> None:
    factory = make("gpiod")
    bypass = Bypass(f"{header.name}:17", pin_factory=factory)
    bypass.take_out()
    assert header.level(17) == 1
    for name in ("GPIO17", 17, "J8:11", "pinctrl-bcm2711:17"):
        with pytest.raises(GPIOPinInUse):
            InputDevice(name, pull_up=True, pin_factory=factory)
    bypass.close()


def test_lgpio_knows_no_line_of_a_chip(make: Make) -> None:
    with pytest.raises(PinInvalidPin):
        Bypass("mcp23017:3", pin_factory=make("lgpio"))


def test_who_holds_a_line_is_named(make: Make, header: SimulatedChip, listener: Callable[..., Any]) -> None:
    apart = listener("gpiod", "GPIO23")
    holder = f"bench[{apart.process.pid}]"
    with pytest.raises(
        GPIOPinInUse, match=rf"GPIO23 \(line 23 of {header.name}\) is in use by bench\[{apart.process.pid}\]"
    ):
        InputDevice("GPIO23", pull_up=True, pin_factory=make("gpiod"))
    (chip,) = (each for each in find_chips() if each.name == header.name)
    assert chip.taken == {23: holder}


def test_listening_again_does_not_bring_edges_of_the_time_between(make: Make, header: SimulatedChip) -> None:
    seen: list[int] = []

    def edge(ticks: float, state: int) -> None:
        seen.append(state)

    with InputDevice("GPIO25", pull_up=True, pin_factory=make("gpiod")) as device:
        device.pin.when_changed = edge
        header.drive(25, 0)
        time.sleep(0.2)
        device.pin.when_changed = None
        header.drive(25, 1)
        header.drive(25, 0)
        device.pin.when_changed = edge  # it pulls up again, and gpio-sim has one pull for both sides
        header.drive(25, 0)
        header.drive(25, 1)
        time.sleep(0.2)
        assert seen == [0, 0, 1]
        assert device.pin.lost_edges == 0


def test_gpiozeros_own_variable_chooses_the_factory(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "gpiod")
    factory = Device._default_pin_factory()
    assert type(factory) is GpiodFactory
    factory.close()


def test_the_doctor_opens_the_inputs_and_counts_the_lines_of_each_chip(
    make: Make, header: SimulatedChip, expander: SimulatedChip
) -> None:
    positions = (
        PositionDescription(1, "GPIO4", "/dev/null", "mcp23017:0"),
        PositionDescription(2, "GPIO5", "/dev/null"),
    )
    findings = _open_pins(Station("EOL 3", SourceDescription("TCPIP::192.0.2.10::5025::SOCKET"), positions), None)
    assert {each.state for each in findings} == {State.FIT}
    found = {each.check: each.found for each in findings}
    assert found[f"pins of {header.name}"] == "the header: 2 of 28 lines used, 26 free"
    assert found[f"pins of {expander.name}"] == "mcp23017: 1 of 16 lines used, 15 free"
    assert found["pin factory"] == "gpiod"
