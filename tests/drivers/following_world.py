"""What the tests of all source dialects share: terminals that follow a setting at once, random loads, and how loads are compared."""

from __future__ import annotations

import asyncio
import math
from cmath import phase, rect

from hypothesis import strategies as st

from drivers.load import OFF, Load, Phasors, symmetrical
from drivers.power_source import Reading

POINT = symmetrical(230.0, (5.0, 10.0, 80.0), phi_deg=60.0)
"""An unsymmetrical inductive load with the usual phase order."""


class FollowingWorld:
    """Terminals that follow the setting at once and are measured without error."""

    def __init__(self) -> None:
        self.loads: list[Load] = []
        self.times: list[float] = []
        self.stuck_at: Load | None = None

    def change(self, load: Load) -> None:
        self.loads.append(load)
        self.times.append(asyncio.get_running_loop().time())

    def forget(self) -> None:
        """Keep the last load only."""
        self.loads = self.loads[-1:]
        self.times = self.times[-1:]

    @property
    def load(self) -> Load:
        if self.stuck_at is not None:
            return self.stuck_at
        return self.loads[-1] if self.loads else OFF

    def measured(self) -> Reading:
        load = self.load
        return Reading(math.nan, load.u, load.i, load.power, load.frequency)


@st.composite
def loads(
    draw: st.DrawFn, u: tuple[float, float], i: tuple[float, float], f: tuple[float, float] = (45.0, 65.0)
) -> Load:
    """Loads with every phase on or off by itself and any angles; the first voltage that is on is at its place."""

    def amount(lowest: float, highest: float) -> float:
        return draw(st.one_of(st.just(0.0), st.floats(lowest, highest)))

    def three(limits: tuple[float, float], first_angle: float | None) -> Phasors:
        values = [amount(*limits) for _ in range(3)]
        angles = [draw(st.floats(-180.0, 180.0)) for _ in range(3)]
        if first_angle is not None:
            angles[0] = first_angle
        return tuple(rect(v, math.radians(a)) for v, a in zip(values, angles, strict=True))  # type: ignore[return-value]

    return Load(three(u, 0.0), three(i, None), draw(st.floats(*f)))


def turned(load: Load) -> Load:
    """The same load with its first voltage that is on at 0°: only angles against each other are physics."""
    turn = next((rect(1.0, -phase(u)) for u in load.u if u), 1.0)
    u, i = [v * turn for v in load.u], [a * turn for a in load.i]
    return Load((u[0], u[1], u[2]), (i[0], i[1], i[2]), load.frequency)


def assert_same(
    got: Load | Reading, wanted: Load, volts: float, amperes: float, angle_deg: float, hertz: float
) -> None:
    """Equal within the resolutions of a protocol; angles count where there is something to have an angle."""
    turn = math.radians(angle_deg)
    for a, b in zip(got.u, wanted.u, strict=True):
        assert abs(a - b) <= volts + abs(b) * turn, (got, wanted)
    for a, b in zip(got.i, wanted.i, strict=True):
        assert abs(a - b) <= amperes + abs(b) * turn, (got, wanted)
    if any(wanted.u) or any(wanted.i):
        assert abs(got.frequency - wanted.frequency) <= hertz


async def settle(seconds: float) -> None:
    """Let a ramp end."""
    await asyncio.sleep(seconds)
