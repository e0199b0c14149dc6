"""The board is one widget that paints only what changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from textual.geometry import Region

from tests.tui.conftest import Operator
from tests.tui.scripted_session import TYPE_NUMBER, ScriptedSession, under_way
from tui.board import Arrangement, Board, Shape


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
def test_a_changed_position_repaints_at_most_six_regions_and_asks_for_no_layout(
    operate: Callable[..., None], size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    session = ScriptedSession(default_type=TYPE_NUMBER)
    asked: list[tuple[Region, ...]] = []
    layouts: list[object] = []

    async def scene(operator: Operator) -> None:
        await operator.press("f1")
        under_way(session)
        await operator.look()
        board = operator.app.query_one(Board)
        refresh = board.refresh

        def watched(*regions: Region, **how: Any) -> Board:
            asked.append(regions)
            layouts.extend(key for key in ("layout", "repaint", "recompose") if how.get(key))
            return refresh(*regions, **how)

        monkeypatch.setattr(board, "refresh", watched)
        monkeypatch.setattr(operator.app.screen, "_refresh_layout", lambda *args, **kwargs: layouts.append(args))
        session.measured(3, -0.731, 0.99, 1234)
        await operator.look()
        arrangement = Arrangement.of(4, board.size.width, board.size.height)
        column = range(2 * arrangement.cell_width, 3 * arrangement.cell_width)
        (regions,) = asked
        assert 1 <= len(regions) <= 6
        for region in regions:
            assert region.width > 0
            if arrangement.shape is Shape.TILE:
                assert region.x in column
                assert region.right - 1 in column
            else:
                assert (region.y, region.height) == (3, 1)
        assert layouts == []
        asked.clear()
        await operator.look()
        assert asked == []

    operate(session, scene, size)


@pytest.mark.parametrize(
    ("positions", "width", "height", "shape"),
    [
        (4, 80, 14, Shape.ROW),
        (12, 80, 14, Shape.ROW),
        (14, 80, 14, Shape.CELL),
        (12, 100, 18, Shape.ROW),
        (4, 160, 32, Shape.TILE),
        (12, 160, 32, Shape.TILE),
        (1, 160, 32, Shape.TILE),
    ],
)
def test_the_arrangement_shows_every_position(positions: int, width: int, height: int, shape: Shape) -> None:
    arrangement = Arrangement.of(positions, width, height)
    assert arrangement.shape is shape
    assert arrangement.columns * arrangement.cell_width <= width
    heads = 1 if shape is Shape.ROW else 0
    assert -(-positions // arrangement.columns) * arrangement.cell_height + heads <= height
