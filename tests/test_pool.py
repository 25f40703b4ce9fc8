import numpy as np

import cnnlib
from cnnlib import reference


def test_padding_is_never_the_largest():
    x = -np.ones((3, 3))
    assert cnnlib.max_pool2d(x, 2, stride=1, padding=1).tolist() == (-np.ones((4, 4))).tolist()


def test_agrees_with_loops():
    x = np.random.default_rng(0).normal(size=(2, 3, 7, 8))
    for name in ("max_pool2d", "avg_pool2d"):
        expected = getattr(reference, name)(x, (3, 2), (2, 3), 1)
        y = getattr(cnnlib, name)(x, (3, 2), stride=(2, 3), padding=1)
        np.testing.assert_allclose(y, expected, rtol=1e-12, atol=1e-12)
