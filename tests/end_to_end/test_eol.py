"""Whole end-of-line runs of types that have little in common: one, two and three phases, 10 A and 5 A, class 1 and 2."""

from __future__ import annotations

import pytest

from bench.journal_reader import JournalReader
from bench.places import journal_path
from bench.record import Run
from bench.replay import replay
from tests.end_to_end.conftest import Bench, Said


def recorded(said: Said) -> Run:
    with JournalReader(journal_path(simulated=True)) as reader:
        return reader.run(said.facts[-1]["run"])


@pytest.mark.parametrize("type_number", ["685-162-OK-50", "685-281-OK-50", "685-322-RK-50"])
def test_good_meters_pass(bench: Bench, type_number: str) -> None:
    said = bench(f"run eol --simulated --type {type_number} --positions 2 --seed 4 --json")
    assert (said.status, said.facts[-1]["ending"], said.verdicts) == (0, "COMPLETE", {1: "PASS", 2: "PASS"})


def test_a_circuit_apart_from_the_others_fails_though_every_point_lies_inside_its_limit(bench: Bench) -> None:
    apart = ("--fault", "2:gain=-0.75%", "--fault", "2:phase-gain=L2+2.3%")
    said = bench("run eol --simulated --type 685-381-OK-50 --positions 2 --seed 1 --json", *apart)
    assert said.verdicts == {1: "PASS", 2: "FAIL"}
    assert said.failed_steps(2) == ["single-phase-balance"]
    run = recorded(said)
    assert replay(run).same
