"""How fast it is: bench_*.py measure, run.py collects and writes docs/benchmarks.md."""
