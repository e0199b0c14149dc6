"""What both pin factories do on a real kernel: gpiozero → factory → /dev/gpiochip → gpio-sim."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from gpiozero import DigitalOutputDevice, InputDevice
from gpiozero.exc import GPIOPinInUse

from drivers.bypass import Bypass
from drivers.pin_health import deaf
from drivers.s0 import Pulse, S0Input
from tests.metal.conftest import SimulatedChip

PULSES = Path(__file__).with_name("pulses.py")


def pulses(chip: SimulatedChip, lines: list[int], count: int, half_period: float) -> None:
    """Pulses from a process of its own, as meters give them."""
    files = [str(chip.pull_file(line)) for line in lines]
    subprocess.run([sys.executable, "-S", str(PULSES), str(count), str(half_period), *files], check=True, timeout=60)


def test_every_edge_arrives_with_its_level_and_a_stamp_of_the_moment_it_was_made(
    factory: Any, header: SimulatedChip
) -> None:
    seen: list[tuple[float, int]] = []

    def edge(ticks: float, state: int) -> None:
        seen.append((ticks, state))

    made = []
    with InputDevice("GPIO4", pull_up=True, pin_factory=factory) as device:
        device.pin.edges = "both"
        device.pin.when_changed = edge
        for level in (0, 1) * 20:
            before = time.monotonic()
            header.drive(4, level)
            made.append((before, time.monotonic(), level))
            time.sleep(0.005)
        time.sleep(0.2)
        device.pin.when_changed = None
    assert [state for _, state in seen] == [level for _, _, level in made]
    for (ticks, _), (before, after, _) in zip(seen, made, strict=True):
        assert before <= ticks <= after


def test_the_width_of_a_30_ms_pulse_is_that_of_the_stimulus(factory: Any, header: SimulatedChip) -> None:
    made: list[tuple[float, float]] = []

    async def main() -> list[Pulse]:
        s0 = S0Input("GPIO5", pin_factory=factory)
        measured: list[Pulse] = []
        s0.listen(measured.append)
        for _ in range(5):
            a = time.monotonic()
            header.drive(5, 0)
            b = time.monotonic()
            await asyncio.sleep(0.030)
            c = time.monotonic()
            header.drive(5, 1)
            made.append((1e3 * (c - b), 1e3 * (time.monotonic() - a)))
            await asyncio.sleep(0.030)
        await asyncio.sleep(0.2)
        s0.close()
        assert (s0.anomalies, s0.lost_edges) == (0, 0)
        return measured

    measured = asyncio.run(main())
    assert len(measured) == 5
    for pulse, (shortest, longest) in zip(measured, made, strict=True):
        assert shortest <= pulse.width_ms <= longest


def test_twelve_meters_at_their_highest_rate_lose_no_pulse(
    name: str, header: SimulatedChip, listener: Callable[..., Any]
) -> None:
    lines = list(range(4, 16))
    apart = listener(name, *(f"GPIO{line}" for line in lines))
    pulses(header, lines, 20, 0.022)  # 23 pulses/s: 82.8 kW at 1000 pulses/kWh
    report = apart.report()
    assert report["pulses"] == [20] * 12
    assert report["anomalies"] == report["lost"] == [0] * 12


def test_the_bypass_moves_its_line_and_begins_and_ends_off(factory: Any, header: SimulatedChip) -> None:
    bypass = Bypass("GPIO16", pin_factory=factory)
    assert header.level(16) == 0
    bypass.take_out()
    assert (header.level(16), bypass.out) == (1, True)
    bypass.put_in()
    assert (header.level(16), bypass.out) == (0, False)
    bypass.take_out()
    bypass.close()
    assert header.level(16) == 0


def test_an_output_may_begin_high_and_may_be_active_low(factory: Any, header: SimulatedChip) -> None:
    with DigitalOutputDevice("GPIO17", active_high=False, initial_value=False, pin_factory=factory) as output:
        assert header.level(17) == 1
        output.on()
        assert header.level(17) == 0


@pytest.mark.parametrize(("pull_up", "level"), [(True, 1), (False, 0)])
def test_the_pull_stands_on_the_line_and_the_active_level_follows_it(
    factory: Any, header: SimulatedChip, pull_up: bool, level: int
) -> None:
    header.drive(6, 1 - level)
    with InputDevice("GPIO6", pull_up=pull_up, pin_factory=factory) as device:
        assert header.level(6) == level
        assert not device.is_active
        header.drive(6, 1 - level)
        assert device.is_active
        assert device.pull_up is pull_up


def test_a_pin_has_all_its_names_and_is_given_once(factory: Any) -> None:
    with InputDevice("J8:11", pull_up=True, pin_factory=factory) as device:
        assert device.pin.info.name == "GPIO17"
        with pytest.raises(GPIOPinInUse, match="GPIO17 is already in use"):
            InputDevice("BCM17", pull_up=True, pin_factory=factory)


def test_a_line_of_another_process_is_refused_and_free_when_that_process_was_killed(
    factory: Any, name: str, listener: Callable[..., Any]
) -> None:
    apart = listener(name, "GPIO18")
    with pytest.raises(Exception, match=re.compile("busy|in use", re.IGNORECASE)):
        InputDevice("GPIO18", pull_up=True, pin_factory=factory)
    apart.process.kill()
    apart.process.wait()
    InputDevice("GPIO18", pull_up=True, pin_factory=factory).close()


def test_a_closed_pin_can_be_opened_again_for_another_use(factory: Any, header: SimulatedChip) -> None:
    InputDevice("GPIO19", pull_up=True, pin_factory=factory).close()
    with DigitalOutputDevice("GPIO19", initial_value=True, pin_factory=factory):
        assert header.level(19) == 1
    with InputDevice("GPIO19", pull_up=True, pin_factory=factory) as device:
        assert not device.is_active


def test_after_an_exception_in_a_callback_the_inputs_hear_or_say_that_they_are_deaf(
    name: str, header: SimulatedChip, listener: Callable[..., Any]
) -> None:
    header.drive(20, 1)
    header.drive(21, 1)
    apart = listener("--raise=GPIO20", name, "GPIO21")
    pulses(header, [20], 1, 0.02)
    pulses(header, [21], 3, 0.02)
    report = apart.report()
    if name == "gpiod":
        assert report["pulses"] == [3]
        assert "GPIO20 was not dealt with: RuntimeError('a listener that fails')" in report["deaf"]
    else:
        assert report["pulses"] == [0]
        assert "lgpio's thread that reads the GPIO inputs has ended" in report["deaf"]


def test_a_factory_that_is_well_is_not_deaf(factory: Any) -> None:
    assert deaf(factory) == ""
