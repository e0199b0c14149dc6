"""The page on writing a sequence, taken at its word: its package, its commands and its tests."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.end_to_end.test_bad_input import station, write_station
from tests.end_to_end.test_release import PEOPLE

PAGE = Path(__file__).parents[2] / "docs" / "writing-a-sequence.md"


def listings(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.fixture
def plant(tmp_path: Path) -> Path:
    """A folder with the page's files, its package installed as an installer leaves it: a module and the entry points beside it."""
    folder = tmp_path / "plant"
    folder.mkdir()
    module, tests = listings("python")
    (project,) = listings("toml")
    (folder / "plant_382.py").write_text(module)
    (folder / "test_plant_382.py").write_text(tests)
    described = tomllib.loads(project)["project"]
    installed = folder / f"plant_382-{described['version']}.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {described['name']}\nVersion: 1.0\n")
    groups = described["entry-points"]
    (installed / "entry_points.txt").write_text(
        "".join(f"[{group}]\n" + "".join(f"{k} = {v}\n" for k, v in names.items()) for group, names in groups.items())
    )
    return folder


def typed(plant: Path, line: str) -> subprocess.CompletedProcess[str]:
    """Type a line of the page in the plant's folder."""
    program, *arguments = shlex.split(line)
    return subprocess.run(
        [sys.executable, "-m", program, *arguments],
        cwd=plant,
        env={**os.environ, "PYTHONPATH": str(plant), "BENCH_HOME": str(plant / "home")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_module_is_as_short_as_promised() -> None:
    module = listings("python")[0]
    body = module[module.index("@dataclass") :]
    assert len([line for line in body.splitlines() if line.strip()]) <= 40


def test_the_commands_of_the_page_plan_and_run_the_plants_own_sequence(plant: Path) -> None:
    plan, run = listings("sh")[0].splitlines()
    planned = typed(plant, plan)
    assert planned.returncode == 0, planned.stderr
    assert "time to a pulse at most 3.13043 s" in planned.stdout  # 1.5 · 3600 J / (3 · 230 V · 2.5 A)
    ran = typed(plant, run)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.count("✔ PASS") == 4


def test_the_plants_own_sequence_is_released_as_it_is_marked_and_refused_unmarked(plant: Path) -> None:
    (plant / "home").mkdir()
    write_station(plant / "home", station("TCPIP::192.0.2.10::5025::SOCKET", "/dev/ttyUSB0") + PEOPLE)
    release = listings("sh")[1].strip()
    released = typed(plant, release)
    assert (released.returncode, released.stderr) == (0, "")
    assert "repaired 685-381-OK-50, profile iec-62053-21: plan " in released.stdout

    module = plant / "plant_382.py"
    module.write_text(module.read_text().replace("@whole_test\n", ""))
    refused = typed(plant, release)
    assert refused.returncode == 2
    assert "mark it @whole_test (docs/writing-a-sequence.md)" in refused.stderr
    assert "no production run: the sequence repaired" in typed(plant, listings("sh")[0].splitlines()[0]).stdout


def test_the_tests_of_the_page_pass_with_the_plugin_and_not_without_it(plant: Path) -> None:
    asked = typed(plant, "pytest --bench -p no:cacheprovider")
    assert asked.returncode == 0, asked.stdout
    assert "4 passed" in asked.stdout
    assert not (plant / "home").exists(), "a simulated test leaves nothing in the bench's home"
    silent = typed(plant, "pytest -p no:cacheprovider")
    assert "fixture 'line' not found" in silent.stdout


def test_the_steps_of_a_run_are_the_tests(plant: Path) -> None:
    (plant / "test_plant_382.py").unlink()
    said = typed(plant, f"{listings('sh')[2].strip()} -v -p no:cacheprovider")
    assert said.returncode == 1
    results = re.findall(r"^bench::(\S+) (PASSED|FAILED)", said.stdout, re.MULTILINE)
    assert results == [
        ("sign-on[1]", "PASSED"),
        ("sign-on[2]", "PASSED"),
        ("registers-at-once[1]", "PASSED"),
        ("registers-at-once[2]", "PASSED"),
        ("accuracy-ib[1]", "PASSED"),
        ("accuracy-ib[2]", "FAILED"),
    ]
    assert re.search(r"^error 4\.\d+ %, limit ±1 % \(reference ", said.stdout, re.MULTILINE)
    assert "collected 6 items" in said.stdout


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("pytest --bench-sequence gone", "there is no sequence 'gone'"),
        ("pytest --bench-sequence repaired test_plant_382.py", "makes its own tests: name no files beside it"),
        ("pytest --bench-sequence repaired --bench-serial 7", "--bench-serial '7': write POSITION=SERIAL"),
        ("pytest --bench-sequence eol --bench-fault 9:gain=+4%", "9:gain=+4%"),
        ("pytest --bench-sequence eol --bench-serial 2=7", "position 2 does not exist"),
        ("pytest --bench-sequence eol --bench-fault 1:phase-gain=L3+4% --bench-type 685-181-OK-50", "L3"),
        (
            "pytest --bench-sequence eol --bench-station gone.toml --bench-fault 1:gain=+4%",
            "no fault can be put into a real",
        ),
    ],
)
def test_what_cannot_be_collected_is_told_in_a_line(plant: Path, line: str, why: str) -> None:
    said = typed(plant, f"{line} -p no:cacheprovider")
    assert said.returncode == pytest.ExitCode.USAGE_ERROR
    assert said.stderr.count("ERROR: ") == 1
    assert why in said.stdout + said.stderr
    assert "Traceback" not in said.stdout + said.stderr


def test_a_run_that_is_blocked_fails_its_steps_and_a_meter_that_left_is_skipped(plant: Path) -> None:
    line = "pytest --bench-sequence eol --bench-positions 2 -p no:cacheprovider"
    blocked = typed(plant, f"{line} --bench-fault line:standard-silent=30")
    assert "BLOCKED: " in blocked.stdout
    left = typed(plant, f"{line} --bench-fault 2:silent-head")
    assert re.search(r"1 failed, \d+ passed, \d+ skipped", left.stdout)
