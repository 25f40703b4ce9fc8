"""Measure convolution, ReLU and pooling of an image larger than memory: `make bench-scale`.

The image is read from one Zarr file and the result written to another, by cnnlib.dask in one
process and then in two, of which one is killed half-way. The throughput is compared with cnnlib on
a part of the image that fits into memory. Each measurement has a process of its own, so that its
peak memory is its own. Times do not include imports. Files that were just written are read from
the operating system's cache, which is not counted as the process's memory.

With --full the image has 20,000 × 20,000 entries, and the results are written to the file that the
page about it reads.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dask.array as da
import numpy as np
import zarr

import cnnlib
import cnnlib.dask
from blog.measure.machine import describe_machine

RESULTS = Path(__file__).parent / "results" / "larger-than-memory.json"
KERNEL = np.random.default_rng(0).normal(size=(5, 5)).astype(np.float32)


def network(image: Any, functions: Any) -> Any:
    """Apply a convolution, ReLU and pooling, of cnnlib or cnnlib.dask."""
    features = functions.relu(functions.conv2d(image, KERNEL, padding=2))
    return functions.max_pool2d(features, 2)


def peak_memory() -> int:
    """Return the peak resident memory of this process in bytes."""
    status = Path("/proc/self/status")
    if status.exists():  # the limit of getrusage counts what the parent process had, too
        line = next(s for s in status.read_text().splitlines() if s.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def create(path: Path, size: int, chunk: int) -> Any:
    """Create a Zarr file for a square image, without compression: noise cannot be compressed."""
    shape, chunks = (size, size), (chunk, chunk)
    return zarr.create_array(
        str(path), shape=shape, chunks=chunks, dtype="float32", compressors=None, overwrite=True
    )


def make_image(folder: Path, size: int, chunk: int) -> dict[str, Any]:
    """Write the image."""
    noise = da.random.default_rng(0).random((size, size), np.float32, chunks=chunk)
    da.store(noise, create(folder / "image.zarr", size, chunk), lock=False)
    return {}


def in_memory(folder: Path, size: int, chunk: int) -> dict[str, Any]:
    """Read a part of the image as a whole, compute its result and write it."""
    image = zarr.open_array(str(folder / "image.zarr"), mode="r")
    start = time.perf_counter()
    result = network(image[:size, :size], cnnlib)
    create(folder / "part.zarr", len(result), chunk // 2)[:] = result
    return {"seconds": time.perf_counter() - start, "peak": peak_memory()}


def in_blocks(folder: Path, size: int, chunk: int) -> dict[str, Any]:
    """Compute the result block by block, in the threads of one process."""
    start = time.perf_counter()
    result = network(da.from_zarr(str(folder / "image.zarr")), cnnlib.dask)
    da.store(result, create(folder / "blocks.zarr", size // 2, chunk // 2), lock=False)
    return {"seconds": time.perf_counter() - start, "peak": peak_memory()}


def in_two_processes(folder: Path, size: int, chunk: int) -> dict[str, Any]:
    """Compute the result in two worker processes, and kill one when half of it is written."""
    from dask.distributed import Client, LocalCluster

    output = folder / "workers.zarr"
    target = create(output, size // 2, chunk // 2)
    blocks = target.nchunks
    options: Any = {"dashboard_address": None, "silence_logs": "CRITICAL"}
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, **options) as cluster,
        Client(cluster) as client,
    ):
        before = client.run(os.getpid)
        start = time.perf_counter()
        result = network(da.from_zarr(str(folder / "image.zarr")), cnnlib.dask)
        future = client.compute(da.store(result, target, lock=False, compute=False))
        written = 0
        while 2 * written < blocks:
            time.sleep(0.02)
            written = sum(path.is_file() for path in output.glob("c/*/*"))
        os.kill(min(before.values()), signal.SIGKILL)
        future.result()
        seconds = time.perf_counter() - start
        client.wait_for_workers(2, timeout=60)  # one is the replacement
        after = client.run(os.getpid)
        peaks = client.run(peak_memory)
    return {
        "seconds": seconds,
        "peak": max(peaks.values()),
        "blocks": blocks,
        "written_when_killed": written,
        "replaced": len(set(after.values()) - set(before.values())),
    }


def compare(folder: Path, size: int, chunk: int) -> dict[str, Any]:
    """Compare the results with each other, and with cnnlib on a part of the image."""
    blocks, workers, part = (
        zarr.open_array(str(folder / f"{name}.zarr"), mode="r")
        for name in ("blocks", "workers", "part")
    )
    same = da.from_zarr(blocks) == da.from_zarr(workers)
    inside = part.shape[0] - 1  # windows at its edge saw padding in place of the image
    difference = np.abs(part[:inside, :inside] - blocks[:inside, :inside]).max()
    return {
        "equal": bool(same.all().compute()),
        "complete": workers.nchunks_initialized == workers.nchunks,
        "difference": float(difference),
    }


STEPS: dict[str, Callable[[Path, int, int], dict[str, Any]]] = {
    step.__name__: step for step in (make_image, in_memory, in_blocks, in_two_processes, compare)
}


def run(step: Callable[..., Any], folder: Path, size: int, chunk: int) -> dict[str, Any]:
    """Run one step in a process of its own, and return what it measured."""
    command = [sys.executable, "-m", "blog.measure.bench_scale", "--step", step.__name__]
    command += ["--folder", str(folder), "--size", str(size), "--chunk", str(chunk)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def summarize(runs: Any, size: int) -> dict[str, float]:
    """Return the median time, the throughput, and the largest peak of memory."""
    seconds = statistics.median(run["seconds"] for run in runs)
    peak = max(run["peak"] for run in runs)
    return {"seconds": seconds, "entries_per_second": size * size / seconds, "peak": peak}


def measure(size: int, part: int, chunk: int, rounds: int) -> dict[str, Any]:
    """Run all steps; those whose times are compared take turns."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run(make_image, folder, size, chunk)
        whole, blocks = [], []
        for _ in range(rounds):
            whole.append(run(in_memory, folder, part, chunk))
            blocks.append(run(in_blocks, folder, size, chunk))
        workers = run(in_two_processes, folder, size, chunk)
        compared = run(compare, folder, size, chunk)
    ratios = [
        size * size / b["seconds"] / (part * part / w["seconds"])
        for w, b in zip(whole, blocks, strict=True)
    ]
    return {
        "machine": describe_machine(("numpy", "dask", "distributed", "zarr")),
        "image": {"size": size, "part": part, "chunk": chunk, "bytes": 4 * size * size},
        "in_memory": summarize(whole, part),
        "in_blocks": summarize(blocks, size),
        "throughput_ratios": ratios,
        "in_two_processes": workers,
        "compared": compared,
    }


