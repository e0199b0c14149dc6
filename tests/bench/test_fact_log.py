"""The facts of a session: numbered, in order, never lost, whoever follows from wherever."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

from bench.fact_log import FactLog
from bench.facts import Acted, Fact


def tell(log: FactLog, *whats: str) -> None:
    for what in whats:
        log.tell(Acted, time=0.0, run="r", who="4711", what=what)


def whats(facts: list[Fact]) -> list[str]:
    return [fact.what for fact in facts if isinstance(fact, Acted)]


async def all_of(log: FactLog, after: int = 0) -> list[Fact]:
    return [fact async for fact in log.follow(after)]


def test_facts_are_numbered_from_1_in_the_order_they_were_told() -> None:
    log = FactLog()
    told: list[Fact] = []
    log.subscribe(told.append)
    tell(log, "a", "b", "c")
    assert [(fact.number, fact.run) for fact in told] == [(1, "r"), (2, "r"), (3, "r")]
    assert whats(told) == ["a", "b", "c"]


def test_a_late_follower_gets_every_fact_or_those_after_a_number() -> None:
    log = FactLog()
    tell(log, "a", "b", "c")
    log.close()
    assert whats(asyncio.run(all_of(log))) == ["a", "b", "c"]
    assert whats(asyncio.run(all_of(log, after=2))) == ["c"]
    assert asyncio.run(all_of(log, after=3)) == []


def test_a_follower_from_a_number_that_is_still_to_come_waits_for_the_one_above_it(
    simulated: Callable[..., Any],
) -> None:
    async def main() -> None:
        log, loop = FactLog(), asyncio.get_running_loop()
        tell(log, "a")
        loop.call_at(1.0, tell, log, "b", "c", "d")
        loop.call_at(2.0, log.close)
        assert whats(await all_of(log, after=3)) == ["d"]

    simulated(main)


def test_a_follower_gets_new_facts_as_they_come_and_ends_with_the_log(simulated: Callable[..., Any]) -> None:
    async def main() -> None:
        log, loop = FactLog(), asyncio.get_running_loop()
        tell(log, "a")
        loop.call_at(1.0, tell, log, "b")
        loop.call_at(2.0, tell, log, "c", "d")
        loop.call_at(3.0, log.close)
        seen = []
        async for fact in log.follow():
            seen += [(what, loop.time()) for what in whats([fact])]
        assert seen == [("a", 0.0), ("b", 1.0), ("c", 2.0), ("d", 2.0)]
        assert loop.time() == 3.0

    simulated(main)


def test_a_fact_told_while_another_is_handled_is_not_lost(simulated: Callable[..., Any]) -> None:
    async def main() -> None:
        log = FactLog()
        tell(log, "a")
        seen = []
        async for fact in log.follow():
            seen += whats([fact])
            if len(seen) < 5:
                tell(log, f"after {len(seen)}")
            elif len(seen) == 5:
                log.close()
        assert seen == ["a", "after 1", "after 2", "after 3", "after 4"]

    simulated(main)


def test_followers_on_loops_of_their_own_in_other_threads_get_every_fact() -> None:
    log = FactLog()
    found: list[list[str]] = []
    ready = threading.Barrier(4)

    def follow(after: int) -> None:
        async def main() -> list[Fact]:
            ready.wait(timeout=10)
            return await all_of(log, after)

        found.append(whats(asyncio.run(main())))

    threads = [threading.Thread(target=follow, args=(after,)) for after in (0, 0, 150)]
    for thread in threads:
        thread.start()
    ready.wait(timeout=10)
    every = [f"fact {k}" for k in range(300)]
    tell(log, *every)
    log.close()
    for thread in threads:
        thread.join(timeout=10)
    assert sorted(found, key=len) == [every[150:], every, every]


def test_a_follower_that_has_gone_with_its_loop_disturbs_nobody() -> None:
    log = FactLog()

    async def give_up() -> None:
        facts = log.follow()
        tell(log, "a")
        await anext(facts)
        # The loop ends without the generator being closed by its user: asyncio closes it.

    asyncio.run(give_up())
    tell(log, "b")
    log.close()
    assert whats(asyncio.run(all_of(log))) == ["a", "b"]
