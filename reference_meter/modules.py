"""The plug-in modules: what each adds to the meter's behaviour. Data sheet, Plug-In modules and Ordering details; R62, R71."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Module:
    """One module of the ordering details; the flags are what the meter itself does differently with it."""

    code: str
    """Two letters of the type number."""
    name: str
    tariff_input: bool = False
    """Switches between tariff 1 and 2 (R17)."""
    pulse_input: bool = False
    """Has the contact input (R53, R62)."""
    output_2: bool = False
    """Has pulse output 2 (R59)."""
    serial: bool = False
    """Has the data output for mode A and the native protocol (R61)."""
    modem: bool = False
    """Can be made to call (R44)."""
    mbus: bool = False
    """Is a slave on the M-Bus."""


_ALL = (
    Module("OK", "no module"),
    Module("SK", "S0 supply"),
    Module("RK", "data/pulse, relay output", pulse_input=True, output_2=True, serial=True),
    Module("QR", "radio/router"),
    Module("MK", "M-Bus", mbus=True),
    Module("EK", "ripple control receiver", tariff_input=True),
    Module("HK", "V.22 modem", modem=True),
    Module("WK", "tariff, 2 tariffs, 230 V", tariff_input=True),
    Module("FK", "tariff, 2 tariffs, 230 V, current loop", tariff_input=True, serial=True),
    Module("YN", "GSM/GPRS", modem=True),
    Module("PO", "PLC"),
    Module("IK", "TCP/IP"),
)

MODULES = {module.code: module for module in _ALL}
"""All modules by ordering code."""

NO_MODULE = MODULES["OK"]
"""The empty module space."""
