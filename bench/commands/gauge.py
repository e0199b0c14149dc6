"""`bench gauge STUDY`: gauge R&R of the runs of sequence `gauge` that carry the study's name as their order."""

from __future__ import annotations

import click

from bench.commands.journal_access import reading, simulated_option


@click.command("gauge")
@click.argument("study")
@click.option(
    "--by",
    type=click.Choice(["position", "operator"]),
    default="position",
    show_default=True,
    help="What measures the meters.",
)
@click.option(
    "--without",
    multiple=True,
    metavar="RUN",
    help="Leave this run out, for instance of a wrong serial; may be repeated.",
)
@simulated_option
@click.option("--json", "as_json", is_flag=True, help="The same as one JSON document.")
def command(study: str, by: str, without: tuple[str, ...], simulated: bool, as_json: bool) -> int:
    """Say how much of the tolerance the bench itself uses up at each load point, from the runs with --order STUDY.

    Exit status: 0 at most 10 % at every point, 1 more, 2 the runs make no whole study.
    """
    import json

    from bench.command_line import USAGE, Fault
    from bench.gauge_runs import PURPOSES, SEQUENCE, Appraiser, NoStudy, studied
    from bench.gauge_text import gauge_document, gauge_text

    with reading(simulated) as journal:
        results = journal.results(purposes=PURPOSES, sequence=(SEQUENCE,), order=(study,))
    try:
        done = studied(study, results, Appraiser(by), without)
    except NoStudy as error:
        raise Fault(str(error), USAGE) from None
    click.echo(json.dumps(gauge_document(done), indent=2, ensure_ascii=False) if as_json else gauge_text(done))
    return 0 if done.fit else 1
