"""Hours and peak as a faulty processor makes them: a counter that stands or creeps, a window of another length, a peak that is wrong.

The energy and all else stay the reference meter's. A faulty processor begins with an empty peak, at the beginning of an hour.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass, replace

from drivers.native_frames import Frame
from reference_meter import DataSet, Power

_NS = 1_000_000_000
_HOUR_NS = 3600 * _NS
_REGISTERS = 0x90


@dataclass(frozen=True)
class OddLogic:
    """What is wrong; the defaults are the data sheet's."""

    hour_percent: float = 0.0
    """The hour is longer by this much, %; without end for a counter that stands."""
    window_s: float = 900.0
    """Time over which the power is averaged, s."""
    peak_percent: float = 0.0
    """The peak is told higher by this much, %."""
    forgets: bool = False
    """The peak is that of the latest window."""


class OddRegisters:
    """Hours and peak of one faulty processor."""

    def __init__(self, odd: OddLogic) -> None:
        self._odd = odd
        self._operating_ns = 0
        self._energy = 0  # of the window under way, µW·ns
        self._peak_w = 0.0

    def advance(self, power: Power, duration_ns: int) -> None:
        """Let `duration_ns` under `power` pass, with the supply on."""
        window_ns = round(self._odd.window_s * _NS)
        microwatts = sum(power.microwatts)
        while duration_ns > 0:
            part = min(duration_ns, window_ns - self._operating_ns % window_ns)
            self._energy += microwatts * part
            self._operating_ns += part
            duration_ns -= part
            if self._operating_ns % window_ns == 0:
                average_w = self._energy / window_ns / 1e6
                self._peak_w = average_w if self._odd.forgets else max(self._peak_w, average_w)
                self._energy = 0

    @property
    def hours(self) -> int:
        """The hours counter."""
        if math.isinf(self._odd.hour_percent):
            return 0
        return int(self._operating_ns / (_HOUR_NS * (1.0 + self._odd.hour_percent / 100.0)))

    @property
    def peak_w(self) -> int:
        """The peak as it is told, W."""
        return int(self._peak_w * (1.0 + self._odd.peak_percent / 100.0))

    def data_set(self, told: DataSet) -> DataSet:
        """A data set of mode A with these hours and this peak."""
        if told.code == "1.31":
            return replace(told, value=f"{self.hours:07}")
        if told.code == "1.6":
            return replace(told, value=f"{self.peak_w // 1000:06},{self.peak_w // 100 % 10}")
        return told

    def frame(self, told: Frame) -> Frame:
        """The native register block with these hours and this peak."""
        if told.command != _REGISTERS:
            return told
        data = told.data
        return replace(
            told,
            data=data[:8] + struct.pack(">I", self.hours) + data[12:16] + struct.pack(">I", self.peak_w) + data[20:],
        )
