"""A Prologix GPIB controller on Ethernet or USB, and the instrument behind it: `PRLGX-TCPIP::<host>::1234::INTFC GPIB0::<address>::INSTR`.

pyvisa-py speaks its `++` commands. What is left to do here is to wait: it asks the controller to read once, which gives up after 50 ms.
"""

from __future__ import annotations

import contextlib
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyvisa import ResourceManager

WAIT_MS = 100
"""How long one request to read is waited for: longer than the controller itself, so that nothing of it comes after the next one."""


def is_adapter(resource: str) -> bool:
    """Whether a resource name is a controller's, and no instrument's."""
    return resource.upper().startswith("PRLGX-")


class PrologixAdapter:
    """One controller, open for one instrument: pyvisa-py knows one a board number, and the instrument names that number (`GPIB0`)."""

    def __init__(self, manager: ResourceManager, resource: str, open_timeout_ms: int) -> None:
        """Connect and set it up: controller mode, no reading after each line, EOI at the end. Raises what pyvisa-py raises."""
        # Typed Any: pyvisa offers no way to its sessions, and this one's are its own.
        try:
            self._visa: Any = manager.open_resource(resource, open_timeout=open_timeout_ms)
        except BaseException:
            _forget(resource)
            raise
        self._visa.timeout = WAIT_MS

    def read_again(self) -> None:
        """Let the next read ask the controller again: the last one brought nothing."""
        self._visa.visalib.sessions[self._visa.session].plus_plus_read = True

    def close(self) -> None:
        """Hang up."""
        self._visa.close()


def _forget(resource: str) -> None:
    """pyvisa-py keeps a controller that did not open as the way to its board, with its socket."""
    from pyvisa.rname import parse_resource_name  # heavy, and needed only here

    with contextlib.suppress(ValueError):  # no resource name: then there is no board either
        board = getattr(parse_resource_name(resource), "board", None)
        session = import_module("pyvisa_py.prologix").PrologixTCPIPIntfcSession.boards.pop(board, None)
        if session is not None and session.interface is not None:
            session.interface.close()
