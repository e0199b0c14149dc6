"""The console script `bench`: answers `--version` before anything is loaded, then hands over to the command line."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line."""
    if sys.argv[1:] == ["--version"]:
        from importlib.metadata import version

        sys.stdout.write(f"bench {version('kwh-bench-382')}\n")
        return
    from bench.command_line import cli

    cli(prog_name="bench")


if __name__ == "__main__":
    main()
