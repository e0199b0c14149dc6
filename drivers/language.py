"""How an instrument is spoken to, whatever it is told: the ends of its lines and of its answers, and how it proves that it is there.

What the lines say is the dialects' business.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Language:
    """How an instrument's lines end, how it is asked who it is, and which line ends an answer. The defaults are SCPI's."""

    end: str = "\n"
    """What ends a line, both ways."""
    who: str = "*IDN?"
    """Asks for its identity, and proves that somebody answers."""
    is_last: Callable[[str, str], bool] = lambda question, line: True  # noqa: ARG005  # SCPI answers in one line
    """Whether `line` ends the answer to `question`. Lines before it are part of the answer, with line feeds between them."""
    acknowledges: bool = False
    """Whether settings are answered too."""
    baud_rate: int | None = None
    """Of a serial port; None leaves VISA's own 9600 8N1."""
    stop_bits: int = 1


SCPI = Language()
"""One line of question, one line of answer (SCPI-99 on a raw socket, VXI-11, HiSLIP, GPIB or USBTMC)."""
