"""7E1 spoken on a port that is opened 8N1: both frames have ten bits, so bit 7 carries the even parity.

pyserial switches the kernel's parity check off (a wrong character would pass unseen), and a pty refuses 7E1 when a setting changes.
"""

from __future__ import annotations

WRONG_PARITY = 0x80
"""The bit that marks, after `decode`, a character whose parity was wrong."""

_TO_WIRE = bytes(c | (0x80 if c.bit_count() & 1 else 0) for c in range(0x80)) + bytes(range(0x80, 0x100))
_FROM_WIRE = bytes(c | WRONG_PARITY if c.bit_count() & 1 else c & 0x7F for c in range(0x100))


def encode(characters: bytes) -> bytes:
    """Give 7-bit characters their even parity bit. Raises `ValueError` for a character of more than 7 bits."""
    if not characters.isascii():
        raise ValueError(f"{characters!r} holds a character of more than 7 bits")
    return characters.translate(_TO_WIRE)


def decode(wire: bytes) -> bytes:
    """Take the parity bit off. A character of wrong parity keeps its place and carries `WRONG_PARITY`: the codec locates it."""
    return wire.translate(_FROM_WIRE)
