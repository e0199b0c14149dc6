"""The operator's app: keys and scans become commands to the session, facts and glances become pictures on the screen.

Letters and digits are scans, so every binding is a function key or Escape. Commands run in workers: F4 is heard while a start is
still waiting for its instruments.
"""

from __future__ import annotations

import asyncio
import gc
import math
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType

from bench.session import Refused, Session
from tui.entry import Entry, NotTaken
from tui.operator_screen import CSS, OperatorScreen
from tui.picture import Picture
from tui.prompt import Prompt
from tui.question import Leave
from tui.run_story import RunStory
from tui.scanner import Ended, Scanned, ScanningApp

GLANCE_PERIOD_S = 0.1
SPEEDS = (1.0, 10.0, math.inf)
"""What F6 goes through, in simulated seconds a second."""
RETRY_PERIOD_S = 1.0
"""How often an engine that has gone is looked for."""
BADGE = "operator"
"""Who acts, as long as nobody has scanned a badge."""


class BenchApp(ScanningApp):
    """The screen of one station. `speed` is the speed the session was opened with; a real station has none.

    `again` opens the session anew when its engine, in another process, has gone; leaving the screen then leaves its run alone.
    """

    TITLE = "bench"
    CSS = CSS
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "start", "START", key_display="F1"),
        Binding("f2", "clear_entries", "Clear", key_display="F2"),
        Binding("f4", "abort", "ABORT", key_display="F4"),
        Binding("f6", "speed", "Speed", key_display="F6"),
        Binding("f9", "rearm", "RE-ARM", key_display="F9"),
        Binding("f10", "leave", "Quit", key_display="F10"),
        Binding("escape", "clear_scan", "Clear line", show=False),
    ]

    def __init__(
        self,
        session: Session,
        type_number: str = "",
        speed: float = 10.0,
        again: Callable[[], Awaitable[Session]] | None = None,
    ) -> None:
        super().__init__()
        self._session = session
        self._again = again
        self.picture = Picture(session.card, session.glance(), RunStory(), Entry.at(session.card, type_number), speed)
        self._operator = OperatorScreen()
        self._answered: set[str] = set()
        self._leaving = False

    def get_default_screen(self) -> OperatorScreen:
        """The operator's screen."""
        return self._operator

    def on_mount(self) -> None:
        """Follow the session."""
        self.run_worker(self._follow_facts(), group="facts")
        self.set_interval(GLANCE_PERIOD_S, self.look)
        self.call_after_refresh(self._settle)

    def on_unmount(self) -> None:
        """Give back to the garbage collector what `on_mount` took from it."""
        gc.unfreeze()

    def _settle(self) -> None:
        """What stands now stands to the end: a garbage collection that walks through all of it stalls the loop up to 49 ms."""
        self.change()
        gc.collect()
        gc.freeze()

    # ------------------------------------------------------------------ what the session tells

    def look(self) -> None:
        """Take the latest glance and show it where it is news."""
        glance = self._session.glance()
        if glance.revision != self.picture.glance.revision:
            faster = {"speed": glance.speed} if glance.speed != self.picture.glance.speed else {}
            self.change(glance=glance, **faster)
        if self.picture.aborting and not self.picture.busy:
            self.change(aborting=False)
        if self._leaving and not self.picture.busy:
            self.exit()

    async def _follow_facts(self) -> None:
        try:
            async for fact in self._session.facts(self.picture.glance.since):
                self.change(story=self.picture.story.told(fact), glance=self._session.glance())
        except Refused as reason:
            looking = "This screen looks for the engine. F10 leaves."
            self.change(lost=str(reason), story=RunStory(), glance=self._session.glance(), hint=looking)
            self.run_worker(self._find_again(), group="facts")

    async def _find_again(self) -> None:
        """Until an engine answers; nothing that was known of the source is known until then."""
        while self._again is not None:
            await asyncio.sleep(RETRY_PERIOD_S)
            try:
                session = await self._again()
            except Refused:
                continue
            await self._session.close()
            self._session, self._answered = session, set()
            glance = session.glance()
            hint = "" if glance.running else "The engine was started again. The journal says how the last test ended."
            self.change(lost="", refusal="", story=RunStory(), glance=glance, speed=glance.speed, hint=hint)
            self.run_worker(self._follow_facts(), group="facts")
            return

    @property
    def session(self) -> Session:
        """The session as it is now, for whoever opened it to close."""
        return self._session

    def change(self, **changes: Any) -> None:
        """Make the next picture out of this one and show it."""
        before, self.picture = self.picture, replace(self.picture, **changes)
        if not self._operator.is_mounted:
            return
        self._operator.show(self.picture)
        self._ask()
        now = self.picture
        if (before.busy, before.lost, before.glance.source) != (now.busy, now.lost, now.glance.source):
            self._operator.refresh_bindings()

    # ------------------------------------------------------------------ scans

    def scan_line_changed(self) -> None:
        """Show what is being typed."""
        self.change(scan=self.scan_line.text)
        if isinstance(self.screen, Prompt):
            self.screen.typed(self.scan_line.text)

    @on(Scanned)
    def take_scan(self, scanned: Scanned) -> None:
        """Enter a scan; the first one after a run clears its result. During a run nothing is entered."""
        if isinstance(self.screen, Prompt):
            self.screen.entered(scanned.code)
            return
        if self.picture.busy:
            self.change(
                hint=f"{scanned.code} was not entered: a test is running. Scan it again when the test has ended."
            )
            return
        try:
            entry = self.picture.entry.scanned(scanned.code)
        except NotTaken as reason:
            self.change(hint=str(reason))
        else:
            self.change(entry=entry, hint="", refusal="", cleared_run=self.picture.glance.run)

    @on(Ended)
    def confirm(self) -> None:
        """Enter alone: an open prompt is answered as it stands."""
        if isinstance(self.screen, Prompt):
            self.screen.action_confirm()

    def action_clear_scan(self) -> None:
        """Escape: forget what has been typed."""
        self.scan_line.clear()
        self.change(scan="", hint="")
        if isinstance(self.screen, Prompt):
            self.screen.forget()

    def action_clear_entries(self) -> None:
        """F2: forget the serial numbers, and the last result with them."""
        self.scan_line.clear()
        cleared = self.picture.entry.cleared()
        self.change(entry=cleared, scan="", hint="", refusal="", cleared_run=self.picture.glance.run)

    # ------------------------------------------------------------------ commands

    def action_start(self) -> None:
        """F1: start what has been entered."""
        if self.picture.busy or self.picture.lost:
            return
        if missing := self._missing():
            self.change(hint=missing)
            return
        self.change(starting=True, hint="", refusal="")
        self.run_worker(self._start(), group="start")

    def _missing(self) -> str:
        entry = self.picture.entry
        if self.scan_line.text:
            return "The scan line is not ended: press Enter to take it or Escape to clear it, then F1."
        if not entry.type_number:
            return "No type number yet. Scan the type number of the meters (685-…), then F1."
        if not entry.tested:
            return "No meter yet. Scan the serial number of the meter at position 1, then F1."
        return ""

    async def _start(self) -> None:
        try:
            if await self._carried_out(self._session.start(self.picture.entry.request(BADGE), BADGE)):
                self.change(entry=self.picture.entry.cleared())
                if self.picture.aborting:  # F4 came while there was no run to abort yet
                    await self._carried_out(self._session.abort(BADGE))
        finally:
            self.change(starting=False, glance=self._session.glance())

    def action_abort(self) -> None:
        """F4: stop the run, source first. Pressed without a run it does no harm."""
        self.change(aborting=self.picture.busy, hint="")
        self.run_worker(self._carried_out(self._session.abort(BADGE)), group="abort")

    def action_rearm(self) -> None:
        """F9: let a tripped source energise again."""
        self.change(refusal="", hint="")
        self.run_worker(self._carried_out(self._session.rearm(BADGE)), group="rearm")

    def action_speed(self) -> None:
        """F6: the next speed, on a simulated station."""
        speed = next((speed for speed in SPEEDS if speed > self.picture.speed), SPEEDS[0])
        try:
            self._session.set_speed(speed)
        except Refused as reason:
            self.change(refusal=str(reason))
        else:
            self.change(speed=speed)

    def action_leave(self) -> None:
        """F10: quit; a run of an engine of its own is aborted first, after asking. Once more while that takes its time: quit at once."""
        if self._leaving or not self.picture.busy or self._again is not None:
            self.exit()
        else:
            self.push_screen(Leave(), self._left)

    def _left(self, answer: str | None) -> None:
        if answer == Leave.ABORT:
            self._leaving = True
            self.action_abort()

    def check_action(self, action: str, _parameters: tuple[object, ...]) -> bool | None:
        """Keys that mean nothing here are not shown, keys that must wait are grey."""
        match action:
            case "speed":
                return self.picture.station.simulated
            case "rearm":
                return bool(self.picture.glance.trip)
            case "start" | "clear_entries":
                return None if self.picture.busy or self.picture.lost else True
        return True

    async def _carried_out(self, command: Awaitable[object]) -> bool:
        """Whether the engine did it; its refusal goes on the screen."""
        try:
            await command
        except Refused as reason:
            self.change(refusal=str(reason))
            return False
        return True

    # ------------------------------------------------------------------ prompts

    def _ask(self) -> None:
        """Show the open prompt and take away what is no longer asked."""
        asked = self.picture.glance.asked
        wanted = asked if asked is not None and asked.prompt not in self._answered else None
        shown = self.screen
        if isinstance(shown, Prompt):
            if wanted is None or wanted.prompt != shown.prompt:
                shown.dismiss(None)
        elif isinstance(shown, Leave) and not self.picture.busy:
            shown.dismiss(None)
        elif wanted is not None:
            prompt = wanted.prompt
            self.push_screen(Prompt(wanted), lambda answer: self._answer(prompt, answer))

    def _answer(self, prompt: str, answer: str | None) -> None:
        if answer is None:
            return
        self._answered.add(prompt)
        self.run_worker(self._send_answer(prompt, answer), group="answer")

    async def _send_answer(self, prompt: str, answer: str) -> None:
        if not await self._carried_out(self._session.answer(prompt, answer, BADGE)):
            self._answered.discard(prompt)  # still open: it is asked again, under the reason
            self.change()
