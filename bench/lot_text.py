"""A lot as a person reads it, and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bench.lot import Inspected, LotResult, PlanUsed
from bench.sampling import SMALLEST_LOT, Quality, SamplingPlan, acceptance_probability
from bench.standard_streams import legible

_TOLD_RUNS = 6


@dataclass(frozen=True)
class InspectedLot:
    """What was asked of a lot, and what came out."""

    order: str
    type_number: str
    size: int
    plan: SamplingPlan | None
    """None for 100 % inspection."""
    quality: Quality
    remarks: tuple[str, ...]
    """Why runs count for fewer meters than they held, or for none."""
    result: LotResult


def lot_text(lot: InspectedLot) -> str:
    """The state of the lot in the last line, and above it what it rests on."""
    lines = [f"order {lot.order}  {lot.type_number}  lot of {lot.size}"]
    if lot.plan is None:
        lines.append("100 % inspection: each meter must conform")
    else:
        lines += [f"sample: {lot.plan}", _operating_characteristic(lot.plan, lot.size, lot.quality)]
        if lot.size < SMALLEST_LOT:
            lines.append(f"note: IEC 62058-11 samples lots of {SMALLEST_LOT} and above; below it needs an agreement")
    lines += [f"note: {remark}" for remark in lot.remarks]
    lines += [f"note: {each}" for each in _tried_again(lot.result)]
    lines += [f"note: {each}" for each in _plans(lot.result.plans)]
    lines.append(_counted(lot.result))
    lines += [f"non-conforming: {each.serial}, run {each.run[:8]}" for each in lot.result.nonconforming]
    lines.append(lot.result.state)
    return "\n".join(map(legible, lines))


def lot_document(lot: InspectedLot) -> dict[str, Any]:
    """The same as JSON holds it."""
    result = lot.result
    return {
        "order": lot.order,
        "type": lot.type_number,
        "size": lot.size,
        "sample": None if lot.plan is None else asdict(lot.plan),
        "state": str(result.state),
        "inspected": len(result.inspected),
        "wanted": result.wanted,
        "surplus": result.surplus,
        "nonconforming": [_meter(each) for each in result.nonconforming],
        "failed_besides": [_meter(each) for each in result.failed_besides],
        "plans": [asdict(each) for each in result.plans],
        "notes": list(lot.remarks),
    }


def _meter(each: Inspected) -> dict[str, str]:
    return {"serial": each.serial, "run": each.run}


def _tried_again(result: LotResult) -> list[str]:
    """Each meter that counts as conforming and has failed in another run."""
    counts = {each.serial: each for each in result.inspected}
    failed: dict[str, list[str]] = {}
    for each in result.failed_besides:
        failed.setdefault(each.serial, []).append(each.run[:8])
    return [
        f"{serial} failed in {_runs(runs)} and counts as conforming by run {counts[serial].run[:8]}"
        for serial, runs in failed.items()
    ]


def _plans(plans: Sequence[PlanUsed]) -> list[str]:
    """Every plan of the lot, where there is more than one."""
    if len(plans) < 2:
        return []
    told = [
        f"by profile {each.profile}, plan {each.plan_hash[:8]}: {_runs([run[:8] for run in each.runs])}, "
        f"{each.conforming} of {each.inspected} meters conform"
        for each in plans
    ]
    return [f"the runs were made by {len(plans)} different plans, so the meters were not all tested alike", *told]


def _runs(runs: Sequence[str]) -> str:
    more = f" and {len(runs) - _TOLD_RUNS} more" if len(runs) > _TOLD_RUNS else ""
    return f"run{'s' * (len(runs) > 1)} {', '.join(runs[:_TOLD_RUNS])}{more}"


def _operating_characteristic(plan: SamplingPlan, lot: int, quality: Quality) -> str:
    shares = (0.0, quality.acceptable / 2, quality.acceptable, quality.limiting / 2, quality.limiting)
    numbers = sorted({round(lot * share) for share in shares})
    cells = (f"{number} bad {acceptance_probability(plan, lot, number):.1%}" for number in numbers)
    return f"a lot is accepted with: {', '.join(cells)}"


def _counted(result: LotResult) -> str:
    text = f"inspected {len(result.inspected)} of {result.wanted}, non-conforming {len(result.nonconforming)}"
    return text + (f", {result.surplus} beyond the sample do not count" if result.surplus else "")
