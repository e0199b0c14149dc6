"""How the tests of the screen run the app: with Textual's own pilot, on a scripted session, without waiting for a clock."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot

from tests.tui.screen_text import text_of
from tests.tui.scripted_session import ScriptedSession
from tui.app import BenchApp

_ROUNDS = 10
"""Rounds of the event loop in which every widget has handled what it was sent; a key goes through no more than four of them."""

_NO_BIG_LETTERS = dict.fromkeys(map(ord, "█▀▄"))


class Operator:
    """A person in front of the screen."""

    def __init__(self, app: BenchApp, pilot: Pilot[None]) -> None:
        self.app = app
        self._pilot = pilot

    async def press(self, *keys: str) -> None:
        """Press keys one after the other and look at what comes of each."""
        for key in keys:
            self.app.post_message(events.Key(key, key if len(key) == 1 else None))
            await self.look()

    async def scan(self, code: str) -> None:
        """A scanner types the code and Enter, faster than any screen follows."""
        for character in code:
            self.app.post_message(events.Key(character, character))
        await self.press("enter")

    async def look(self) -> None:
        """Let everything under way come to rest, then take a fresh glance, and rest again. No clock is waited for."""
        await self._rest()
        self.app.look()
        await self._rest()

    async def _rest(self) -> None:
        for _ in range(_ROUNDS):
            await self._pilot.pause(0)

    async def click(self, selector: str) -> None:
        """Touch a widget."""
        await self._pilot.click(selector)
        await self.look()

    @property
    def screen(self) -> str:
        """What is to be read on the screen."""
        return text_of(self.app)

    @property
    def banner(self) -> str:
        """What the banner says beside its big word, its lines in one."""
        lines = self.screen.splitlines()[1:4]
        return " ".join(" ".join(lines).translate(_NO_BIG_LETTERS).split())


Scene = Callable[[Operator], Awaitable[None]]


@pytest.fixture
def operate() -> Callable[..., None]:
    """Run a scene in front of a screen: `operate(session, scene)`."""

    def run(session: ScriptedSession, scene: Scene, size: tuple[int, int] = (80, 24), **options: Any) -> None:
        async def main() -> None:
            app = BenchApp(session, **options)
            async with app.run_test(size=size) as pilot:
                operator = Operator(app, pilot)
                await operator.look()
                await scene(operator)

        asyncio.run(main())

    return run
