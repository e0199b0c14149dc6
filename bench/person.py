"""A person at a screen: an open prompt waits for the answer that a session brings."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from bench.prompt import OpenPrompt
from bench.prompt_desk import Answer
from bench.session import Refused
from bench.steps import Blocked

PATIENCE_S = 3600.0
"""Nobody waits longer than this: a bench on voltage that nobody looks at switches itself off."""


class Person:
    """Somebody outside. `outside_is_asked` holds a simulated clock to a person's time while a question is open."""

    def __init__(self, outside_is_asked: Callable[[], AbstractContextManager[None]] = nullcontext) -> None:
        self._outside_is_asked = outside_is_asked
        self._asked: OpenPrompt | None = None
        self._given: asyncio.Future[Answer]

    async def answer(self, asked: OpenPrompt) -> Answer:
        """Wait for `give`. Raises `Blocked` when it does not come in `PATIENCE_S`."""
        self._asked, self._given = asked, asyncio.get_running_loop().create_future()
        try:
            with self._outside_is_asked():
                async with asyncio.timeout(PATIENCE_S):
                    return await self._given
        except TimeoutError:
            raise Blocked(
                f"{asked.title}: nobody answered within {PATIENCE_S / 60:.0f} min; start the test again"
            ) from None
        finally:
            self._asked = None

    def give(self, prompt: str, answer: str, badge: str) -> None:
        """Answer the open prompt. Raises `Refused` when it is not open or the answer is none of its choices."""
        if self._asked is None or self._asked.prompt != prompt or self._given.done():
            raise Refused(f"prompt {prompt!r} is not open: it was answered, or its run has ended")
        try:
            self._asked.understood(answer)
        except ValueError as error:
            raise Refused(str(error)) from None
        self._given.set_result(Answer(answer, badge))
