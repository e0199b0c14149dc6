"""A gauge study as a person reads it, and as JSON."""

from __future__ import annotations

from typing import Any

from bench.gauge_runs import FIT_PERCENT, Appraiser, Studied
from bench.standard_streams import legible

_COLUMNS = ("EV", "AV", "INT", "GRR", "PV", "TV")


def gauge_text(done: Studied) -> str:
    """One line a point; standard deviations in %."""
    across = "operator" if done.by is Appraiser.OPERATOR else "position"
    lines = [
        f"{done.name}  {done.type_number}  {len(done.parts)} meters × {len(done.appraisers)} {across}s × {done.trials} trials",
        f"{'point':<22}" + "".join(f"{name:>8}" for name in _COLUMNS) + f"{'% tol.':>9}{'ndc':>5}",
    ]
    for each in done.points:
        study = each.study
        deviations = (study.repeatability, study.operator, study.interaction, study.gauge, study.part, study.total)
        categories = "∞" if study.distinct_categories is None else str(study.distinct_categories)
        lines.append(
            f"{each.title:<22}"
            + "".join(f"{figure:>8.4f}" for figure in deviations)
            + f"{each.percent_of_tolerance:>9.1f}{categories:>5}  {'✔ fit' if each.fit else '✖ UNFIT'}"
        )
    lines += [
        f"standard deviations in %: EV the same meter again, AV from {across} to {across}, INT {across} × meter,",
        "GRR these together, PV from meter to meter, TV all; ndc: classes of meters that are told apart, 5 are wanted",
        f"% tol.: 6 GRR over the width of the limits; up to {FIT_PERCENT:g} the bench is fit",
    ]
    lines += [f"left out: run {run} did not end COMPLETE" for run in done.left_out]
    lines += [f"left out: run {run}, by --without" for run in done.without]
    return "\n".join(map(legible, lines))


def gauge_document(done: Studied) -> dict[str, Any]:
    """The study as JSON holds it."""
    return {
        "study": done.name,
        "type": done.type_number,
        "by": str(done.by),
        "parts": list(done.parts),
        "appraisers": list(done.appraisers),
        "trials": done.trials,
        "fit": done.fit,
        "points": [
            {
                "step": each.step,
                "ev": each.study.repeatability,
                "av": each.study.operator,
                "interaction": each.study.interaction,
                "grr": each.study.gauge,
                "pv": each.study.part,
                "tv": each.study.total,
                "tolerance": each.tolerance,
                "percent_of_tolerance": each.percent_of_tolerance,
                "percent_of_study": each.study.percent_of_study,
                "ndc": each.study.distinct_categories,
                "fit": each.fit,
            }
            for each in done.points
        ],
        "left_out": list(done.left_out),
        "without": list(done.without),
    }
