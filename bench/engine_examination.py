"""The examination of a station whose instruments belong to a running engine: it is asked what it knows, and the rest is named."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bench.assembly import Setup
from bench.doctor import Finding, State, check_identity, fault, fit
from bench.joining import engine_to_join, join
from bench.session import Refused, Session, SourceState
from bench.station import Station


async def examine_engine(path: Path, station: Station) -> Sequence[Finding]:
    """What the engine that runs the station of the file at `path` says of it; nothing where there is none that can be asked."""
    setup = Setup(station=str(path))
    at = engine_to_join(setup, None)
    if at is None:
        return ()
    try:
        session = await join(at, setup)
    except Refused as error:
        return (fault("engine", str(error), "end it; meanwhile no instrument and no port was asked"),)
    try:
        return (
            _engine(session, at),
            *_source(session, station),
            *_standard(session, station),
            *_positions(session, station),
        )
    finally:
        await session.close()


def _engine(session: Session, at: Path) -> Finding:
    glance = session.glance()
    doing = f"tests {glance.type_number} with {glance.sequence} now" if glance.running else "is idle"
    return fit("engine", f"it serves {at} and {doing}; it was asked in place of the instruments")


def _source(session: Session, station: Station) -> Sequence[Finding]:
    card, glance = session.card, session.glance()
    if glance.trip:
        return (
            fault("power source", f"{card.source} is tripped: {glance.trip}", "remove the cause, then re-arm with F9"),
        )
    if glance.source is SourceState.UNKNOWN:
        advice = "touch nothing; switch it off at the instrument or by the emergency stop"
        return (fault("power source", f"{card.source}: {glance.message}", advice),)
    return (check_identity("power source", card.source, station.source.calibration),)


def _standard(session: Session, station: Station) -> Sequence[Finding]:
    if station.standard is None:
        return ()
    return (check_identity("reference standard", session.card.standard, station.standard.calibration),)


def _positions(session: Session, station: Station) -> Sequence[Finding]:
    opened, described = session.card.positions, len(station.positions)
    if opened != described:
        return (
            fault(
                "positions",
                f"the engine has opened {opened}, the station file describes {described}",
                "start it again: systemctl restart bench-engine",
            ),
        )
    return (
        fit("positions", f"the engine has opened {opened}"),
        Finding(
            "optical heads, S0 inputs",
            State.NOTE,
            "not asked: the engine holds them, and they worked when it started",
            "to ask them now, stop it first: systemctl stop bench-engine",
        ),
    )
