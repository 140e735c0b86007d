from __future__ import annotations

import numpy as np

from training.reader.outliers import parts_of


def test_a_channel_is_divided_into_parts_as_large_as_the_others() -> None:
    """Its parts are counted against what is usual; what is hardly larger stays whole."""
    most = np.ones(400, dtype=np.float32)
    most[[3, 7, 9]] = [5.0, 1.4, 2.0]

    parts = parts_of(most)

    assert parts.added.tolist() == [3, 3, 3, 3, 9]
    assert parts.shares[[3, 7, 9, 0]].tolist() == [np.float32(0.2), 1.0, 0.5, 1.0]


def test_where_nothing_stands_out_or_all_is_nothing_there_is_nothing_to_add() -> None:
    """Nor is anything divided by nothing."""
    for most in (np.linspace(1, 1.4, 50, dtype=np.float32), np.zeros(50, dtype=np.float32)):
        parts = parts_of(most)

        assert not parts.added.size
        assert (parts.shares == 1).all()
