"""Curves that stay flat in cost: however long the run, at most a fixed number of points a
series.
"""

from __future__ import annotations

import numpy as np

MOST_POINTS = 160


class Curves:
    """Means of consecutive rounds, a bucket of `stride` rounds a point; the stride doubles whenever
    the points run out.
    """

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        self.stride = 1
        self.count = 0
        self._sums = np.zeros((0, len(names)))

    def add(self, rows: np.ndarray) -> None:
        """Appends rounds, (n, series)."""
        if len(rows) == 0:
            return
        places = np.arange(self.count, self.count + len(rows))
        while places[-1] // self.stride >= MOST_POINTS:
            if len(self._sums) % 2:
                self._sums = np.concatenate([self._sums, np.zeros((1, len(self.names)))])
            self._sums = self._sums[0::2] + self._sums[1::2]
            self.stride *= 2
        buckets = places // self.stride
        missing = buckets[-1] + 1 - len(self._sums)
        if missing > 0:
            self._sums = np.concatenate([self._sums, np.zeros((missing, len(self.names)))])
        np.add.at(self._sums, buckets, rows)
        self.count += len(rows)

    def points(self) -> dict[str, list[float]]:
        """Ready for JSON: `step` the middle of each bucket, and the mean of each series in it."""
        if self.count == 0:
            return {"step": [], **{name: [] for name in self.names}}
        first = np.arange(len(self._sums)) * self.stride
        sizes = np.minimum(first + self.stride, self.count) - first
        means = self._sums / sizes[:, None]
        steps = [float(place) for place in first + (sizes + 1) / 2]
        return {
            "step": steps,
            **{
                name: [float(f"{value:.4g}") for value in means[:, i]]
                for i, name in enumerate(self.names)
            },
        }
