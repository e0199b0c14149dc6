"""A gauge study, the whole way: three meters at three positions, twice, on one simulated line; then `bench gauge`."""

from __future__ import annotations

import json

import pytest

from bench.engine import Engine
from bench.pytest_line import TestLine
from bench.session import RunRequest
from bench.verdict import Ending
from tests.end_to_end.conftest import Bench

TYPE = "685-181-OK-50"
METERS = ("A", "B", "C")


def run_study(line: TestLine, trials: int) -> None:
    """Each meter goes to the next position, and round again."""

    async def scene(engine: Engine) -> None:
        for turn in range(3 * trials):
            serials = {number: METERS[(number + turn) % 3] for number in (1, 2, 3)}
            request = RunRequest("gauge", TYPE, serials, order="G-1", operator="4711")
            run = await engine.execute(await engine.prepare(request, "4711"))
            assert run.ending is Ending.COMPLETE, run.reason

    line.play(scene)


@pytest.mark.line(positions=3)
def test_three_meters_at_three_positions_twice_make_a_study_that_tells_bench_from_meters(
    bench: Bench, line: TestLine
) -> None:
    run_study(line, 2)
    study = json.loads(bench("gauge G-1 --simulated --json").out)
    assert (study["parts"], study["appraisers"]) == (["A", "B", "C"], ["1", "2", "3"])
    assert [each["step"] for each in study["points"]] == [
        "accuracy-imax", "accuracy-ib", "accuracy-ib-pf0.5", "accuracy-0.05ib",
    ]  # fmt: skip
    for point in study["points"]:
        assert 0.0 < point["grr"] < 0.05
        assert point["pv"] > 3 * point["grr"], "meters differ by 0.15 %, and keep their errors wherever they sit"
        assert point["percent_of_tolerance"] == pytest.approx(600 * point["grr"] / point["tolerance"])
    assert study["fit"] == all(each["percent_of_tolerance"] <= 10.0 for each in study["points"])
    said = bench("gauge G-1 --simulated")
    assert said.status == (0 if study["fit"] else 1)
    assert said.out.startswith(f"G-1  {TYPE}  3 meters × 3 positions × 2 trials\n")
    assert f"{study['points'][1]['grr']:8.4f}" in said.out

    alone = bench("gauge G-1 --simulated --by operator")
    assert (alone.status, "3 meters, 1 operators and 6 trials of each" in alone.err) == (2, True)
    unknown = bench("gauge G-2 --simulated")
    assert unknown.status == 2
    assert unknown.err.startswith("bench: no run of the study 'G-2' has ended COMPLETE: bench run gauge --order G-2")

    mistaken = line.of(TYPE).having(serials={1: "A", 2: "BB", 3: "C"}, positions=3)
    wrong = mistaken.run("gauge", order="G-1", operator="4711").id
    spoilt = bench("gauge G-1 --simulated")
    assert spoilt.status == 2
    assert f"BB is in run {wrong[:8]} alone: leave a run with a wrong serial out with --without RUN" in spoilt.err
    mended = bench(f"gauge G-1 --simulated --without {wrong[:8]}")
    assert mended.status == said.status
    assert mended.out == f"{said.out}left out: run {wrong}, by --without\n"
