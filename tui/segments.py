"""A meter's display in large segments of text, drawn from what is lit: the screen needs no character set of the meter's."""

from __future__ import annotations

from bench.prompt import Display

HEIGHT = 5
WIDTH = 59
"""Eight digits, a point, and the unit."""


def drawn(display: Display) -> tuple[str, ...]:
    """The lines from top to bottom, all of one width."""
    digits = [_digit(lit) for lit in display.digits]
    point = len(digits) - display.decimals if display.decimals else -1
    rows = []
    for row in range(HEIGHT):
        cells = []
        for k, digit in enumerate(digits):
            mark = "." if k == point - 1 and row == HEIGHT - 1 else " "
            cells.append(digit[row] + mark)
        unit = display.unit if row == HEIGHT - 1 else ""
        rows.append(f"{''.join(cells)}  {unit:<4}{_sign(display, row):<5}")
    return tuple(rows)


def _digit(lit: str) -> tuple[str, ...]:
    def bar(segment: str) -> str:
        return " ━━━ " if segment in lit else "     "

    def sides(left: str, right: str) -> str:
        return f"{'┃' if left in lit else ' '}   {'┃' if right in lit else ' '}"

    return (bar("a"), sides("f", "b"), bar("g"), sides("e", "c"), bar("d"))


def _sign(display: Display, row: int) -> str:
    """What stands beside the digits: squares, tariffs and phases, a line each."""
    if row == 0:
        return "".join("■" for lit in display.squares if lit)
    if row == 1:
        return " ".join(f"T{k}" for k, lit in enumerate(display.tariffs, start=1) if lit)
    if row in (2, 3, 4):
        return f"L{row - 1}" if display.phases[row - 2] else ""
    return ""
