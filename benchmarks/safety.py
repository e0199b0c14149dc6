"""How soon the source is off when something goes wrong, on each dialect, and what the process that owns it costs.

World, source owner and engine are processes, as on a station: `bench simulate --serve`, `bench source`, `bench run`. Off is the
instant (CLOCK_MONOTONIC) in the world's own log: the earlier of the source told zero and the main contactor's coil driven low by
the owner. Every try counts: the budgets are for the maximum.

    python benchmarks/safety.py [--quick | --long] [--dialect D] [--tries N]

--quick: few tries, under a minute. --long: also a no-load test of 43 minutes, in real time.
"""

from __future__ import annotations

import argparse
import json
import math
import signal
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

sys.path[0] = str(Path(__file__).parent / "apart")  # this folder's own reference_meter.py would hide the meter's

import cost  # noqa: E402  # see above
from processes import MISCHIEF, Apart, Child, Off, apart  # noqa: E402

from bench.safety import LEASE_S  # noqa: E402
from drivers.source_dialects import SOURCE_DIALECTS, default_capabilities  # noqa: E402

AT_ONCE_MS = 50.0
KILLED_OWNER_MS = 100.0
"""The contactor falls when the kernel lets the killed owner's lines go, after everything else of it."""
QUICK_CHANCES = 3
"""A short run shows that all of it works, on a machine that may be doing other things: what misses its budget is tried again."""
LEASE_MS = (LEASE_S + 0.1) * 1e3
STEP_DEADLINE_MS = (0.2 * 1.2 + 5.0) * 1e3
"""The hanging step declares 0.2 s; a stage's deadline is that by 1.2, and 5 s."""
DEAD_SLACK_MS = 50.0
"""Beyond the declared ramp: the ramp's own end is a timer of the world."""
QUERY_MS = 1.0
BEAT_MS = 0.5
BUSY_MS = 0.5
"""On an idle machine the 99th percentile of a query without the owner is far below."""
COMMIT_S = 2.0


@dataclass
class Tries:
    """All tries of one failure on one dialect."""

    budget_ms: float
    ramp_ms: float
    offs: list[Off] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    """What was not as it must be besides the times."""

    @property
    def holds(self) -> bool:
        """Whether every one kept its budget."""
        return not self.wrong and self.commanded <= self.budget_ms and self.dead <= self.ramp_ms + DEAD_SLACK_MS

    @property
    def commanded(self) -> float:
        """The largest time until off was commanded, ms."""
        return max(each.commanded for each in self.offs)

    @property
    def dead(self) -> float:
        """The largest time from that command until nothing was left at the meters, ms."""
        return max(each.dead - each.commanded for each in self.offs)

    def largest(self, which: Callable[[Off], float | None]) -> float:
        """The largest of one kind, ms; not a number where it never came."""
        return max((time for each in self.offs if (time := which(each)) is not None), default=math.nan)


Try = Callable[[Apart, str, int], tuple[Off, list[str]]]
"""One try: with the sequence that holds a load, and the number of the try; how it went off and what was wrong."""


# ---------------------------------------------------------------- the failures


def by_signal(number: signal.Signals) -> Try:
    """The engine gets a signal while it holds a load."""

    def one(bench: Apart, holding: str, k: int) -> tuple[Off, list[str]]:
        engine = under_load(bench, holding, k)
        instant = time.monotonic()
        engine.process.send_signal(number)
        off = bench.off(instant)
        wrong = []
        if number is signal.SIGSTOP:
            engine.process.send_signal(signal.SIGCONT)
        if number is not signal.SIGKILL:
            wrong = told_safe(engine)
        else:
            engine.ends()
        return off, wrong + woke_up(bench, instant, off)

    return one


def by_step(sequence: str) -> Try:
    """A step raises, hangs or blocks. It says itself when."""

    def one(bench: Apart, _: str, __: int) -> tuple[Off, list[str]]:
        engine = bench.engine(sequence)
        instant = float(engine.says("mischief", 2 if sequence == "raises" else 1).split()[1])
        off = bench.off(instant)
        return off, told_safe(engine) + woke_up(bench, instant, off)

    return one


def by_contact(opens: str, closes: str) -> Try:
    """The emergency stop or the door."""

    def one(bench: Apart, holding: str, k: int) -> tuple[Off, list[str]]:
        engine = under_load(bench, holding, k)
        instant = bench.tell(opens)
        off = bench.off(instant)
        wrong = told_safe(engine) + woke_up(bench, instant, off)
        bench.tell(closes)
        return off, wrong

    return one


