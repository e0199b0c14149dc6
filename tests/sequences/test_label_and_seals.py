"""Label and seals: what must be seen, and what is made of the answer."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from bench.fixture import Snapshot
from bench.profile import STANDARD
from reference_meter import TypeNumber
from sequences.label_and_seals import LabelAndSeals
from tests.sequences.standing import Standing, asked, read

METER = TypeNumber.parse("685-381-OK-50")
Simulated = Callable[[Callable[[], Coroutine[Any, Any, Standing]]], Standing]


@pytest.mark.parametrize(
    ("answer", "label", "seals"),
    [
        ("right", "as ordered", "whole"),
        ("label", "differs", "whole"),
        ("seal", "as ordered", "missing or broken"),
        ("both", "differs", "missing or broken"),
    ],
)
def test_label_and_seals_are_judged_apart(answer: str, label: str, seals: str, simulated: Simulated) -> None:
    snapshots = (read(customer_number="21480001"),)
    for serial, number in (("10001093", "10001093"), ("", "21480001")):
        step = LabelAndSeals(METER, STANDARD)
        seen, (prompt,) = asked(simulated, step, answer, snapshots=snapshots, serial=serial)
        assert seen.values == {"label": label, "seals": seals}
        assert [mark.reads for mark in prompt.marks if mark.what == "number"] == [number]


def test_what_must_be_seen_is_the_ordered_type_a_number_where_one_is_known_and_the_constant(
    simulated: Simulated,
) -> None:
    def marks(snapshots: tuple[Snapshot, ...]) -> list[tuple[str, str]]:
        _, (prompt,) = asked(simulated, LabelAndSeals(METER, STANDARD), "right", snapshots=snapshots)
        return [(mark.what, mark.reads) for mark in prompt.marks]

    unnumbered = [("type", "685-381-OK-50"), ("constant", "1000 imp/kWh"), ("seals", "whole")]
    assert marks(()) == marks((read(total_kwh=17),)) == unnumbered
    assert marks((read(customer_number="21480001"),)) == [
        unnumbered[0],
        ("number", "21480001"),
        *unnumbered[1:],
    ]