def print_table(measured: dict[str, Any]) -> None:
    """Print the figures."""
    image, workers, compared = (measured[key] for key in ("image", "in_two_processes", "compared"))
    for name, size in (("in_memory", image["part"]), ("in_blocks", image["size"])):
        found = measured[name]
        speed, peak = found["entries_per_second"] / 1e6, found["peak"] / 2**20
        print(
            f"{name.replace('_', ' '):18}{size:6}²{found['seconds']:8.2f} s"
            f"{speed:8.1f} million entries/s{peak:7.0f} MiB"
        )
    peak = workers["peak"] / 2**20
    print(f"in two processes  {image['size']:6}²{workers['seconds']:8.2f} s{peak:34.0f} MiB each")
    ratio = statistics.median(measured["throughput_ratios"])
    print(f"throughput in blocks, relative to in memory: {ratio:.2f} (goal 0.7)")
    print(
        f"one process killed after {workers['written_when_killed']} of {workers['blocks']} blocks: "
        f"complete {compared['complete']}, equal {compared['equal']}"
    )
    print(f"largest difference from cnnlib in memory: {compared['difference']:.1e}")


def main() -> None:
    """Measure, print the figures, and write them down if the image has its full size."""
    parser = argparse.ArgumentParser(description=__doc__, add_help=False)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--step", choices=STEPS)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--size", type=int)
    parser.add_argument("--chunk", type=int)
    given = parser.parse_args()
    if given.step:
        print(json.dumps(STEPS[given.step](given.folder, given.size, given.chunk)))
        return
    size = 20_000 if given.full else 4_000
    measured = measure(size, part=min(size // 2, 5_000), chunk=1_000, rounds=3)
    print_table(measured)
    if given.full:
        RESULTS.write_text(json.dumps(measured, indent=1) + "\n")


if __name__ == "__main__":
    main()
