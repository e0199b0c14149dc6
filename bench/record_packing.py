"""Edges and reference readings as a column holds them: plain numbers, packed so that the high bytes, all alike, take no room."""

from __future__ import annotations

import sys
import zlib
from array import array
from itertools import accumulate
from typing import Any

from bench.record import Edges, Energy, TerminalPower


def pack_edges(edges: Edges) -> bytes:
    """Edges as the column holds them. Raises ValueError when a pulse lacks its end."""
    rises = edges.rises_ns
    widths = [fall - rise for rise, fall in zip(rises, edges.falls_ns, strict=True)]
    gaps = [later - earlier for earlier, later in zip((0, *rises), rises, strict=False)]
    return _packed(array("q", gaps + widths))


def unpack_edges(packed: bytes, anomalies: int) -> Edges:
    """The edges of a column."""
    numbers = _unpacked("q", packed)
    half = len(numbers) // 2
    rises = tuple(accumulate(numbers[:half]))
    return Edges(rises, tuple(r + w for r, w in zip(rises, numbers[half:], strict=True)), anomalies)


def pack_energy(energy: tuple[Energy, ...]) -> bytes:
    """Readings of the reference as the column holds them."""
    return _packed(array("d", [number for e in energy for number in (e.time, *e.power)]))


def unpack_energy(packed: bytes) -> tuple[Energy, ...]:
    """The readings of a column."""
    numbers = _unpacked("d", packed)
    return tuple(
        Energy(time, (p1, p2, p3))
        for time, p1, p2, p3 in zip(numbers[0::4], numbers[1::4], numbers[2::4], numbers[3::4], strict=True)
    )


def pack_readings(readings: tuple[TerminalPower, ...]) -> bytes:
    """Readings of the reference for one position as the column holds them."""
    return _packed(array("d", [number for r in readings for number in (r.time, r.measured, r.corrected)]))


def unpack_readings(packed: bytes) -> tuple[TerminalPower, ...]:
    """The readings of a column."""
    numbers = _unpacked("d", packed)
    return tuple(TerminalPower(*row) for row in zip(numbers[0::3], numbers[1::3], numbers[2::3], strict=True))


_WIDTH = 8
"""Bytes of a packed number."""


def _packed(numbers: array[int] | array[float]) -> bytes:
    if sys.byteorder == "big":
        numbers.byteswap()
    raw = numbers.tobytes()
    # Bytes of equal weight side by side: the high ones are all alike and vanish, only the jitter costs room.
    return zlib.compress(b"".join(raw[k::_WIDTH] for k in range(_WIDTH)), 1)


def _unpacked(code: str, packed: bytes) -> array[Any]:
    planes = zlib.decompress(packed)
    count = len(planes) // _WIDTH
    raw = bytearray(len(planes))
    for k in range(_WIDTH):
        raw[k::_WIDTH] = planes[k * count : (k + 1) * count]
    numbers: array[Any] = array(code)
    numbers.frombytes(bytes(raw))
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
