"""Opening a VISA resource by its name: the controller before it, terminations, serial settings, and what bytes arrive at.

Whatever goes wrong is told with what to do about it, which is more than pyvisa's own words say.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from drivers.language import Language
from drivers.power_source import InstrumentError, Unanswered
from drivers.prologix import PrologixAdapter, is_adapter

if TYPE_CHECKING:
    from pyvisa import ResourceManager
    from pyvisa.resources import MessageBasedResource

_resource_manager_lock = threading.Lock()

_PACKAGES = {
    "PyUSB": "USB needs the package pyusb: pip install pyusb libusb-package",
    "linux-gpib": "GPIB needs the package gpib-ctypes and the driver linux-gpib: pip install gpib-ctypes",
    "PyVICP": "VICP needs the package pyvicp: pip install pyvicp",
}
"""What to do by a word of pyvisa-py's own message."""


@dataclass(frozen=True)
class Opened:
    """A resource that is open; whoever opened it closes `visa`, then the `adapter`."""

    visa: MessageBasedResource
    adapter: PrologixAdapter | None
    """The Prologix controller that the instrument hangs behind."""
    socket: socket.socket | None
    """Of an instrument on a raw socket."""
    stream: Any
    """What bytes arrive at one by one and can be waited on: the socket, or pyserial's port; None where VISA alone can wait."""


def open_resource(resource: str, name: str, language: Language, timeout_ms: int) -> Opened:
    """Open a resource; messages call the instrument `name`. Blocks. Raises `InstrumentError`, and leaves nothing open then."""
    with ExitStack() as undo:
        adapter_name, resource_name = _parts(resource, name)
        adapter = None
        try:
            if adapter_name:
                adapter = PrologixAdapter(_resource_manager(), adapter_name, timeout_ms)
                undo.callback(adapter.close)
            visa: Any = _resource_manager().open_resource(resource_name, open_timeout=timeout_ms)
        except Exception as error:  # pyvisa-py raises bare Exception, ValueError, OSError and VisaIOError here
            raise Unanswered(f"{name} cannot be opened: {_remedy(error)}") from error
        undo.callback(visa.close)
        _set_up(visa, resource, name, language, timeout_ms)
        # pyvisa offers no way to its socket, and pyvisa-py refuses VI_ATTR_TCPIP_NODELAY.
        interface = visa.visalib.sessions[visa.session].interface
        port = interface if resource.upper().endswith("::SOCKET") else None
        if port is not None:
            _check_socket(port, name)
        undo.pop_all()
    return Opened(visa, adapter, port, interface if _is_serial(resource) else port)


def _parts(resource: str, name: str) -> tuple[str, str]:
    """The controller's name, empty where there is none, and the instrument's."""
    *adapter, instrument = resource.split() or [""]
    if len(adapter) > 1 or any(map(is_adapter, (*adapter, instrument))) != bool(adapter) or is_adapter(instrument):
        raise InstrumentError(
            f"{name} is named wrongly: a Prologix controller and the instrument behind it stand in one name with a blank "
            "between them, for instance PRLGX-TCPIP::192.168.1.5::1234::INTFC GPIB0::22::INSTR"
        )
    return "".join(adapter), instrument


def _set_up(visa: Any, resource: str, name: str, language: Language, timeout_ms: int) -> None:
    from pyvisa.constants import ResourceAttribute  # heavy, and first needed here
    from pyvisa.errors import VisaIOError
    from pyvisa.resources import MessageBasedResource

    if not isinstance(visa, MessageBasedResource):
        raise InstrumentError(f"{name} is no port for text; correct its resource name in the station file")
    visa.timeout = timeout_ms
    visa.encoding = "latin-1"  # line noise is for the dialect to reject, not for the codec
    # A raw socket has no end of message: without both terminations every read runs into its timeout.
    visa.write_termination = language.end
    with contextlib.suppress(VisaIOError):  # a GPIB adapter knows END alone, and refuses a termination character
        visa.read_termination = language.end
    if language.baud_rate is not None and _is_serial(resource):
        visa.set_visa_attribute(ResourceAttribute.asrl_baud_rate, language.baud_rate)
        visa.set_visa_attribute(ResourceAttribute.asrl_stop_bits, 10 * language.stop_bits)


def _check_socket(port: socket.socket, name: str) -> None:
    refused = port.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if refused:  # pyvisa-py "opens" a refused port
        raise Unanswered(
            f"{name} cannot be reached ({os.strerror(refused)}); is it switched on, and is no other program connected to it?"
        )
    port.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else Nagle and delayed ACK cost 44 ms a setting


def _is_serial(resource: str) -> bool:
    return resource.upper().startswith("ASRL")


def _remedy(error: Exception) -> str:
    """What to do, in one sentence, where pyvisa's own words do not say it."""
    text = str(error)
    if "VI_ERROR_INV_RSRC_NAME" in text:
        return (
            "this is no resource name; docs/station.md lists the forms, for instance TCPIP::192.168.1.20::5025::SOCKET"
        )
    if "VI_ERROR_RSRC_NFOUND" in text:
        return "nobody answers there; is it switched on, and are address and port right?"
    return next((remedy for word, remedy in _PACKAGES.items() if word in text), " ".join(text.split()))


def _resource_manager() -> ResourceManager:
    """pyvisa's one resource manager for its own backend. It is shared by all ports, so none of them closes it."""
    with _resource_manager_lock:
        import pyvisa  # heavy, and needed only on a station that opens a port

        return pyvisa.ResourceManager("@py")
