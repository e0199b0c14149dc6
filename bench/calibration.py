"""Calibration: what the record says of the instruments, and whether a production run may rest on them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from bench.corrections import is_corrected
from bench.record import Instrument
from bench.reference_check import not_checked
from bench.station import Calibration, PositionDescription, Station
from bench.steps import Step
from drivers.load import PHASE_NAMES

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
    """Whether the reference energy rests on it, so that no verdict can be better than its certificate.

    So it is with the standard, without one with the source, and with a position whose circuit is corrected.
    """
    position: int | None = None
    """The position whose circuit it is; None for an instrument."""

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
        Calibrated(
            f"position {each.number}",
            f"[[position]] number {each.number}",
            each.calibration,
            is_corrected(each),
            each.number,
        )
        for each in station.positions
    ]
    return tuple(found)


def why_not_production(station: Station, positions: Collection[int], today: date) -> str:
    """Why no production run at these positions may rest on this station's certificates; empty when it may."""
    found = []
    for each in calibrated(station):
        due = each.calibration.due
        # A source beside a standard gives no energy, and a position that is not used measures nothing.
        counts = each.gives_energy if each.position is None else each.position in positions
        if not counts or not each.overdue(today):
            continue
        what = "has no due date" if due is None else f"is overdue since {due.isoformat()}"
        rests = ", which gives the reference energy," if each.position is None else ""
        found.append(
            f"the calibration of the {each.role}{rests} {what}: have it calibrated and write its "
            f"certificate and due date into {each.table} of the station file, or make an engineering run"
        )
    return "; ".join(found)


def outside_the_certificate(steps: Iterable[Step], positions: Iterable[PositionDescription]) -> list[str]:
    """Every step that judges an error at a current for which a position's certificate says nothing; one sentence each."""
    stated = [step for step in steps if step.load is not None and step.limit_percent is not None]
    found = []
    for position in positions:
        for step in stated:
            assert step.load is not None
            beyond = [
                (name, abs(i), transformer)
                for k, (name, i) in enumerate(zip(PHASE_NAMES, step.load.i, strict=True))
                if i and (transformer := position.transformer(k)) is not None and not transformer.covers(abs(i))
            ]
            if beyond:
                name, current, transformer = beyond[0]
                low, high = transformer.points[0].current, transformer.points[-1].current
                found.append(
                    f"position {position.number}: {step.title} needs {current:.4g} A and the certificate of the transformer in {name} "
                    f"covers {low:.4g} to {high:.4g} A; have it calibrated there or leave the step out"
                )
    return found


def instruments(
    station: Station, source_identity: str, standard_identity: str, positions: Collection[int], today: date | None
) -> tuple[Instrument, ...]:
    """The instruments as the record names them, with their certificates; `today` is None where no date counts (simulated)."""
    standard = station.standard
    named = {each.role: _basis(each, today) for each in calibrated(station)}
    percent = f"± {station.reference_accuracy_percent:g} % of reading"
    if standard is None:
        energy = _joined(
            f"its own readback gives the energy, {percent}", not_checked(standard=False, positions=len(positions))
        )
        found = [Instrument("power source", source_identity, _joined(energy, named["power source"]))]
    else:
        found = [
            Instrument("power source", source_identity, named["power source"]),
            Instrument(
                "reference standard",
                standard_identity,
                _joined(f"it gives the energy, {percent}", named["reference standard"]),
            ),
        ]
    for each in station.positions:
        basis = named[f"position {each.number}"]
        if (basis or is_corrected(each)) and each.number in positions:
            accuracy = f"± {each.circuit_accuracy_percent:g} %, ± {each.circuit_phase_mrad:g} mrad"
            found.append(
                Instrument(f"position {each.number}", "circuit and fixture", _joined(_corrected(each), accuracy, basis))
            )
    return tuple(found)


def _corrected(position: PositionDescription) -> str:
    """What is corrected at a position: "corrected for transformers 0.25 to 120 A and leads"."""
    known = []
    if position.transformers:
        low = max(each.points[0].current for each in position.transformers)
        high = min(each.points[-1].current for each in position.transformers)
        known.append(f"transformers {low:g} to {high:g} A")
    if position.lead_milliohm:
        known.append(f"leads {position.lead_milliohm:g} mΩ")
    return f"corrected for {' and '.join(known)}" if known else ""


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
