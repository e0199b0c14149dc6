"""What a simulated meter answers to native requests, out of the reference meter's registers and memory.

What the captured meter was never asked (a command it does not know, an address it does not have) stays unanswered: an assumption.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from types import MappingProxyType

from drivers.native_frames import ADDRESS, Frame
from reference_meter import MemoryImage, ReferenceMeter
from reference_meter.native import HELLO, register_block, tariff_block

_MOST_BYTES = 0xFF
"""No more of the memory at once; an assumption."""
_NOTHING: Mapping[int, bytes] = MappingProxyType({})


def answer(meter: ReferenceMeter, request: Frame, written: Mapping[int, bytes] = _NOTHING) -> Frame | None:
    """The answer of `meter` to `request` at this instant; None where it stays silent.

    `written` stands in the memory from its addresses on instead of what belongs there.
    """
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
                data = _overwritten(meter.image(), written).read(first, last)
            except ValueError:
                return None
        case _:
            return None
    return Frame(request.command, data)


def _overwritten(image: MemoryImage, written: Mapping[int, bytes]) -> MemoryImage:
    data = bytearray(bytes(image))
    for address, some in written.items():
        data[address - 1 : address - 1 + len(some)] = some
    return MemoryImage(bytes(data))
