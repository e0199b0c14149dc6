"""A station whose cables end in the simulated world: the same description as a real one, with the names of simulated ports."""

from __future__ import annotations

from collections.abc import Sequence

from bench.known_meters import GoldenMeter, KnownMeters, RedRabbit
from bench.session import Refused
from bench.station import (
    EnvironmentDescription,
    PositionDescription,
    SourceDescription,
    StandardDescription,
    Station,
)
from bench.transformer import Transformer, TransformerPoint
from drivers.load import PHASE_NAMES
from drivers.power_source import InstrumentError
from drivers.simulated.declared import ACCURACIES, LEAD_MILLIOHM, LEAD_UNCERTAINTY_MILLIOHM, STANDARD_LATENCY_S
from drivers.simulated.faults import FaultError, PlacedFault, parse_fault
from drivers.simulated.isolating_transformer import PHASE_UNCERTAINTY_MINUTES, RATIO_UNCERTAINTY_PERCENT
from drivers.simulated.line import MOST_POSITIONS, SimulatedLine
from drivers.source_dialects import SOURCE_DIALECTS, check_dialect

DEFAULT_TYPE = "685-382-OK-50"
"""The meter of a simulated run when no type is given."""

KNOWN = KnownMeters(
    (GoldenMeter("GOLDEN", DEFAULT_TYPE),),
    (RedRabbit("RABBIT", DEFAULT_TYPE, "accuracy-ib"),),
)
"""What a simulated station knows; the rabbit is bad only with a fault at its position."""


def simulated_line(
    positions: int, seed: int, faults: Sequence[str], source_dialect: str = "generic-scpi"
) -> SimulatedLine:
    """Build the line on the running loop. Raises `Refused` for a number of positions or a fault that cannot be."""
    if not 1 <= positions <= MOST_POSITIONS:
        raise Refused(f"{positions} positions: a simulated line has 1 to {MOST_POSITIONS}")
    placed = check_faults(faults, positions)
    check_source(source_dialect)
    try:
        return SimulatedLine(positions, seed, placed, source_dialect)
    except FaultError as error:
        raise Refused(str(error)) from None


def check_faults(faults: Sequence[str], positions: int) -> list[PlacedFault]:
    """The faults that these words mean. Raises `Refused` for one that cannot be."""
    try:
        return [parse_fault(text, positions) for text in faults]
    except FaultError as error:
        raise Refused(str(error)) from None


def check_source(dialect: str) -> None:
    """Raise `Refused` for a dialect that no simulated source speaks."""
    try:
        check_dialect(dialect, SOURCE_DIALECTS, "simulated power source")
    except InstrumentError as error:
        raise Refused(str(error)) from None


def describe(line: SimulatedLine) -> Station:
    """The station of a started line."""
    return Station(
        name="simulated",
        source=SourceDescription(line.source_resource, dialect=line.source_dialect, capabilities=line.capabilities),
        standard=StandardDescription(
            line.standard_resource, ACCURACIES.standard_percent, readback_latency=STANDARD_LATENCY_S
        ),
        positions=tuple(
            PositionDescription(
                number=ports.number,
                s0_pin=ports.s0_pin,
                optical=ports.optical,
                bypass_pin=ports.bypass_pin,
                s0_offset_uncertainty_ms=ACCURACIES.s0_offset_uncertainty_ms,
                circuit_accuracy_percent=ACCURACIES.circuit_percent,
                circuit_phase_mrad=ACCURACIES.circuit_mrad,
                transformers=_transformers(line, ports.number),
                lead_milliohm=LEAD_MILLIOHM,
                lead_uncertainty_milliohm=LEAD_UNCERTAINTY_MILLIOHM,
                modules=ports.module.urls,
                telephone=ports.module.telephone,
                tariff_pin=ports.module.tariff_pin,
                supply_pin=ports.module.supply_pin,
                diode_pin=ports.terminals.get("diode_pin"),
                output_2_pin=ports.terminals.get("output_2_pin"),
                contact_pin=ports.terminals.get("contact_pin"),
                button_pin=ports.terminals.get("button_pin"),
            )
            for ports in line.ports
        ),
        simulated=True,
        environment=EnvironmentDescription(line.temperature_sensor),
    )


def _transformers(line: SimulatedLine, position: int) -> tuple[Transformer, ...]:
    return tuple(
        Transformer(
            tuple(TransformerPoint(*point) for point in certificate),
            RATIO_UNCERTAINTY_PERCENT,
            PHASE_UNCERTAINTY_MINUTES,
            (phase,),
        )
        for phase, certificate in zip(PHASE_NAMES, line.certificates(position), strict=True)
    )
