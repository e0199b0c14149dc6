"""Calibration: what the record says of the instruments, and whether a production run may rest on them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from bench.record import Instrument
from bench.station import Calibration, Station

NO_DUE_DATE = "NO DUE DATE"


@dataclass(frozen=True)
class Calibrated:
    """Something of a station that has a certificate, or should have."""

    role: str
    """As the record names it: "power source", "reference standard" or "position 3"."""
    table: str
    """Its table in the station file."""
    calibration: Calibration
    gives_energy: bool = False
    """Whether the reference energy comes from it, so that no verdict can be better than its certificate."""

    def overdue(self, today: date) -> str:
        """ "OVERDUE since 2027-03-01", or that a due date is missing where it must not; empty while all is well."""
        due = self.calibration.due
        if due is None:
            return NO_DUE_DATE if self.gives_energy else ""
        return f"OVERDUE since {due.isoformat()}" if today > due else ""


def calibrated(station: Station) -> tuple[Calibrated, ...]:
    """Everything of the station that a result rests on."""
    standard = station.standard
    found = [Calibrated("power source", "[source]", station.source.calibration, standard is None)]
    if standard is not None:
        found.append(Calibrated("reference standard", "[standard]", standard.calibration, gives_energy=True))
    found += [
        Calibrated(f"position {each.number}", f"[[position]] number {each.number}", each.calibration)
        for each in station.positions
    ]
    return tuple(found)


def why_not_production(station: Station, today: date) -> str:
    """Why no production run may rest on this station's reference energy; empty when it may."""
    (reference,) = (each for each in calibrated(station) if each.gives_energy)
    if not reference.overdue(today):
        return ""
    due = reference.calibration.due
    what = "has no due date" if due is None else f"is overdue since {due.isoformat()}"
    return (
        f"the calibration of the {reference.role}, which gives the reference energy, {what}: have it calibrated and write its "
        f"certificate and due date into {reference.table} of the station file, or make an engineering run"
    )


def instruments(
    station: Station, source_identity: str, standard_identity: str, positions: Collection[int], today: date | None
) -> tuple[Instrument, ...]:
    """The instruments as the record names them, with their certificates; `today` is None where no date counts (simulated)."""
    standard = station.standard
    named = {each.role: _basis(each, today) for each in calibrated(station)}
    percent = f"± {station.reference_accuracy_percent:g} % of reading"
    if standard is None:
        energy = f"its own readback gives the energy, {percent}"
        found = [Instrument("power source", source_identity, _joined(energy, named["power source"]))]
    else:
        found = [
            Instrument("power source", source_identity, named["power source"]),
            Instrument("reference standard", standard_identity, _joined(percent, named["reference standard"])),
        ]
    for each in station.positions:
        basis = named[f"position {each.number}"]
        if basis and each.number in positions:
            accuracy = f"± {each.circuit_accuracy_percent:g} %, ± {each.circuit_phase_mrad:g} mrad"
            found.append(Instrument(f"position {each.number}", "circuit and fixture", _joined(accuracy, basis)))
    return tuple(found)


def _basis(each: Calibrated, today: date | None) -> str:
    known = each.calibration
    return _joined(
        f"serial {known.serial}" if known.serial else "",
        f"certificate {known.certificate}" if known.certificate else "",
        f"due {known.due.isoformat()}" if known.due else "",
        each.overdue(today) if today else "",
    )


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)
