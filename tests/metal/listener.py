"""A process with S0 inputs on some pins: `python -m tests.metal.listener FACTORY PIN…`; at an empty line it tells as JSON what it saw.

With `--raise` before the factory the first pin has a listener more that raises at its first edge.
"""

from __future__ import annotations

import asyncio
import json
import sys
from unittest import mock

from gpiozero import InputDevice

from bench.line import named_factory
from drivers.pin_health import deaf
from drivers.s0 import S0Input


def _raise(ticks: float, state: int) -> None:
    raise RuntimeError("a listener that fails")


async def listen(name: str, pins: list[str], raising: str | None) -> None:
    """Listen until a line comes in."""
    factory = named_factory(name)
    if raising is not None:
        bad = InputDevice(raising, pull_up=True, pin_factory=factory)
        bad.pin.edges = "both"
        bad.pin.when_changed = _raise
    inputs = [S0Input(pin, pin_factory=factory) for pin in pins]
    widths: list[list[float]] = [[] for _ in pins]
    for s0, seen in zip(inputs, widths, strict=True):
        s0.listen(lambda pulse, seen=seen: seen.append(pulse.width_ms))
    print("listening", flush=True)  # noqa: T201  # the protocol of this program
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    await asyncio.sleep(0.3)  # whoever reads the edges catches up
    report = {
        "pulses": [len(seen) for seen in widths],
        "widths_ms": widths,
        "anomalies": [s0.anomalies for s0 in inputs],
        "lost": [s0.lost_edges for s0 in inputs],
        "deaf": deaf(factory),
    }
    print(json.dumps(report), flush=True)  # noqa: T201  # the protocol of this program


if __name__ == "__main__":
    arguments = sys.argv[1:]
    bad_pin = arguments.pop(0).removeprefix("--raise=") if arguments[0].startswith("--raise=") else None
    with (
        mock.patch("gpiozero.pins.local.get_pi_revision", return_value=0xC03114),
        mock.patch("drivers.gpiod_pins.get_pi_revision", return_value=0xC03114),
    ):
        asyncio.run(listen(arguments[0], arguments[1:], bad_pin))
