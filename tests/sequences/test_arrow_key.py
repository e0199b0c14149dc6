"""The arrow key, pressed and held."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from sequences.arrow_key import hold_at


@pytest.mark.parametrize(("ended", "begins"), [((), 10.0), ((3.0, 7.0), 128.0), ((7.0, 3.0), 128.0)])
def test_the_key_is_held_once_the_display_has_fallen_back(
    ended: tuple[float, ...], begins: float, simulated: Callable[..., Any]
) -> None:
    """121 s after the last activation ended; at once where there was none."""

    async def main() -> list[tuple[float, Any]]:
        loop, played = asyncio.get_running_loop(), []

        async def play(pattern: Any) -> None:
            played.append((loop.time(), pattern))

        await asyncio.sleep(10.0 - loop.time())
        button: Any = SimpleNamespace(closures=[SimpleNamespace(ended=each) for each in ended], play=play)
        await hold_at(button, 2)
        return played

    played = simulated(main)
    assert [pattern for _, pattern in played] == [[(0.3, 0.5)] * 2, [(6.5, 0.5)]]
    assert played[0][0] == pytest.approx(begins)
