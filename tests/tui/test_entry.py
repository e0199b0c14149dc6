"""What a scan becomes: type number, serial number, sequence, or a sentence that says why not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.session import PositionState, StationCard
from tui.entry import Entry, NotTaken

REAL = StationCard("EOL-3", 3, simulated=False, sequences=("type-test", "eol"))


@pytest.mark.parametrize("code", ["685-382-OK-50", "685382OK50", "685-382-ok-50", " 685-381-TR-10 "])
def test_a_type_number_is_known_by_its_form(code: str) -> None:
    entry = Entry.at(REAL).scanned(code)
    assert entry.type_number == code.strip().upper()
    assert entry.serials == {}


@pytest.mark.parametrize("code", ["21480000", "685-382", "685-382-OK-500", "X685-382-OK-50"])
def test_everything_else_is_a_serial_number_for_the_next_free_position(code: str) -> None:
    entry = Entry.at(REAL).scanned("1").scanned(code)
    assert entry.serials == {1: "1", 2: code}
    assert entry.next_free == 3


def test_the_name_of_a_sequence_chooses_it() -> None:
    entry = Entry.at(REAL)
    assert entry.sequence == "eol"
    assert entry.scanned("TYPE-TEST").sequence == "type-test"


@pytest.mark.parametrize(
    ("scans", "reason"),
    [
        (["1", "1"], "1 is already at position 1"),
        (["1", "2", "3", "4"], "every position has its meter. F1 starts, F2 clears"),
        (["685+382+OK+50"], "same keyboard layout"),
        (["214800002148000721480014"], "two scans in one line"),
    ],
)
def test_a_scan_that_cannot_be_used_says_why_and_what_to_do(scans: list[str], reason: str) -> None:
    entry = Entry.at(REAL)
    for scan in scans[:-1]:
        entry = entry.scanned(scan)
    with pytest.raises(NotTaken) as refusal:
        entry.scanned(scans[-1])
    assert reason in str(refusal.value)


def test_clearing_keeps_the_type_for_the_next_meters() -> None:
    entry = Entry.at(REAL).scanned("685-382-OK-50").scanned("1").cleared()
    assert (entry.type_number, entry.serials) == ("685-382-OK-50", {})


def test_a_simulated_station_without_serials_tests_all_its_positions_and_with_some_only_these() -> None:
    station = StationCard("simulated", 3, simulated=True, sequences=("eol",), default_type="685-382-OK-50")
    entry = Entry.at(station)
    assert entry.tested == [1, 2, 3]
    assert entry.request("operator").purpose == ""
    entry = entry.scanned("1")
    assert entry.tested == [1]
    assert [glance.state for glance in entry.glances()] == [
        PositionState.READY,
        PositionState.EMPTY,
        PositionState.EMPTY,
    ]
    assert entry.glances()[0].serial == "1"


def test_a_run_from_the_screen_is_for_what_the_station_says_it_is_for() -> None:
    apart = replace(REAL, purpose="engineering")
    assert Entry.at(REAL).request("4711").purpose == "production"
    assert Entry.at(apart).request("4711").purpose == "engineering"
