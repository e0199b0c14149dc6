"""The bench: station, steps, runner, measurements, norms, safety, record and command line. Importing it loads nothing else."""

__version__ = "0.1.0"
