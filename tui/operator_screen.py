"""The operator's screen: what is always there, from the station at the top to the keys at the foot.

It shows pictures and decides nothing.
"""

from __future__ import annotations

from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Footer

from tui.banner import Banner
from tui.board import Board
from tui.lines import LineWidget
from tui.palette import BACKGROUND, PANEL, Role
from tui.picture import Picture
from tui.status_lines import Header, Hints, ScanField, SourceBar

_ACTION = Role.ACTION.value[1]
_FAIL = Role.FAIL.value

CSS = f"""
OperatorScreen {{ background: {BACKGROUND}; overflow: hidden; }}
OperatorScreen > LineWidget {{ width: 1fr; background: {BACKGROUND}; }}
#header, #source, #scan {{ height: 1; }}
#banner {{ height: 3; }}
#hints {{ height: 2; }}
#board {{ height: 1fr; }}
OperatorScreen.-tall #banner {{ height: 5; }}
OperatorScreen.-tall #board {{ margin-top: 1; }}
OperatorScreen.-tall #scan {{ margin-bottom: 1; }}
Footer {{ background: #2a3038; color: #e6e6e6; }}
Footer .footer-key--key {{ color: #ffffff; background: #4a525c; text-style: bold; padding: 0 1; }}
Footer .footer-key--description {{ color: #ffffff; padding: 0 1; }}
FooterKey.-disabled .footer-key--key, FooterKey.-disabled .footer-key--description {{ color: #7d858c; text-style: none; }}

Question {{ align: center middle; background: {BACKGROUND} 70%; }}
#question-box {{ width: 66; max-width: 95%; height: auto; border: heavy {_ACTION}; background: {PANEL}; padding: 1 2; }}
#question-title {{ text-style: bold; color: {_ACTION}; margin-bottom: 1; }}
#question-text {{ color: #ffffff; }}
#question-choices {{ height: auto; margin-top: 1; }}
Prompt {{ align: center top; background: {BACKGROUND} 70%; }}
Prompt.-tall #prompt-picture, Prompt.-tall #prompt-positions, Prompt.-tall .confirm {{ margin-top: 1; }}
Prompt.-tall #prompt-box {{ margin-top: 9; padding: 1 2; }}
#prompt-box {{ width: 78; max-width: 100%; margin-top: 5; height: auto; border: heavy {_ACTION}; background: {PANEL}; padding: 0 1; }}
#prompt-title {{ text-style: bold; color: {_ACTION}; }}
#prompt-text {{ color: #ffffff; text-style: bold; }}
#prompt-picture {{ color: #ffffff; background: #2a3038; padding: 0 1; }}
#prompt-positions {{ layout: grid; grid-size: 3; grid-rows: 1; height: auto; }}
.position {{ color: #e6e6e6; }}
.position.-differs {{ background: {_FAIL[1]}; color: {_FAIL[0]}; text-style: bold; }}
.confirm {{ height: 1; background: {_ACTION}; color: #000000; text-style: bold; text-align: center; }}
#prompt-note {{ color: #9aa2a9; }}
.choice {{
    width: 1fr; height: auto; min-height: 3; margin: 0 1; padding: 1 1;
    content-align: center middle; text-align: center; text-style: bold; background: {_ACTION}; color: #000000;
}}
"""


class OperatorScreen(Screen[None], inherit_bindings=False):
    """Header, banner, source, board, hints, scan line, keys."""

    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-tall")]  # noqa: RUF012 - Textual declares it on the instance

    def compose(self) -> ComposeResult:
        """The lines from top to bottom."""
        yield Header()
        yield Banner()
        yield SourceBar()
        yield Board()
        yield Hints()
        yield ScanField()
        yield Footer(compact=True, show_command_palette=False)

    def show(self, picture: Picture) -> None:
        """Show this picture; what has not changed is not painted."""
        for lines in self.query(LineWidget):
            lines.show(picture)
