"""The dialects by name, as `station.toml` gives them: how to make a source or a standard, and what it can do by default.

A dialect that is not known is answered with a sentence that names those that are. Nothing heavy is loaded here: pyvisa comes when a
port is opened.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection
from dataclasses import dataclass

from drivers.ametek_source import AMETEK, AmetekSource
from drivers.fluke_source import FLUKE_6105A, FlukeSource
from drivers.language import SCPI, Language
from drivers.power_source import Capabilities, InstrumentError, PowerSource
from drivers.reference_standard import ReferenceStandard
from drivers.scpi_source import ScpiSource
from drivers.scpi_standard import ScpiStandard
from drivers.visa import VisaPort
from drivers.yokogawa_standard import YokogawaStandard
from drivers.zera_source import FG30X, FG30X_LANGUAGE, MT786, MT786_LANGUAGE, ZeraGeneratorSource, ZeraSource


@dataclass(frozen=True)
class _Dialect:
    make: Callable[[VisaPort, Capabilities], PowerSource]
    capabilities: Capabilities
    language: Language = SCPI


_SOURCES = {
    "generic-scpi": _Dialect(ScpiSource, Capabilities()),
    "zera": _Dialect(ZeraSource, MT786, MT786_LANGUAGE),
    "zera-fg30x": _Dialect(ZeraGeneratorSource, FG30X, FG30X_LANGUAGE),
    "fluke-6105a": _Dialect(FlukeSource, FLUKE_6105A),
    "ametek": _Dialect(AmetekSource, AMETEK),
}

SOURCE_DIALECTS = tuple(_SOURCES)
"""Names of all dialects of power sources."""

STANDARD_DIALECTS = ("generic-scpi", "yokogawa-wt300")
"""Names of all dialects of reference standards."""


def make_source(
    dialect: str, resource: str, capabilities: Capabilities | None = None, deadline: float = 2.0
) -> PowerSource:
    """A source at a VISA `resource`, not yet open; without `capabilities` the dialect's. `deadline` in s is one answer's.

    Raises `InstrumentError` for a dialect that is not known.
    """
    port = source_port(dialect, resource, deadline)
    known = _SOURCES[dialect]
    return known.make(port, capabilities or known.capabilities)


def source_port(dialect: str, resource: str, deadline: float = 2.0) -> VisaPort:
    """The port of a source alone, not yet open: opening it asks who it is and sets nothing. `deadline` in s.

    Raises `InstrumentError` for a dialect that is not known.
    """
    check_dialect(dialect, SOURCE_DIALECTS, "power source")
    return VisaPort(resource, "power source", deadline, _SOURCES[dialect].language)


def default_capabilities(dialect: str) -> Capabilities:
    """What an instrument of this dialect can make unless the station says otherwise. Raises `InstrumentError`."""
    check_dialect(dialect, SOURCE_DIALECTS, "power source")
    return _SOURCES[dialect].capabilities


def make_standard(
    dialect: str,
    resource: str,
    accuracy_percent: float,
    readback_period: float = 1.0,
    latency: float = 0.1,
    deadline: float = 2.0,
) -> ReferenceStandard:
    """A reference standard at a VISA `resource`, not yet open; accuracy in % of reading by its certificate, times in s.

    `latency` is the generic dialect's: a Yokogawa says itself when a measurement ends. Raises `InstrumentError` for a
    dialect that is not known.
    """
    check_dialect(dialect, STANDARD_DIALECTS, "reference standard")
    port = standard_port(resource, deadline)
    if dialect == "yokogawa-wt300":
        return YokogawaStandard(port, accuracy_percent, readback_period)
    return ScpiStandard(port, accuracy_percent, readback_period, latency)


def standard_port(resource: str, deadline: float = 2.0) -> VisaPort:
    """The port of a reference standard alone, not yet open: opening it asks who it is and sets nothing. `deadline` in s."""
    return VisaPort(resource, "reference standard", deadline)


def check_dialect(dialect: str, known: Collection[str], instrument: str) -> None:
    """Raise `InstrumentError` with what is known, and what was perhaps meant, for a dialect that is not."""
    if dialect not in known:
        near = difflib.get_close_matches(dialect, known, 1, 0.4)
        meant = f"; did you mean {near[0]!r}?" if near else ""
        raise InstrumentError(
            f"no {instrument} speaks the dialect {dialect!r}: known are {', '.join(sorted(known))}{meant}"
        )
