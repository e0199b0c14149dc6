"""Whether a station measures well enough for a plan: U of each point against its share of the limit, before anything is switched on.

IEC 62058-31 lets the expanded uncertainty be 1/5 of the error limit; where it is more, the limits are tightened. A profile says
whether they are, or whether such a run is refused.
"""

from __future__ import annotations

from bench.accuracy import Budget
from bench.corrections import correction_uncertainty
from bench.measurements import Declared
from bench.norms import UNCERTAINTY_SHARE
from bench.plan import Plan
from bench.plan_diff import Reckoned
from bench.station import Station
from bench.steps import Step


def planned_budget(step: Step, reckoned: Reckoned, station: Station | None) -> Budget | None:
    """What the plan expects of a percentage error within 23 ± 2 °C, at the worst of the positions; None for any other step."""
    planned = getattr(step, "planned_budget", None)
    if planned is None:
        return None
    correction = 0.0
    if station is not None and step.load is not None:
        correction = max(correction_uncertainty(step.load, each) for each in station.positions)
    found: Budget = planned(reckoned.reference_percent, reckoned.circuit_percent, reckoned.circuit_mrad, correction)
    return found


def too_uncertain(plan: Plan, reckoned: Reckoned, station: Station | None = None) -> list[str]:
    """Every point at which U exceeds its share of the limit, with its budget, a sentence each; empty where the profile tightens."""
    if plan.profile.uncertainty_rule == "tighten":
        return []
    found = []
    for step in plan.steps:
        parts = planned_budget(step, reckoned, station)
        limit = _limit(step.measurements())
        if parts is None or limit is None:
            continue
        allowed, expanded = limit * UNCERTAINTY_SHARE, plan.profile.coverage_factor * parts.combined
        if expanded > allowed:
            found.append(
                f"{step.title}: U is {expanded:.3f} %, above 1/5 of ±{limit:g} % ({allowed:.3f} %); {_budget(parts)}"
            )
    return found


WHAT_TO_DO = (
    "name a better reference in the station file, let the profile say more periods, or let it tighten the limits "
    'by the excess (uncertainty_rule = "tighten")'
)


def _limit(declared: tuple[Declared, ...]) -> float | None:
    """The limit of the percentage error; that of a variation is no test point of the norm."""
    return next((each.upper for each in declared if each.guarded and each.name == "error"), None)


def _budget(parts: Budget) -> str:
    by_name = {
        "reference": parts.reference,
        "circuit": parts.circuit,
        "correction": parts.correction,
        "random": parts.random,
    }
    largest = max(by_name, key=lambda name: by_name[name])
    told = ", ".join(f"{name} {size:.3f}" for name, size in by_name.items() if size)
    return f"standard uncertainties {told} %, the largest is the {largest} part"
