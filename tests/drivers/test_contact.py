"""A contact that is closed and opened by a GPIO output."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from drivers.contact import Closure, Contact
from drivers.simulated.pins import SimulatedPinFactory

Run = Callable[..., Any]


def on_a_pin(body: Callable[[Contact, list[tuple[float, bool]]], Any]) -> Callable[[], Any]:
    async def main() -> Any:
        loop = asyncio.get_running_loop()
        factory = SimulatedPinFactory(loop.time)
        contact = Contact("GPIO5", pin_factory=factory)
        seen: list[tuple[float, bool]] = []
        factory.pin("GPIO5").on_output = lambda level: seen.append((loop.time(), level))
        try:
            return await body(contact, seen)
        finally:
            contact.close()
            factory.close()

    return main


def test_a_pattern_is_played_at_its_times_and_told_as_it_was(simulated: Run) -> None:
    async def body(contact: Contact, seen: list[tuple[float, bool]]) -> None:
        played = await contact.play([(1.2, 0.8), (0.03, 0.0325)])
        assert played == (Closure(0.0, 1.2), Closure(2.0, 2.03))
        assert seen == [(0.0, True), (1.2, False), (2.0, True), (pytest.approx(2.03), False)]
        assert asyncio.get_running_loop().time() == pytest.approx(2.0625)

    simulated(on_a_pin(body))


def test_a_pattern_that_is_cut_short_leaves_the_contact_open(simulated: Run) -> None:
    async def body(contact: Contact, seen: list[tuple[float, bool]]) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await contact.play([(1.2, 0.8)])
        assert not contact.closed
        assert contact.closures == [Closure(0.0, 0.5)]
        assert seen == [(0.0, True), (0.5, False)]

    simulated(on_a_pin(body))


def test_closing_or_opening_twice_is_once(simulated: Run) -> None:
    async def body(contact: Contact, seen: list[tuple[float, bool]]) -> None:
        contact.open_contact()
        contact.close_contact()
        contact.close_contact()
        assert contact.closed
        contact.open_contact()
        contact.open_contact()
        assert len(seen) == 2
        assert len(contact.closures) == 1

    simulated(on_a_pin(body))
