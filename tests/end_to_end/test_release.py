"""From a profile to production on the command line: refused, released by a second person, run, changed, refused again, withdrawn."""

from __future__ import annotations

import json
from pathlib import Path

from bench.journal_reader import JournalReader
from bench.places import journal_path
from bench.record import Run
from drivers.simulated.serial_line import PtyLine
from tests.end_to_end.conftest import Bench
from tests.end_to_end.test_bad_input import one_line, real_source, station, write_station

PEOPLE = """
[[people]]
badge = "O1"
name = "Ole"
roles = ["operator"]
[[people]]
badge = "E1"
name = "Eva"
roles = ["engineer"]
[[people]]
badge = "Q1"
name = "Kim"
roles = ["quality", "engineer"]
"""
RELEASE = "release eol --type 685-381-OK-50"
PROFILE = 'leave_out = ["display", "label-and-seals"]\nlimit_factor = {}\n'


def latest_run() -> Run:
    with JournalReader(journal_path(simulated=False)) as journal:
        return journal.run(journal.runs(1)[0].id)


def test_production_runs_what_a_second_person_released_and_nothing_else(
    bench: Bench, home: Path, tmp_path: Path
) -> None:
    profile = tmp_path / "tight.toml"
    profile.write_text(PROFILE.format(0.8), encoding="utf-8")
    with_profile = ["--profile", str(profile)]
    line = PtyLine()
    run = ["run eol --type 685-381-OK-50 --serial 1=21480001 --operator O1", *with_profile]
    try:
        with real_source() as (resource, _):
            # A source that cannot make the plan: whatever passes the release ends BLOCKED at once, and is on record.
            write_station(
                home,
                station(resource, line.url, "i_max = 60.0\ndue = 9999-12-31\npower_accuracy_percent = 0.05") + PEOPLE,
            )

            one_line(
                bench(*run),
                2,
                "profile tight, is not released for production",
                f"{RELEASE} --profile {profile} --badge",
            )
            one_line(
                bench(RELEASE, *with_profile, "--badge", "E1", "--prepared-by", "E1"), 2, "Eva (badge E1, engineer)"
            )
            one_line(
                bench(RELEASE, *with_profile, "--badge", "Q1", "--prepared-by", "Q1"), 2, "a second person releases"
            )

            done = bench(RELEASE, *with_profile, "--badge", "Q1", "--prepared-by", "E1")
            assert (done.status, done.err) == (0, "")
            plan = json.loads(
                bench("plan eol --type 685-381-OK-50 --json --station", str(home / "station.toml"), *with_profile).out
            )
            assert f"hash {plan['hash']}" in done.out

            one_line(bench(*run), 3, "the source cannot make this plan")
            kept = latest_run()
            assert (kept.purpose, kept.plan_hash, kept.operator) == ("production", plan["hash"], "O1")
            assert [act.who for act in kept.acts] == ["Q1"]
            assert "released by Q1" in kept.acts[0].what
            assert "prepared by E1" in kept.acts[0].what

            profile.write_text(PROFILE.format(0.81), encoding="utf-8")
            one_line(bench(*run), 2, "is not released for production")
            profile.write_text(PROFILE.format(0.8), encoding="utf-8")
            one_line(bench(*run), 3, "the source cannot make this plan")

            assert bench("release --withdraw", plan["hash"][:8], "--badge", "Q1").status == 0
            one_line(bench(*run), 2, "was withdrawn by Q1")
            one_line(bench("release --withdraw", plan["hash"][:8], "--badge", "Q1"), 2, "no plan whose hash begins")
    finally:
        line.close()
    listed = bench("release --list")
    assert [row.split()[1:5] for row in listed.out.splitlines()] == [
        [plan["hash"][:8], "released", "Q1", "E1"],
        [plan["hash"][:8], "withdrawn", "Q1", "E1"],
    ]
    released, withdrawn = bench("release --list --json").facts
    assert json.loads(released["plan"])["profile"]["limit_factor"] == 0.8
    assert withdrawn["act"] == "withdrawn"
    with JournalReader(journal_path(simulated=False)) as journal:
        assert journal.faults() == ()


def test_a_station_that_lists_nobody_releases_nothing(bench: Bench, home: Path) -> None:
    write_station(home, station("TCPIP::127.0.0.1::1::SOCKET", "/dev/null"))
    one_line(bench(f"{RELEASE} --badge Q1 --prepared-by E1"), 2, "the station file lists nobody: add [[people]]")
    assert not journal_path(simulated=False).exists()


def test_what_release_is_asked_for_must_be_one_thing(bench: Bench) -> None:
    one_line(bench("release"), 2, "give a SEQUENCE to release, --withdraw HASH, or --list")
    one_line(bench("release eol --list"), 2, "give a SEQUENCE to release")
    one_line(bench("release eol"), 2, "no type number")
    one_line(bench("release --withdraw abcd --json"), 2, "--json is for --list")
    one_line(bench("release --list"), 3, "there is no journal at")


def test_an_ordered_module_that_a_position_cannot_test_holds_production_back_before_its_release(
    bench: Bench, home: Path, tmp_path: Path
) -> None:
    profile = tmp_path / "no-wires.toml"
    profile.write_text('leave_out = ["module", "output-2", "pulse-input"]\n', encoding="utf-8")
    line = PtyLine()
    run = "run eol --type 685-381-RK-50 --serial 1=21480001 --operator O1"
    try:
        with real_source() as (resource, _):
            write_station(home, station(resource, line.url, "due = 9999-12-31\npower_accuracy_percent = 0.05") + PEOPLE)
            one_line(
                bench(run),
                2,
                "Module RK: data/pulse",
                "cannot be tested at position 1 (modules.RK in the station file)",
                "Pulse input cannot be tested at position 1 (contact_pin in the station file)",
                "leave_out: output-2, module, pulse-input",
            )
            one_line(bench(run, "--profile", str(profile)), 2, "is not released for production")
    finally:
        line.close()
