"""What the library costs, in ratios to peers measured in the same run: `python -m benchmarks`."""
