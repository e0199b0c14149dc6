"""`bench lot`: what the acceptance runs of one order say of the lot: accepted, rejected, or go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bench.commands.journal_access import reading, simulated_option

if TYPE_CHECKING:
    from bench.journal_reader import JournalReader
    from bench.lot import Inspected
    from bench.record import Run
    from bench.sampling import Quality, SamplingPlan

_MOST_RUNS = 100_000


@click.command("lot")
@click.argument("order")
@click.option("--size", required=True, type=click.IntRange(1), help="Meters in the lot.")
@click.option(
    "--plan", "kind", type=click.Choice(["all", "single", "double"]), default="all", show_default=True,
    help="Inspect all meters, or a sample by attributes, single or double.",
)  # fmt: skip
@click.option("--aql", default=1.0, show_default=True, metavar="%", help="Non-conforming share that is acceptable.")
@click.option("--lq", default=5.0, show_default=True, metavar="%", help="Non-conforming share that is not.")
@click.option("--producers-risk", default=5.0, show_default=True, metavar="%", help="That a lot at AQL is rejected.")
@click.option("--consumers-risk", default=10.0, show_default=True, metavar="%", help="That a lot at LQ is accepted.")
@simulated_option
@click.option("--json", "as_json", is_flag=True, help="The same as one JSON document.")
def command(
    order: str,
    size: int,
    kind: str,
    aql: float,
    lq: float,
    producers_risk: float,
    consumers_risk: float,
    simulated: bool,
    as_json: bool,
) -> int:
    """Tell the state of the lot that the acceptance runs of ORDER have inspected.

    Exit status: 0 accepted, 1 rejected, 3 more meters must be inspected.
    """
    import json

    from bench.command_line import BLOCKED, USAGE, Fault
    from bench.lot import State, judge
    from bench.lot_text import InspectedLot, lot_document, lot_text
    from bench.sampling import Quality

    try:
        quality = Quality(aql / 100, lq / 100, producers_risk / 100, consumers_risk / 100)
        plan = _sampling_plan(kind, size, quality)
        with reading(simulated) as journal:
            runs = _runs(journal, order, "simulated" if simulated else "production")
        inspections, remarks = _inspections(runs)
        result = judge(size, inspections, plan)
    except ValueError as error:
        raise Fault(f"order {order}: {error}", USAGE) from None
    lot = InspectedLot(order, runs[0].type_number, size, plan, quality, tuple(remarks), result)
    click.echo(json.dumps(lot_document(lot), indent=2, ensure_ascii=False) if as_json else lot_text(lot))
    return {State.ACCEPT: 0, State.REJECT: 1, State.CONTINUE: BLOCKED}[result.state]


def _sampling_plan(kind: str, size: int, quality: Quality) -> SamplingPlan | None:
    from bench.sampling import double_plan, single_plan

    if kind == "all":
        return None
    return single_plan(size, quality) if kind == "single" else double_plan(size, quality)


def _runs(journal: JournalReader, order: str, purpose: str) -> list[Run]:
    """The acceptance runs of the order, oldest first. Raises `ValueError` where there is none, and for two types."""
    from bench.lot import SEQUENCE

    found = journal.runs(_MOST_RUNS, sequence=SEQUENCE, order=order, purpose=purpose)
    if not found:
        raise ValueError(f"no {purpose} run of the sequence {SEQUENCE} belongs to it; give --order when you run it")
    types = sorted({each.type_number for each in found})
    if len(types) > 1:
        raise ValueError(f"it has meters of several types, and a lot is of one: {', '.join(types)}")
    return [journal.run(each.id) for each in reversed(found)]


def _inspections(runs: list[Run]) -> tuple[list[Inspected], list[str]]:
    from bench.lot import SEQUENCE, inspected_by
    from bench.requested_plan import plan_for
    from bench.session import Refused, RunRequest

    try:
        plan = plan_for(RunRequest(SEQUENCE, runs[0].type_number))
    except Refused as error:
        raise ValueError(str(error)) from None
    steps = [step.name for step in plan.steps if not step.needs_bypass]
    found: list[Inspected] = []
    remarks: list[str] = []
    for run in runs:
        some, remark = inspected_by(run, steps)
        found += some
        remarks += [remark] if remark else []
    return found, remarks
