"""The power the meter's processor sees behind its measuring circuits, as exact integers. R1, R8."""

from __future__ import annotations

from dataclasses import dataclass

WATT_HOUR = 3_600_000_000_000_000_000
"""1 Wh in µW·ns, the unit in which all energy is counted: 10⁶ µW · 3600 · 10⁹ ns."""

SECOND = 1_000_000_000
"""1 s in ns."""

HOUR = 3600 * SECOND
"""1 h in ns."""

NEVER = 1 << 100
"""A time in ns that does not come."""


@dataclass(frozen=True, slots=True)
class Power:
    """Active power of each measuring circuit in µW, import positive, and which phases have voltage."""

    microwatts: tuple[int, int, int]
    """L1 to L3. Circuits a type does not have are never looked at."""
    connected: tuple[bool, bool, bool] = (True, True, True)
    """Whether each phase has voltage. The meter runs while one of its phases has."""

    @classmethod
    def of_watts(cls, l1: int = 0, l2: int = 0, l3: int = 0) -> Power:
        """Whole watts on L1 to L3, all phases connected."""
        return cls((l1 * 1_000_000, l2 * 1_000_000, l3 * 1_000_000))

    def with_errors(self, ppm: tuple[int, int, int]) -> Power:
        """The same power behind circuits that read wrong by `ppm` millionths each (R10)."""
        a, b, c = (uw + uw * error // 1_000_000 for uw, error in zip(self.microwatts, ppm, strict=True))
        return Power((a, b, c), self.connected)


NO_VOLTAGE = Power((0, 0, 0), (False, False, False))
"""The supply is off: the meter stands still."""
