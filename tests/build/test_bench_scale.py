"""The benchmark of images larger than memory, with a small one."""

import pytest

from blog.measure.bench_scale import measure, print_table

pytestmark = pytest.mark.build  # it takes as long, because it starts many processes


def test_a_result_is_complete_although_a_process_was_killed(capfd):
    measured = measure(size=800, part=400, chunk=50, rounds=1)
    workers, compared = measured["in_two_processes"], measured["compared"]
    assert workers["blocks"] == 16 * 16
    assert workers["blocks"] / 2 <= workers["written_when_killed"] < workers["blocks"]
    assert workers["replaced"] == 1
    assert compared["complete"]
    assert compared["equal"]
    assert compared["difference"] < 1e-5
    print_table(measured)
    assert "128 of 256" in capfd.readouterr().out or workers["written_when_killed"] > 128
