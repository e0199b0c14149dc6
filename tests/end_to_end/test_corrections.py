"""Corrections by position, the whole way: against the world's truth, against a station without them, and in the record."""

from __future__ import annotations

import cmath
import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

from bench.session import RunRequest
from bench.station import Station
from bench.verdict import Ending, Verdict
from drivers.load import Load
from drivers.simulated.physics import MeterPhysics
from tests.end_to_end.at_work import TYPE, AtWork, at_work, station_changed
from tests.end_to_end.conftest import Bench


def true_error(physics: MeterPhysics, load: Load) -> float:
    """What a meter shows too much at a load, %: gain and phase error of each measuring circuit, weighted by power."""
    seen = sum(
        (u * i.conjugate() * cmath.exp(1e-3j * turn)).real * (1 + gain / 100)
        for u, i, gain, turn in zip(load.u, load.i, physics.gain_percent, physics.phase_error_mrad, strict=True)
    )
    return (seen / load.total_power - 1) * 100


def scores(seed: int, type_number: str, positions: int) -> list[float]:
    """(measured − true) / u of every accuracy point of a whole run of good meters."""
    found: list[float] = []

    async def scene(work: AtWork) -> None:
        testing = await work.start(type_number)
        run = await testing
        assert run.ending is Ending.COMPLETE
        plan = work.engine.plan(RunRequest("eol", type_number))
        loads = {step.name: step.load for step in plan.steps}
        meters = {place.number: place.meter.physics for place in work.world.places}
        for step in run.steps:
            load = loads[step.name]
            for outcome in step.outcomes if step.name.startswith("accuracy") else ():
                error = next(each for each in outcome.measurements if each.name == "error")
                assert isinstance(error.value, float)
                assert error.uncertainty is not None
                assert load is not None
                u = error.uncertainty / plan.profile.coverage_factor
                found.append((error.value - true_error(meters[outcome.position], load)) / u)
                assert outcome.verdict is Verdict.PASS

    at_work(scene, positions=positions, seed=seed)
    return found


def test_measured_errors_lie_around_the_truth_as_their_uncertainty_says() -> None:
    found = [z for seed in (1, 2, 3, 4, 5) for z in scores(seed, "685-381-OK-50", 3)]
    found += [z for seed in (6, 7) for z in scores(seed, "685-162-OK-50", 3)]
    assert len(found) == 5 * 3 * 7 + 2 * 3 * 4
    assert math.sqrt(sum(z * z for z in found) / len(found)) <= 1.1
    assert max(abs(z) for z in found) <= 4.0


def uncorrected(station: Station) -> Station:
    return replace(
        station,
        positions=tuple(
            replace(each, transformers=(), lead_milliohm=0.0, lead_uncertainty_milliohm=0.0)
            for each in station.positions
        ),
    )


def test_a_station_that_knew_nothing_of_its_transformers_would_fail_good_meters_at_half_inductive() -> None:
    async def scene(work: AtWork) -> None:
        run = await (await work.start(only="accuracy-ib-pf0.5"))
        assert [run.verdict(position) for position in (1, 2, 3, 4)] == [Verdict.FAIL] * 4

    with station_changed(uncorrected):
        at_work(scene, positions=4)


@pytest.fixture
def exported(bench: Bench, tmp_path: Path) -> dict[str, dict[str, object]]:
    """A short run as exported, its steps by name."""
    closed = bench(f"run eol --simulated --type {TYPE} --positions 1 --only accuracy-ib-pf0.5 --json").facts[-1]
    document = json.loads(bench(f"export {closed['run']} --simulated").out)
    return {**{step["name"]: step for step in document["run"]["steps"]}, "run": document["run"]}
