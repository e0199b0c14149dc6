"""The whole screen, compared character by character and style by style with the pictures kept in `snapshots/`.

`UPDATE_SNAPSHOTS=1 pytest tests/tui` writes them anew; look at the difference before you keep it.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bench.verdict import Ending
from tests.tui.conftest import Operator
from tests.tui.screen_text import picture_of
from tests.tui.scripted_session import (
    TYPE_NUMBER,
    ScriptedSession,
    all_segments,
    ended_with_a_failure,
    labels,
    readings,
    under_way,
)
from tui.palette import Role

_SNAPSHOTS = Path(__file__).parent / "snapshots"
_SERIALS = ("21480000", "21480007", "21480014", "21480021")
_BLOCKED = (
    "L2: the source was asked for 230 V and the reference standard reads 12.1 V. "
    "Check the source's output, its range and the wiring."
)


async def _idle(operator: Operator, session: ScriptedSession) -> None:
    for serial in _SERIALS[:2]:
        await operator.scan(serial)
    await operator.press(*"214")


async def _running(operator: Operator, session: ScriptedSession) -> None:
    for serial in _SERIALS:
        await operator.scan(serial)
    await operator.press("f1")
    under_way(session)


async def _fail(operator: Operator, session: ScriptedSession) -> None:
    await _running(operator, session)
    ended_with_a_failure(session)


async def _blocked(operator: Operator, session: ScriptedSession) -> None:
    await _running(operator, session)
    session.safe()
    session.closed(Ending.BLOCKED, _BLOCKED)


async def _prompt(operator: Operator, session: ScriptedSession) -> None:
    await _running(operator, session)
    session.prompted(all_segments(range(1, 13)))
    await operator.look()
    await operator.scan("2")


async def _readings(operator: Operator, session: ScriptedSession) -> None:
    await operator.press("f1")
    session.prompted(readings(range(1, 13)))
    await operator.look()
    await operator.scan("11")


async def _labels(operator: Operator, session: ScriptedSession) -> None:
    await operator.press("f1")
    session.prompted(labels())
    await operator.look()
    for _ in range(2):
        await operator.scan("3")


_STATES: dict[str, Callable[[Operator, ScriptedSession], Awaitable[None]]] = {
    "idle": _idle,
    "running": _running,
    "fail": _fail,
    "blocked": _blocked,
    "prompt": _prompt,
    "prompt-readings": _readings,
    "prompt-labels": _labels,
}


def _compare(name: str, picture: str) -> None:
    kept = _SNAPSHOTS / f"{name}.txt"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        kept.parent.mkdir(exist_ok=True)
        kept.write_text(picture, encoding="utf-8")
    assert picture == kept.read_text(encoding="utf-8")


@pytest.mark.parametrize("state", _STATES)
@pytest.mark.parametrize("size", [(80, 24), (160, 45)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_screen_is_as_kept(operate: Callable[..., None], state: str, size: tuple[int, int]) -> None:
    session = ScriptedSession(12 if state in ("prompt", "prompt-readings") else 4, default_type=TYPE_NUMBER)

    async def scene(operator: Operator) -> None:
        await _STATES[state](operator, session)
        await operator.look()
        _compare(f"{state}-{size[0]}x{size[1]}", picture_of(operator.app))

    operate(session, scene, size)


@pytest.mark.parametrize(
    ("positions", "size"),
    [(12, (80, 24)), (12, (100, 30)), (12, (160, 45)), (30, (80, 24))],
    ids=lambda each: str(each),
)
def test_every_position_has_its_verdict_on_the_screen(
    operate: Callable[..., None], positions: int, size: tuple[int, int]
) -> None:
    session = ScriptedSession(positions, default_type=TYPE_NUMBER)

    async def scene(operator: Operator) -> None:
        await operator.press("f1")
        ended_with_a_failure(session)
        await operator.look()
        board = "\n".join(operator.screen.splitlines()[5:])
        assert board.count("✔ PASS") == positions - 2
        assert board.count("✖ FAIL") == 1
        assert board.count("≈ MARGINAL") == 1
        assert f" {positions} " in board or f"{positions} ✔" in board
        _compare(f"fail-{positions}-{size[0]}x{size[1]}", picture_of(operator.app))

    operate(session, scene, size)


def test_a_kept_picture_would_show_a_changed_colour() -> None:
    """The pictures name styles, so the same words in another colour are another picture."""
    kept = (_SNAPSHOTS / "fail-80x24.txt").read_text(encoding="utf-8")
    for role in (Role.PASS, Role.FAIL, Role.MARGINAL):
        assert f"{role.value[0]} on {role.value[1]} bold {role.name}" in kept
