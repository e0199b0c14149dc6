"""The serial protocols over a module: mode A on the second serial port (RK), a current loop with several meters (FK) or a TCP socket (IK).

The second serial port speaks the native protocol too. The reader is the optical head's; only what a person must look at is another.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from drivers.module_line import ModuleGarbled, ModulePortError, ModuleSilence, why_not
from drivers.native_frames import Frame
from drivers.optical_head import (
    NativeAnswer,
    OpticalGarbled,
    OpticalHead,
    OpticalPortError,
    OpticalPortGone,
    OpticalSilence,
    Readout,
)

_Answer = TypeVar("_Answer")


@dataclass(frozen=True)
class Wiring:
    """How a port is called, and what to look at when nothing comes."""

    what: str
    advice: str
    remote: bool = False
    """What cannot be reached there is the module itself, not the bench's adapter."""


SERIAL = Wiring("serial output of the data/pulse module", "Are the module's data terminals connected?")
"""RK. Data sheet, Data output: 300 or 1200 baud."""
CURRENT_LOOP = Wiring(
    "current loop", "Is the loop closed and fed with 20 mA, and does the meter take its number for its address?"
)
"""FK. That the address is the meter number is an assumption."""
TCP_IP = Wiring("TCP/IP module", "Is it on the network, and is its UART A set to 300 baud 8N1?", remote=True)
"""IK. A raw TCP port 1025 for UART A is what a cloned Kamstrup Ethernet module has (github.com/mushorg/conpot): assumed of 68 50 040."""


class ModeAPort:
    """One port. `name` says whose it is and opens every message."""

    def __init__(self, url: str, name: str, wiring: Wiring) -> None:
        self._url, self._name, self._wiring = url, name, wiring

    async def read(self, address: str = "") -> Readout:
        """Open, read once, close. Raises `ModuleError` for the meter's fault, `ModulePortError` for the bench's."""
        return await self._talk(lambda reader: reader.read(address), f" to address {address}" if address else "")

    async def ask(self, frame: Frame, understand: Callable[[Frame], _Answer]) -> NativeAnswer[_Answer]:
        """Open, ask natively at 1200 baud, close. Raises as `read` does."""
        return await self._talk(lambda reader: reader.ask(frame, understand), " at 1200 baud")

    async def _talk(self, talk: Callable[[OpticalHead], Awaitable[_Answer]], to: str) -> _Answer:
        reader = OpticalHead(self._url, self._name)
        try:
            await reader.open()
            return await talk(reader)
        except OpticalSilence as fault:
            raise ModuleSilence(
                self._say(f"no answer{to} from the {self._wiring.what} on {self._url}. {self._wiring.advice}")
            ) from fault
        except OpticalGarbled as fault:
            detail = fault.__cause__ or "characters without end"
            raise ModuleGarbled(
                self._say(
                    f"the answer of the {self._wiring.what} on {self._url} cannot be used: {detail}. {self._wiring.advice}"
                )
            ) from fault
        except OpticalPortGone as fault:
            kind = ModuleSilence if self._wiring.remote else ModulePortError
            raise kind(
                self._say(
                    f"the connection to the {self._wiring.what} on {self._url} has gone in mid-read. {self._wiring.advice}"
                )
            ) from fault
        except OpticalPortError as fault:
            kind = ModuleSilence if self._wiring.remote else ModulePortError
            reason = why_not(fault.__cause__ if isinstance(fault.__cause__, Exception) else fault)
            advice = f" {self._wiring.advice}" if self._wiring.remote else ""
            raise kind(
                self._say(f"the {self._wiring.what} on {self._url} cannot be opened: {reason}{advice}")
            ) from fault
        finally:
            await reader.close()

    def _say(self, sentence: str) -> str:
        return f"{self._name}: {sentence}"
