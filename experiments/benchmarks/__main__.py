"""Run all benchmarks: ``python -m experiments.benchmarks``; ``--quick`` repeats less."""

from __future__ import annotations

import argparse

from experiments.benchmarks import armington, simulation, sweep


def main(arguments: list[str] | None = None) -> None:
    """Run all benchmarks one after another, from the kernel to full runs and sweeps."""
    parser = argparse.ArgumentParser(description="Run all benchmarks.")
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    quick = parser.parse_args(arguments).quick
    armington.main(["--repeat", "3", "--batch", "128"] if quick else [])
    simulation.main(["--repeat", "1"] if quick else [])
    sweep.main(["--quick"] if quick else [])


if __name__ == "__main__":
    main()
