from __future__ import annotations

import pytest

from benchmarks.refusals import binned, calibration_error


def test_confidences_that_are_right_as_often_as_they_say_have_no_calibration_error() -> None:
    """Of ten at .9, nine are right."""
    right = [(0.9, True)] * 9 + [(0.9, False)] + [(0.1, True)] + [(0.1, False)] * 9

    assert [(pytest.approx(sure), pytest.approx(share), count) for sure, share, count in binned(right)] == [
        (0.1, 0.1, 10),
        (0.9, 0.9, 10),
    ]
    assert calibration_error(right) == pytest.approx(0)


def test_overconfidence_is_the_distance_to_what_is_right() -> None:
    """Bins count by how many lie in them; 1 lies in the last."""
    assert calibration_error([(1.0, True)] * 3 + [(1.0, False)]) == pytest.approx(0.25)
    assert calibration_error([(0.95, True), (0.05, False)] * 2) == pytest.approx(0.05)
