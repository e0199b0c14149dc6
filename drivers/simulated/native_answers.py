"""What a simulated meter answers to native requests, out of the reference meter's registers and memory.

What the captured meter was never asked (a command it does not know, an address it does not have) stays unanswered: an assumption.
"""

from __future__ import annotations

import struct

from drivers.native_frames import ADDRESS, Frame
from reference_meter import ReferenceMeter
from reference_meter.native import HELLO, register_block, tariff_block

_MOST_BYTES = 0xFF
"""No more of the memory at once; an assumption."""


def answer(meter: ReferenceMeter, request: Frame) -> Frame | None:
    """The answer of `meter` to `request` at this instant; None where it stays silent."""
    if request.address != ADDRESS:
        return None
    match request.command, request.data:
        case 0x00, b"":
            data = HELLO
        case 0x90, b"":
            data = register_block(meter)
        case 0x95, b"\0":
            data = tariff_block(meter)
        case 0x01, addresses if len(addresses) == 4:
            first, last = struct.unpack(">2H", addresses)
            if not 0 <= last - first < _MOST_BYTES:
                return None
            try:
                data = meter.image().read(first, last)
            except ValueError:
                return None
        case _:
            return None
    return Frame(request.command, data)
