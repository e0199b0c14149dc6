"""The pytest plugin (`pytest11`): options, and nothing more until somebody asks for it.

`--bench`, `bench = true` in pytest's ini file, or one of its other options bring the fixtures of `bench.pytest_fixtures`;
`--bench-sequence` makes the steps of one run the test items (`bench.pytest_run`).
"""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Every option of the plugin."""
    parser.addini("bench", "bring the fixtures station, line, meter and reference_meter", type="bool", default=False)
    group = parser.getgroup("bench", "test bench for the Kamstrup 382")
    group.addoption("--bench", action="store_true", help="bring the fixtures station, line, meter and reference_meter")
    group.addoption("--bench-station", default="", metavar="FILE", help="test on this station; simulated if absent")
    group.addoption("--bench-sequence", default="", metavar="NAME", help="run this sequence: its steps are the tests")
    group.addoption("--bench-type", default="", metavar="TYPE", help="type number of the meters")
    group.addoption("--bench-profile", default="", metavar="FILE", help="profile to test by")
    group.addoption("--bench-positions", default=1, type=int, metavar="N", help="positions of the simulated line")
    group.addoption("--bench-fault", action="append", default=[], metavar="FAULT", help="put a fault in: 1:gain=+2.5%%")
    group.addoption("--bench-serial", action="append", default=[], metavar="P=SERIAL", help="meter at a position")


def pytest_configure(config: pytest.Config) -> None:
    """Bring what was asked for."""
    sequence = config.getoption("--bench-sequence")
    if not (config.getini("bench") or config.getoption("--bench") or config.getoption("--bench-station") or sequence):
        return
    from bench import pytest_fixtures

    config.addinivalue_line(
        "markers",
        'meter(type_number, fault="", serial=""): the meter under test, and what is wrong with a simulated one',
    )
    config.addinivalue_line(
        "markers",
        "line(*faults, positions=1, seed=1, serials={}, source=...): how many meters, and what is wrong where",
    )
    config.pluginmanager.register(pytest_fixtures, "bench-fixtures")
    if sequence:
        from bench import pytest_run

        config.pluginmanager.register(pytest_run, "bench-run")
