import numpy as np
import pytest

from blog.measure.bench.networks import NETWORKS, network_runs, training_runs


@pytest.mark.parametrize("name", NETWORKS)
def test_all_libraries_compute_the_same_scores(name):
    """Otherwise the benchmark would compare different networks."""
    runs = network_runs(name, batch_size=2, threads=1)
    assert {"cnnlib", "ONNX Runtime"} <= runs.keys()
    expected = runs["cnnlib"]()
    assert expected.shape == (2, 10)
    assert np.ptp(expected, axis=0).min() > 1e-3  # the scores depend on the image
    for peer, run in runs.items():
        scores = run()
        assert scores.dtype == np.float32, peer
        np.testing.assert_allclose(scores, expected, rtol=1e-3, atol=1e-4, err_msg=peer)


@pytest.mark.parametrize("name", NETWORKS)
def test_all_libraries_train_to_the_same_losses(name, monkeypatch):
    monkeypatch.setattr("blog.measure.bench.networks.TRAINING_RATE", 0.001)
    runs = training_runs(name, batch_size=4)
    losses = [runs["cnnlib"]() for _ in range(4)]
    assert losses[3] < losses[0] * 0.9
    for peer, run in runs.items():
        if peer != "cnnlib":
            np.testing.assert_allclose([run() for _ in range(4)], losses, rtol=1e-3, err_msg=peer)
