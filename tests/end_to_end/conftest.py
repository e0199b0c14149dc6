"""Every run of these tests has a home of its own, and a command line that runs in this process."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bench.command_line import run


@dataclass(frozen=True)
class Said:
    """What a command line said and how it ended."""

    status: int
    out: str
    err: str

    @property
    def facts(self) -> list[dict[str, Any]]:
        """Its standard output as NDJSON."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def verdicts(self) -> dict[int, str]:
        """Verdict by position, of the line that sums a run up."""
        return {each["position"]: each["verdict"] for each in self.facts[-1]["positions"]}


Bench = Callable[..., Said]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The bench's home: a folder that is not there yet, as on a new station."""
    folder = tmp_path / "home"
    monkeypatch.setenv("BENCH_HOME", str(folder))
    return folder


@pytest.fixture
def bench(capsys: pytest.CaptureFixture[str]) -> Bench:
    """Run one command line as a user would type it: `bench("run eol --simulated", "--type", TYPE)`."""

    def type_in(line: str, *more: str) -> Said:
        capsys.readouterr()
        status = run([*line.split(), *more])
        captured = capsys.readouterr()
        return Said(status, captured.out, captured.err)

    return type_in
