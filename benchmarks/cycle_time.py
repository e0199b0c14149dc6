"""How long `eol` takes on simulated time, against the floor that physics and norm allow with the same inputs (floor/cycle_floor.py).

`python benchmarks/cycle_time.py [--quick]`; ends with one JSON line, exits 0 only if the ratios hold. Questions to a person are left
out on both sides. Early stop is off, but for the column that says what it saves.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import random
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TypeVar

sys.path[0] = str(Path(__file__).parents[1])  # the folder of benchmarks holds one that is named as a package
sys.path.insert(0, str(Path(__file__).parent / "floor"))
from cycle_floor import Floor, Inputs, Meter, floor  # noqa: E402  # see above

from bench.assembly import Setup, engine_for  # noqa: E402
from bench.record import Run  # noqa: E402
from bench.session import RunRequest  # noqa: E402
from drivers.simulated.physics import draw  # noqa: E402
from drivers.simulated.simulated_time import SimulatedTimeLoop  # noqa: E402
from reference_meter import TypeNumber  # noqa: E402

ACCURACY_BUDGET = 0.93
TOTAL_BUDGET = 0.98
TYPES = ("685-181", "685-281", "685-321", "685-361")
SEEDS = (1, 2, 3, 4, 5)
"""The pulses to the first roll-over of the register, and what a meter waits for, differ from one to the next."""
GIVEN = Inputs()
HEADING = f"""\
Given to both:
- settling {GIVEN.settle:g} s after each change of load; power-up {GIVEN.power_up:g} s after it at sign-on;
  {GIVEN.without_voltage:g} s without voltage, {GIVEN.power_up:g} s from its return
- quantum {GIVEN.quantum_wh:g} Wh; jitter {GIVEN.jitter_s * 1e6:g} µs; random part at most 1/{GIVEN.share_of_limit:g} of the limit
- at least {GIVEN.periods} periods a point, {GIVEN.slow_periods} where one exceeds {GIVEN.slow_period_s:g} s; early stop off
- a slow point begins {GIVEN.left_share:g} of a period before a pulse, after {GIVEN.parked_share:g} Wh at Ib;
  the starting test {GIVEN.left_share_starting:g} of one
- gate: {GIVEN.gate_periods:g} pulses at Imax; starting: 2 pulses; no-load: edition of 2003
- readouts at sign-on, at the end and after a power cut: {GIVEN.mode_a:.1f} s in mode A,
  {GIVEN.native:.2f} s and {GIVEN.identity:.2f} s native, of a meter that reacts in {GIVEN.reaction:g} s; each meter's own reaction counts
- at the starting current, where no limit of error holds, the meter's own period
- neither knows register 2 of a meter: the dial test goes to its first roll-over and 1000 pulses on;
  "1000" is the ratio against a floor that knew it
