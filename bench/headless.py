"""A run without a screen: it opens an engine or joins one, prints facts or progress, ends with a table, and gives the exit status."""

from __future__ import annotations

import asyncio
import json
import math
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bench.assembly import Setup, engine_for
from bench.command_line import ABORTED, BLOCKED, USAGE, Fault
from bench.facts import Fact, RunClosed, RunOpened, StepClosed
from bench.joining import engine_to_join, join
from bench.journal_errors import JournalError
from bench.journal_reader import JournalReader
from bench.left_out import left_out, not_wired
from bench.measurements import limit_in_words
from bench.places import PlaceError
from bench.record import Run
from bench.requested_plan import plan_for
from bench.screening import WORD, screened, screening_lines
from bench.session import LineGlance, Refused, RunRequest, Unreachable
from bench.standard_streams import legible, say
from bench.suspicion import suspicion_lines
from bench.verdict import Ending, Verdict
from drivers.power_source import InstrumentError
from drivers.simulated.simulated_time import SimulatedTimeLoop

MARKS = {Verdict.NONE: "·", Verdict.PASS: "✔", Verdict.MARGINAL: "≈", Verdict.FAIL: "✖"}
"""A glyph beside each word."""


@dataclass(frozen=True)
class Output:
    """What is printed and how the status is reckoned."""

    as_json: bool = False
    junit: str | None = None
    strict: bool = False


def run_headless(setup: Setup, request: RunRequest, output: Output, answers: str = "", at: str | None = None) -> int:
    """Run a request to its end, with the engine that serves the socket `at` or another that runs; the exit status.

    `answers` is the path of an answers file. Raises `Fault`.
    """
    if not request.type_number:
        if not setup.simulated:
            raise Fault("no type number: give --type, for instance --type 685-382-OK-50", USAGE)
        from bench.simulated_station import DEFAULT_TYPE

        request = replace(request, type_number=DEFAULT_TYPE)
    junit = Path(output.junit) if output.junit else None
    if junit is not None and not junit.parent.is_dir():
        raise Fault(f"--junit {junit}: the folder {junit.parent} does not exist", USAGE)
    if junit is not None and junit.is_dir():
        raise Fault(f"--junit {junit} is a folder; give the name of a file in it", USAGE)
    try:
        remark = plan_for(request).meter.remark
        if remark:
            sys.stderr.write(f"bench: {remark}\n")
        if answers:
            from bench.answers import load_answers

            request = replace(request, answers=load_answers(Path(answers)), answers_file=answers)
        path = engine_to_join(setup, at)
        factory: Callable[[], asyncio.AbstractEventLoop] | None = None
        if setup.simulated and path is None:
            factory = lambda: SimulatedTimeLoop(setup.speed)  # noqa: E731  # asyncio.Runner wants a callable
        with asyncio.Runner(loop_factory=factory) as runner:
            work = _run(setup, request, output) if path is None else _run_at(path, setup, request, output)
            run, unsaid = runner.run(work)
    except (Unreachable, InstrumentError, JournalError, PlaceError) as error:
        raise Fault(str(error), BLOCKED) from None
    except Refused as error:
        raise Fault(str(error), USAGE) from None
    if junit is not None:
        from bench.junit import junit_xml

        try:
            junit.write_text(junit_xml(run), encoding="utf-8")
        except OSError as error:
            raise Fault(
                f"--junit {junit} cannot be written: {error.strerror}. The run itself is in the journal.", BLOCKED
            ) from None
    if unsaid is not None and not isinstance(unsaid, BrokenPipeError):  # a reader may have read enough
        raise Fault(
            f"standard output cannot be written: {unsaid.strerror}. The run itself is in the journal: {run.id}.",
            BLOCKED,
        )
    return status(run, strict=output.strict)


def status(run: Run, *, strict: bool = False) -> int:
    """Exit status of a closed run, the first that applies: 130 aborted, 3 blocked, 1 a meter failed, 0 all passed."""
    if run.ending is Ending.ABORTED:
        return ABORTED
    if run.ending is not Ending.COMPLETE:
        return BLOCKED
    verdicts = run.verdicts.values()
    passed = (Verdict.PASS,) if strict else (Verdict.PASS, Verdict.MARGINAL)
    return 0 if all(each in passed for each in verdicts) and Verdict.worst(verdicts) else 1


async def _run(setup: Setup, request: RunRequest, output: Output) -> tuple[Run, OSError | None]:
    """The closed record, and why some of it could not be said on standard output."""
    began = time.perf_counter()
    async with engine_for(setup) as engine:
        reporter = _JsonLines() if output.as_json else _Progress(lambda: engine.board.glance)
        engine.facts.subscribe(reporter.fact)
        prepared = await engine.prepare(request, request.operator)
        testing = asyncio.ensure_future(engine.execute(prepared))
        # At full simulated speed there is nothing to watch, and a ticking line would only cost time.
        ticking = asyncio.ensure_future(reporter.tick()) if not math.isinf(setup.speed) or not setup.simulated else None
        try:
            with _aborting(lambda: asyncio.ensure_future(engine.abort(request.operator))):
                run = await testing
        finally:
            if ticking is not None:
                ticking.cancel()
        simulated = asyncio.get_running_loop().time() if setup.simulated else None
    reporter.end(run, time.perf_counter() - began, simulated)
    return run, reporter.unsaid


