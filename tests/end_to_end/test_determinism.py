"""Same seed, same run, byte for byte, whatever the machine is doing and wherever the journal lies; another seed is another run."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bench.pytest_line import TestLine
from tests.end_to_end.at_work import TYPE
from tests.end_to_end.conftest import Bench

LINE = "run eol --simulated --type 685-381-OK-50 --positions 2 --fault 2:gain=+2.5% --json"


@contextmanager
def both_cores_busy() -> Iterator[None]:
    burners = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2)]
    try:
        yield
        assert all(burner.poll() is None for burner in burners)
    finally:
        for burner in burners:
            burner.kill()
            burner.wait()


def typed(line: str, home: Path) -> subprocess.Popen[str]:
    """Type a command line in a process and a home of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "bench", *line.split()],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "BENCH_HOME": str(home)},
    )


def test_the_same_seed_gives_the_same_bytes_in_separate_processes_with_both_cores_busy(
    bench: Bench, tmp_path: Path
) -> None:
    quiet = bench(LINE, "--seed", "7")
    run_id = quiet.facts[-1]["run"]
    exported = bench("export --canonical", run_id)
    assert exported.status == 0
    homes = [tmp_path / "here", tmp_path / "there"]
    with both_cores_busy():
        runs = [typed(f"{LINE} --seed 7", home) for home in homes]
        said = [each.communicate()[0] for each in runs]
    assert [each.returncode for each in runs] == [1, 1]
    assert said == [quiet.out, quiet.out]
    for home in homes:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("BENCH_HOME", str(home))
            assert bench("export --canonical", run_id).out == exported.out


@pytest.mark.meter(TYPE)
@pytest.mark.line("2:gain=+2.5%", positions=2)
def test_another_seed_gives_another_run(bench: Bench, line: TestLine) -> None:
    runs = [line.having(seed=seed).run("eol", only="accuracy-imax").id for seed in (7, 8, 7)]
    assert runs[0] == runs[2] != runs[1]
    one, other = (bench("export --canonical", run).out for run in runs[:2])
    assert one != other
    assert one.replace(runs[0], "") != other.replace(runs[1], ""), "not only the id differs"


@pytest.mark.line(positions=4)
def test_other_faults_or_meters_give_another_run(line: TestLine) -> None:
    others = (line.having(positions=3), line.having("1:gain"), line.of(TYPE), line.having(serials={1: "A"}))
    runs = {each.run("eol", only="sign-on").id for each in (line, *others)}
    assert len(runs) == 5
