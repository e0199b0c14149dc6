"""What all tests share: how a coroutine is run in simulated time, and how hypothesis tries."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from hypothesis import settings

from drivers.simulated.simulated_time import run_simulated

# The same examples on every machine, however slow: a test fails because of what it tests or not at all.
settings.register_profile("bench", deadline=None, derandomize=True)
settings.load_profile("bench")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI a skipped test is a failure: what nobody ran nobody has shown."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter is not None and reporter.stats.get("skipped") and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture
def simulated() -> Callable[..., Any]:
    """Run a coroutine function on a fresh simulated loop: `simulated(main)`."""

    def run(main: Callable[[], Coroutine[Any, Any, Any]], speed: float = math.inf) -> Any:
        return run_simulated(main, speed)

    return run