def by_killed_owner(bench: Apart, holding: str, k: int) -> tuple[Off, list[str]]:
    """The owner is killed: nobody tells the source any more, and the contactor is what is left."""
    engine = under_load(bench, holding, k)
    instant = time.monotonic()
    bench.owner.process.kill()
    off = bench.off(instant, told=False)
    status = engine.ends()
    bench.start_owner()  # systemd would
    off.begun = off.told = None  # by the new owner, when it started: that is not this try's
    return off, [] if status == 3 else [f"the engine ended with {status}"]


FAILURES: dict[str, tuple[float, Try]] = {
    "SIGKILL": (AT_ONCE_MS, by_signal(signal.SIGKILL)),
    "SIGTERM": (AT_ONCE_MS, by_signal(signal.SIGTERM)),
    "exception in a step": (AT_ONCE_MS, by_step("raises")),
    "emergency stop": (AT_ONCE_MS, by_contact("press estop", "release estop")),
    "door": (AT_ONCE_MS, by_contact("open door", "close door")),
    "owner SIGKILLed": (KILLED_OWNER_MS, by_killed_owner),
    "SIGSTOP": (LEASE_MS, by_signal(signal.SIGSTOP)),
    "blocked loop": (LEASE_MS, by_step("blocks")),
    "await that hangs": (STEP_DEADLINE_MS + AT_ONCE_MS, by_step("hangs")),
}
"""What goes wrong, how soon in ms off must be commanded then, and how it is tried."""

QUICK = {
    "generic-scpi": ("SIGKILL", "SIGTERM", "exception in a step", "emergency stop", "owner SIGKILLed", "SIGSTOP"),
    "zera": ("SIGKILL",),
    "zera-fg30x": ("SIGKILL",),
    "fluke-6105a": ("SIGKILL",),
    "ametek": ("SIGKILL",),
}


def under_load(bench: Apart, holding: str, k: int) -> Child:
    """An engine whose load has come to the meters, at another moment between two beats and two readings each time."""
    engine = bench.engine(holding)
    bench.energised()
    time.sleep(0.2 + 0.053 * k)
    return engine


def told_safe(engine: Child) -> list[str]:
    """Wait for the run's end: it must have told SAFE, read back as zero, and not have ended COMPLETE."""
    engine.ends()
    safe = [fact for fact in engine.facts() if fact["fact"] == "safe"]
    closed = [fact for fact in engine.facts() if fact["fact"] == "run-closed"]
    wrong = []
    if not (safe and safe[-1]["volts"] < 1.0 and safe[-1]["amperes"] < 0.01):
        wrong.append(f"SAFE was not told ({safe}, {engine.err[-1:]})")
    if not closed or closed[-1]["ending"] == "COMPLETE":
        wrong.append(f"the run ended {closed}")
    return wrong


def woke_up(bench: Apart, instant: float, off: Off) -> list[str]:
    """After the trip and the end of the engine nothing may have been energised again."""
    off_at = instant + off.commanded * 1e-3
    return [] if bench.stays_off(off_at) else ["something was energised after it had gone off"]


# ---------------------------------------------------------------- what must trip nothing


def slow_commit(bench: Apart) -> list[str]:
    """Another program holds the journal for 2 s while the step between two loads is to be committed."""
    engine = bench.engine("two-steps")
    engine.says("mischief")
    journal = sqlite3.connect(bench.folder / "home" / "bench.db", isolation_level=None)
    journal.execute("BEGIN IMMEDIATE")
    time.sleep(1.0 + COMMIT_S + 0.2)
    journal.execute("COMMIT")
    journal.close()
    status = engine.ends()
    took = next(f["time"] for f in engine.facts() if f["fact"] == "run-closed")
    if status or any(fact["fact"] == "trip" for fact in engine.facts()):
        return [f"it ended with {status}: {engine.err[-1:]}"]
    settle = default_capabilities(bench.dialect).settle
    return [] if took >= 2 * settle + 2.0 + COMMIT_S else [f"no commit was slow: the run took {took:.1f} s"]


def long_no_load(dialect: str) -> list[str]:
    """The longest no-load test, 43 minutes, in real time."""
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        apart(Path(folder), dialect, 0.0, "685-161-OK-50") as bench,
    ):
        engine = bench.engine("no-load")
        engine.process.wait()
        return [] if engine.ends() == 0 else [f"it ended: {engine.out[-1:]} {engine.err[-1:]}"]


# ---------------------------------------------------------------- the table