- left out by the profile, for they ask a person: display, label and seals
- modules -OK-, good meters, one position"""

_Parts = TypeVar("_Parts", "Cycle", Floor)


@dataclass(frozen=True)
class Cycle:
    """One run, s of simulated time."""

    accuracy_part: float
    """From the sign-on to the end of the last accuracy point."""
    points: float
    """From the end of the dial test on."""
    total: float
    starting_period: float
    """From the first to the second pulse at the starting current, at the first position."""


@dataclass(frozen=True)
class Against:
    """One type at one position: means over the seeds."""

    bench: Cycle
    floor: Floor
    known: Floor
    """The same, were register 2 known."""

    @property
    def accuracy(self) -> float:
        """Ratio floor to bench of the accuracy part."""
        return self.floor.accuracy_part / self.bench.accuracy_part

    @property
    def total(self) -> float:
        """The same of the whole test."""
        return self.floor.total / self.bench.total

    @property
    def total_known(self) -> float:
        """The same against the floor that knows register 2."""
        return self.known.total / self.bench.total


def profile(folder: Path, *, early_stop: bool) -> str:
    """The path of a profile that asks nobody."""
    path = folder / f"cycle-{early_stop}.toml"
    path.write_text(
        f'leave_out = ["display", "label-and-seals"]\nsettle = {GIVEN.settle}\nquantum_wh = {GIVEN.quantum_wh}\n'
        'quantum_measured = "stated by this benchmark"\nedge_jitter_measured = "stated by this benchmark"\n'
        f"edge_jitter_s = {GIVEN.jitter_s}\nperiods = {GIVEN.periods}\nslow_periods = {GIVEN.slow_periods}\n"
        f"slow_period_s = {GIVEN.slow_period_s}\nearly_stop = {str(early_stop).lower()}\n",
        encoding="utf-8",
    )
    return str(path)


def cycle(meter: TypeNumber, seed: int, positions: int, profile: str) -> Cycle:
    """Run `eol` on good meters. Raises `SystemExit` where one does not pass: its seconds would mean nothing."""

    async def test() -> Run:
        async with engine_for(Setup(simulated=True, positions=positions, seed=seed)) as engine:
            prepared = await engine.prepare(RunRequest("eol", str(meter), profile=profile), "")
            return await engine.execute(prepared)

    with asyncio.Runner(loop_factory=lambda: SimulatedTimeLoop(math.inf)) as runner:
        run = runner.run(test())
    failed = [
        each.position for step in run.steps for each in step.outcomes if each.verdict.name not in ("PASS", "NONE")
    ]
    if failed or run.ending is None or run.ending.name != "COMPLETE":
        raise SystemExit(f"{meter}, seed {seed}: {run.ending} {run.reason}, not passed: {failed}")
    closed = {step.name: step.closed for step in run.steps}
    last = max(closed[name] for name in closed if name.startswith("accuracy"))
    edges = next(step for step in run.steps if step.name == "starting").outcomes[0].edges
    assert edges is not None  # the step leads its stage
    first, second = edges.rises_ns[-2:]
    return Cycle(
        last - closed["sign-on"], last - closed["register"], max(closed.values()), (second - first) / 1_000_000_000
    )


def against(meter: TypeNumber, seeds: tuple[int, ...], profile: str) -> Against:
    """Bench and floor of these meters, one after another at one position."""
    figures = Meter(len(meter.phases), meter.i_b, meter.i_max, meter.accuracy_class)
    benches, floors, known = [], [], []
    for seed in seeds:
        bench = cycle(meter, seed, 1, profile)
        itself = draw(meter, random.Random(f"{seed}:1:1"))
        given = replace(GIVEN, reaction=itself.reaction_s)
        benches.append(bench)
        floors.append(floor(figures, given, (1000 - itself.watt_hours) + 1000, bench.starting_period))
        known.append(floor(figures, given, 1000, bench.starting_period))
    return Against(_mean(benches), _mean(floors), _mean(known))


def _mean(each: Sequence[_Parts]) -> _Parts:
    columns = zip(*(vars(parts).values() for parts in each), strict=True)
    return type(each[0])(*(statistics.fmean(column) for column in columns))


def main(quick: bool) -> int:
    """Print the table and the JSON line; 0 when both ratios hold for all types."""
    types = TYPES[2:] if quick else TYPES
    seeds = SEEDS[:2] if quick else SEEDS
    lines = (1,) if quick else (1, 4, 12)
    print(f"{HEADING}\n{len(seeds)} seeds a type. Seconds of simulated time; F is the floor, B the bench.\n")
    columns = "type      points F     B  acc. part F     B  ratio   total F      B  ratio   1000  early stop saves"
    print(columns + "".join(f"   s a meter at {n}" for n in lines))
    figures: dict[str, object] = {}
    holds = True
    with tempfile.TemporaryDirectory() as home:
        os.environ["BENCH_HOME"] = home
        plain, early = (profile(Path(home), early_stop=wanted) for wanted in (False, True))
        for name in types:
            meter = TypeNumber.parse(f"{name}-OK-50")
            each = against(meter, seeds, plain)
            saved = cycle(meter, seeds[0], 1, plain).total - cycle(meter, seeds[0], 1, early).total
            a_meter = [each.bench.total if n == 1 else cycle(meter, seeds[0], n, plain).total / n for n in lines]
            good = each.accuracy >= ACCURACY_BUDGET and each.total >= TOTAL_BUDGET
            holds = holds and good
            print(
                f"{name} {each.floor.points:11.1f} {each.bench.points:5.1f} {each.floor.accuracy_part:12.1f} "
                f"{each.bench.accuracy_part:5.1f} {each.accuracy:6.3f} {each.floor.total:9.1f} {each.bench.total:6.1f} "
                f"{each.total:6.3f} {each.total_known:6.3f} {saved:17.1f}"
                + "".join(f" {seconds:16.1f}" for seconds in a_meter)
                + ("" if good else "  MISSED")
            )
            figures[name] = {
                "accuracy": round(each.accuracy, 4),
                "total": round(each.total, 4),
                "total_known_register_2": round(each.total_known, 4),
                "early_stop_saves_s": round(saved, 1),
                "s_a_meter": {n: round(seconds, 1) for n, seconds in zip(lines, a_meter, strict=True)},
            }
    print(f"budgets: accuracy part ≥ {ACCURACY_BUDGET}, total ≥ {TOTAL_BUDGET}")
    print(json.dumps({"benchmark": "cycle_time", "given": asdict(GIVEN), "types": figures, "holds": holds}))
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main("--quick" in sys.argv[1:]))
