"""Acceptance inspection of an order: the norm's tests, what cannot be made here, and the state of the lot."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.plan import make_plan
from bench.profile import STANDARD
from bench.pytest_line import TestLine
from bench.verdict import Verdict
from reference_meter import TypeNumber
from sequences.acceptance import acceptance
from tests.end_to_end.conftest import Bench
from tests.end_to_end.on_record import failed_steps

FAIL, PASS = Verdict.FAIL, Verdict.PASS


@pytest.mark.parametrize(
    ("type_number", "numbers", "limits"),
    [
        # class 1 and 2, IEC 62053-21:2003, table 6; one phase loaded: table 7
        ("685-381-OK-50", [10, 9, 5, 6, 7, 8, 4, 3, 2], [1.0, 1.0, 1.0, 2.0, 2.0, 1.5]),
        ("685-222-OK-50", [10, 9, 5, 6, 7, 8, 4, 3, 2], [2.0, 2.0, 2.0, 3.0, 3.0, 2.5]),
        ("685-181-OK-50", [10, 9, 5, 6, 4, 3, 2], [1.0, 1.0, 1.0, 1.5]),
    ],
)
def test_the_tests_of_the_norm_in_the_order_of_the_bench(
    type_number: str, numbers: list[int], limits: list[float]
) -> None:
    plan = make_plan("acceptance", acceptance, TypeNumber.parse(type_number), STANDARD)
    titles = [step.title.split() for step in plan.steps]
    assert [int(words[1]) for words in titles if words[0] == "No"] == numbers
    errors = [each.upper for step in plan.steps for each in step.measurements() if each.name == "error"]
    assert errors == limits


@pytest.mark.meter("685-381-OK-50")
def test_an_order_is_inspected_and_its_lot_judged(bench: Bench, line: TestLine, tmp_path: Path) -> None:
    three = line.having("2:gain=+2%", positions=3, serials={1: "101", 2: "102", 3: "103"})
    first = three.run("acceptance", order="A1")
    assert first.verdicts == {1: PASS, 2: FAIL, 3: PASS}
    assert failed_steps(first, 2)[0] == "accuracy-imax"
    run = first.id[:8]

    shown = bench("show", run).out
    assert "left out: No 1 Dielectric, not made here: it needs a high-voltage test set" in shown
    assert "left out: No 11 Mechanical, not made here" in shown

    some = bench("lot A1 --size 4 --simulated")
    assert some.status == 3
    assert some.out.splitlines() == [
        "order A1  685-381-OK-50  lot of 4",
        "100 % inspection: each meter must conform",
        "inspected 3 of 4, non-conforming 1",
        f"non-conforming: 102, run {run}",
        "CONTINUE",
    ]

    # The fourth meter, the mended second one, one without a number, and a run that is no whole inspection.
    tight = tmp_path / "tight.toml"
    tight.write_text("limit_factor = 0.9\n")
    mended = line.having(positions=2, seed=2, serials={1: "102", 2: "104"})
    again = mended.run("acceptance", order="A1", profile=tight)
    assert again.verdicts == {1: PASS, 2: PASS}
    assert line.having(seed=4).run("acceptance", order="A1").verdicts == {1: PASS}
    alone = line.having(seed=3, serials={1: "105"}).run("acceptance", only="no-load", order="A1")

    everyone = bench("lot A1 --size 4 --simulated")
    assert everyone.status == 0
    assert everyone.out.splitlines()[-2:] == ["inspected 4 of 4, non-conforming 0", "ACCEPT"]
    assert f"note: 102 failed in run {run} and counts as conforming by run {again.id[:8]}" in everyone.out
    assert f"by profile tight, plan {again.plan_hash[:8]}: run {again.id[:8]}, 2 of 2 meters conform" in everyone.out
    document = json.loads(bench("lot A1 --size 4 --simulated --json").out)
    assert (document["state"], document["inspected"], document["nonconforming"]) == ("ACCEPT", 4, [])
    assert document["failed_besides"] == [{"serial": "102", "run": first.id}]
    assert [each["profile"] for each in document["plans"]] == ["iec-62053-21", "tight"]
    assert "meters that do not count: 1 without a serial number" in everyone.out
    assert f"run {alone.id[:8]} is no whole inspection: it did not make register" in everyone.out

    sample = bench("lot A1 --size 100 --plan double --simulated")
    assert sample.status == 3
    assert "sample: " in sample.out
    assert "accept at" in sample.out
    assert "non-conforming: 102" in sample.out, "a meter of a sample is not tested until it passes"

    assert bench("lot A1 --size 3 --simulated").err == "bench: order A1: 4 meters were inspected, and the lot has 3\n"
    nobody = bench("lot B7 --size 3 --simulated")
    assert (nobody.status, nobody.out) == (2, "")
    assert "no simulated run of the sequence acceptance belongs to it" in nobody.err