def on_dialect(dialect: str, options: argparse.Namespace, figures: dict[str, object]) -> bool:
    """Every failure on one dialect; whether all budgets held."""
    can = default_capabilities(dialect)
    holding = "holds" if can.separate_current else "no-load"
    print(f"\n{dialect}: ramp {can.ramp:g} s, a reading takes {can.readback_latency:g} s")
    print(
        f"{'ms after':<22}{'tries':>6}{'commanded median':>18}{'max':>8}{'budget':>8}{'source: begun':>15}{'all told':>10}"
        f"{'contactor':>11}{'then dead':>11}"
    )
    holds = True
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        apart(Path(folder), dialect, 5.0 if can.separate_current else 0.0) as bench,
    ):
        for failure, (budget, one) in FAILURES.items():
            if options.quick and failure not in QUICK.get(dialect, ()):
                continue
            for _ in range(QUICK_CHANCES if options.quick else 1):
                tries = Tries(budget, can.ramp * 1e3)
                for k in range(1 if options.quick else options.tries):
                    off, wrong = one(bench, holding, k)
                    tries.offs.append(off)
                    tries.wrong += wrong
                    if failure in TRIPS:
                        bench.rearm()
                if tries.holds:
                    break
            row(failure, tries)
            holds &= tries.holds
            name = f"{dialect} {failure}"
            figures[name] = [round(tries.commanded, 1), round(tries.dead, 1)]
        if dialect == "generic-scpi" and not options.quick:
            holds &= without_trip("a commit of 2 s", slow_commit(bench), figures)
    if options.long and dialect in ("generic-scpi", "ametek"):
        holds &= without_trip("no-load of 43 minutes", long_no_load(dialect), figures)
    return holds


TRIPS = ("SIGKILL", "SIGSTOP", "owner SIGKILLed", "emergency stop", "door", "blocked loop")
"""What trips, so that a person must re-arm; the rest the run ends by itself."""


def row(failure: str, tries: Tries) -> None:
    """One line of the table."""
    print(
        f"{failure:<22}{len(tries.offs):>6}{statistics.median(each.commanded for each in tries.offs):>18.1f}"
        f"{tries.commanded:>8.1f}{tries.budget_ms:>8.0f}{tries.largest(lambda off: off.begun):>15.1f}"
        f"{tries.largest(lambda off: off.told):>10.1f}"
        f"{tries.largest(lambda off: off.contactor):>11.1f}{tries.dead:>11.1f}{'' if tries.holds else '  EXCEEDED'}",
        flush=True,
    )
    for each in dict.fromkeys(tries.wrong):
        print(f"    {each}")


def without_trip(what: str, wrong: list[str], figures: dict[str, object]) -> bool:
    """What must not trip."""
    print(f"{what:<22}  {wrong or 'trips nothing'}", flush=True)
    figures[what] = not wrong
    return not wrong


def costs(options: argparse.Namespace, figures: dict[str, object]) -> bool:
    """What the owner's process costs."""
    for _ in range(QUICK_CHANCES if options.quick else 1):
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            measured = cost.measure(Path(folder), 300 if options.quick else 2000)
        if measured["query"][1] <= QUERY_MS and measured["beat"][1] <= BEAT_MS:
            break
    holds, busy = True, options.quick and measured["direct"][1] > BUSY_MS
    print(f"\n{'cost (ms)':<26}{'p50':>9}{'p99':>9}{'budget':>9}")
    for name, label, most in (
        ("direct", "query, no owner between", math.inf),
        ("query", "query through the owner", QUERY_MS),
        ("beat", "beat, and an answer", BEAT_MS),
    ):
        p50, p99 = measured[name]
        holds &= p99 <= most or busy
        print(f"{label:<26}{p50:>9.3f}{p99:>9.3f}{most if math.isfinite(most) else '':>9}")
        figures[f"{name}_p99_ms"] = round(p99, 3)
    if busy:
        print("not judged: this machine is too busy for a short run to tell")
    return holds


def main() -> int:
    """Print tables and a line of JSON; 0 when the budgets hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--dialect", choices=SOURCE_DIALECTS)
    parser.add_argument("--tries", type=int, default=20)
    options = parser.parse_args()
    assert MISCHIEF.is_dir()
    figures: dict[str, object] = {"benchmark": "safety", "lease_s": LEASE_S}
    holds = True
    chosen = (options.dialect,) if options.dialect else tuple(QUICK) if options.quick else SOURCE_DIALECTS
    for dialect in chosen:
        holds &= on_dialect(dialect, options, figures)
    holds &= costs(options, figures)
    print(json.dumps(figures | {"holds": holds}))
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
