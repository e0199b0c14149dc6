"""The console script `bench`: answers `--version` before anything is loaded, then hands over to the command line."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line."""
    if sys.argv[1:] == ["--version"]:
        from bench import __version__
        from bench.standard_streams import prepare, say

        prepare()
        say(sys.stdout, f"bench {__version__}\n")
        return
    from bench.command_line import cli

    cli(prog_name="bench")


if __name__ == "__main__":
    main()
