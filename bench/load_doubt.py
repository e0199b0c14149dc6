"""What speaks against the load that a step has seen: the source's own report, or a standard that disagrees with it."""

from __future__ import annotations

from bench.climate import excess_k
from bench.disturbance import passes
from bench.line import Line
from bench.standing import disagreement
from bench.steps import Disturbed, Step
from bench.watch import Watch
from drivers.power_source import Reading, SelfReported, Unanswered


async def doubt_of_the_load(step: Step, line: Line, watch: Watch, temperature_c: float | None) -> str:
    """In one sentence; empty where nothing does. Raises `Disturbed` for what passes, `InstrumentError` for a source that is silent."""
    try:
        source = await read_source(line)
    except SelfReported as error:
        if passes(error):
            raise Disturbed(f"{step.title}: {error}; what was measured is void") from error
        return str(error)
    station, standard = line.station, watch.latest
    if station.standard is None or standard is None or not any(each.guarded for each in step.measurements()):
        return ""
    can = line.owner.capabilities
    drift = station.standard.temperature_percent_per_k + station.source.temperature_percent_per_k
    declared = (
        station.standard.accuracy_percent
        + can.power_accuracy_percent
        + drift * excess_k(station.environment, temperature_c)
    )
    return disagreement(source, standard, declared, can.power_resolution_w)


async def read_source(line: Line) -> Reading:
    """Whoever hung up once may have been asleep: the second question is on a connection of its own."""
    try:
        return await line.owner.read()
    except Unanswered:
        return await line.owner.read()
