"""What all tests share: how a coroutine is run in simulated time."""

from __future__ import annotations

import math
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from drivers.simulated.simulated_time import run_simulated


@pytest.fixture
def simulated() -> Callable[..., Any]:
    """Run a coroutine function on a fresh simulated loop: `simulated(main)`."""

    def run(main: Callable[[], Coroutine[Any, Any, Any]], speed: float = math.inf) -> Any:
        return run_simulated(main, speed)

    return run