async def _run_at(path: Path, setup: Setup, request: RunRequest, output: Output) -> tuple[Run, OSError | None]:
    """The same with the engine that serves `path`. It goes on when this process is killed, and so does the run."""
    began = time.perf_counter()
    session = await join(path, setup)
    try:
        reporter = _JsonLines() if output.as_json else _Progress(session.glance)
        before = session.glance().since
        starting = asyncio.ensure_future(session.start(request, request.operator))

        async def abort() -> None:
            try:
                await starting
                await session.abort(request.operator)
            except Refused:
                return  # whoever waits for the run is told the same

        with _aborting(lambda: asyncio.ensure_future(abort())):
            run_id = await starting
            ticking = asyncio.ensure_future(reporter.tick())
            try:
                async for fact in session.facts(before):
                    if fact.run != run_id:
                        continue  # another client's run
                    reporter.fact(fact)
                    if isinstance(fact, RunClosed):
                        break
            finally:
                ticking.cancel()
        simulated = fact.time if setup.simulated else None
        run = await asyncio.to_thread(_recorded, Path(session.card.journal), run_id)
    finally:
        await session.close()
    reporter.end(run, time.perf_counter() - began, simulated)
    return run, reporter.unsaid


@contextmanager
def _aborting(abort: Callable[[], object]) -> Iterator[None]:
    """Whoever stops this process inside the block aborts its run."""
    loop = asyncio.get_running_loop()
    stopping = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # with nohup a run outlives its terminal
        stopping.append(signal.SIGHUP)
    for number in stopping:
        loop.add_signal_handler(number, abort)
    try:
        yield
    finally:
        for number in stopping:
            loop.remove_signal_handler(number)


def _recorded(journal: Path, run: str) -> Run:
    with JournalReader(journal) as reader:
        return reader.run(run)


class _JsonLines:
    """Each fact as one line of JSON on stdout."""

    def __init__(self) -> None:
        self.unsaid: OSError | None = None

    def fact(self, fact: Fact) -> None:
        self.unsaid = self.unsaid or say(sys.stdout, json.dumps(fact.as_json(), ensure_ascii=False) + "\n")

    async def tick(self) -> None:
        """Nothing: facts tell everything."""

    def end(self, run: Run, seconds: float, simulated: float | None) -> None:
        """Nothing: the last fact sums the run up."""


class _Progress:
    """A progress line on a terminal while the run goes on, and a table at the end."""

    def __init__(self, glance: Callable[[], LineGlance]) -> None:
        self._glance = glance
        self._terminal = sys.stderr.isatty()
        self._expected = 0.0
        self.unsaid: OSError | None = None

    def fact(self, fact: Fact) -> None:
        if isinstance(fact, RunOpened):
            self._expected = fact.expected_seconds
        if isinstance(fact, StepClosed):
            self._line(fact.time, fact.title)
        if isinstance(fact, RunClosed) and self._terminal:
            say(sys.stderr, "\r\x1b[K")

    async def tick(self) -> None:
        """Keep the line moving between steps."""
        while self._terminal:
            await asyncio.sleep(0.5)
            glance = self._glance()
            self._line(glance.elapsed, glance.step)

    def _line(self, passed: float, title: str) -> None:
        if not self._terminal:
            return
        share = min(1.0, passed / self._expected) if self._expected else 0.0
        bar = "█" * round(share * 30)
        say(sys.stderr, f"\r\x1b[K{bar:░<30} {share * 100:3.0f} %  {passed:6.0f} s  {title}")

    def end(self, run: Run, seconds: float, simulated: float | None) -> None:
        where = f"{simulated:.0f} s of simulated time, " if simulated is not None else ""
        unknown = "" if run.temperature_c is not None else f"temperature not known: {legible(run.temperature_basis)}\n"
        self.unsaid = say(
            sys.stdout, f"{table(run)}\n{unknown}{run.ending} after {where}{seconds:.1f} s; run {run.id}\n"
        )
        if run.reason:
            say(sys.stderr, f"bench: {legible(run.reason)}\n")


def table(run: Run) -> str:
    """One line a meter: position, serial, verdict, and the first measurement that failed."""
    seed = f", seed {run.seed}" if run.seed is not None else ""
    lines = [f"{run.sequence}  {run.type_number}  {len(run.meters)} meters  {run.purpose}{seed}"]
    lines += screening_lines(screened(run))
    lines += [f"left out: {each}" for each in left_out(run)]
    lines += not_wired(run)
    lines.append(f"{'pos':>3}  {'serial':<12}  {WORD if screened(run) else 'verdict':<10}  first failure")
    for meter in run.meters:
        verdict = run.verdict(meter.position)
        failures = run.failures(meter.position)
        why = ""
        if failures:
            step, measurement = failures[0]
            value = measurement.value
            shown = "none" if value is None else f"{value:.4g}" if isinstance(value, float) else value
            unit = f" {measurement.unit}" if measurement.unit and isinstance(value, float) else ""
            why = f"{step.title}: {measurement.name} {shown}{unit}, limit {limit_in_words(measurement)}"
        mark = f"{MARKS[verdict]} {verdict.name}"
        lines.append(f"{meter.position:>3}  {meter.serial or '-':<12}  {mark:<10}  {why}".rstrip())
    lines += suspicion_lines(run)
    return "\n".join(map(legible, lines))
