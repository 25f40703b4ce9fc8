"""Compare the speed, memory use and accuracy of cnnlib with other libraries: `make bench`.

All libraries run in one process and take turns, so that changes of the machine's speed affect them
equally. With one thread, CPU time is measured, which is stable and which the goals refer to; with
two threads, wall time. All times are medians. The results are written to a file for the post that
plots them, and compared with the goals in a table.
"""

from __future__ import annotations

import json
import math
import os
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import threadpoolctl

import cnnlib
from blog.measure.bench.cases import Case, all_cases, normal, torch
from blog.measure.bench.networks import Run
from blog.measure.machine import describe_machine

# Plotted by the post of the same name.
RESULTS = Path(__file__).parents[1] / "results" / "how-fast-can-numpy-convolve.json"
OPTIONAL = ("torch", "jax", "mygrad")
SCIPY = ("SciPy correlate2d", "SciPy ndimage", "SciPy oaconvolve")


def measure(runs: dict[str, Run], clock: Callable[[], float], seconds: float) -> dict[str, float]:
    """Run the callables in turn for some seconds, and return the median time of each."""
    times: dict[str, list[float]] = {}
    repeat = {}
    for name, run in runs.items():
        run()
        start = clock()
        run()
        elapsed = max(clock() - start, 1e-7)
        times[name] = [elapsed]
        # Fast calls are repeated for about a millisecond, because of the clock's resolution.
        repeat[name] = max(1, int(1e-3 / elapsed))
    # Other libraries that take too long are measured only once.
    turns = [name for name in runs if name == "cnnlib" or times[name][0] < seconds / 3]
    deadline = time.perf_counter() + seconds
    while time.perf_counter() < deadline or len(times["cnnlib"]) < 3:
        for name in turns:
            start = clock()
            for _ in range(repeat[name]):
                runs[name]()
            times[name].append((clock() - start) / repeat[name])
    return {name: statistics.median(values) for name, values in times.items()}


def clock_for(threads: int) -> Callable[[], float]:
    """Return a clock: of CPU time with one thread, of wall time with more.

    CPU time is that of the process, since JAX computes in threads of its own.
    """
    return time.process_time if threads == 1 else time.perf_counter


def measure_case(case: Case, threads: int, seconds: float) -> dict[str, float]:
    """Measure one case: CPU time with one thread, wall time with more."""
    if torch:
        torch.set_num_threads(threads)
    cv2.setNumThreads(threads)
    with threadpoolctl.threadpool_limits(threads):
        # These functions of SciPy have no threads, so that measuring them once is enough.
        runs = {n: r for n, r in case.runs(threads).items() if threads == 1 or n not in SCIPY}
        return measure(runs, clock_for(threads), seconds)


def measure_memory(case: Case) -> dict[str, float]:
    """Measure cnnlib's peak memory beyond its output: bytes, and as a share of input and output."""
    run = case.runs(1)["cnnlib"]
    run()
    tracemalloc.start()
    out = run()
    peak = tracemalloc.get_traced_memory()[1] - out.nbytes
    tracemalloc.stop()
    both = out.nbytes + 4 * math.prod(case.arrays["shape"])
    return {"bytes": peak, "share": peak / both, "within": peak <= max(both / 2, 4 << 20)}


def measure_error(case: Case) -> dict[str, float]:
    """Measure the largest deviation from a float64 result, relative to the largest value."""
    a, kernel = case.arrays, case.arrays["kernel"]
    shape = (1, *a["shape"][1:])
    x, w = normal(*shape), normal(a["outputs"], shape[1] // a["groups"], kernel, kernel)
    geometry = {key: a[key] for key in ("stride", "padding", "dilation", "groups")}
    exact = cnnlib.conv2d(x.astype(np.float64), w.astype(np.float64), **geometry)
    results = {"cnnlib": cnnlib.conv2d(x, w, **geometry)}
    if torch:
        xt, wt = torch.from_numpy(x), torch.from_numpy(w)
        results["PyTorch"] = torch.nn.functional.conv2d(xt, wt, **geometry).numpy()
    scale = np.abs(exact).max()
    return {name: float(np.abs(y - exact).max() / scale) for name, y in results.items()}


def measure_machine() -> dict[str, Any]:
    """Describe the machine and the libraries, and measure the peak performance."""
    names = ["numpy", "scipy", "onnxruntime", "opencv-python-headless", "scikit-image"]
    names += [name for name in OPTIONAL if find_spec(name)]
    blas = [p for p in threadpoolctl.threadpool_info() if p["user_api"] == "blas"]
    limits: dict[str, float] = {}
    a, big = normal(2048, 2048), np.zeros(1 << 26, np.float32)
    target = np.empty_like(big)
    for threads in (1, 2):
        with threadpoolctl.threadpool_limits(threads):
            elapsed = measure({"cnnlib": lambda: a @ a}, clock_for(threads), 1)["cnnlib"]
        limits[f"sgemm GFLOP/s, {threads} threads"] = round(2 * 2048**3 / elapsed / 1e9, 1)
    elapsed = measure({"cnnlib": lambda: np.copyto(target, big)}, clock_for(1), 1)["cnnlib"]
    limits["copy GB/s"] = round(2 * big.nbytes / elapsed / 1e9, 1)
    names_of_blas = {f"{b['internal_api']} {b['version']} {b.get('architecture')}" for b in blas}
    return describe_machine(names) | {"blas": sorted(names_of_blas), "limits": limits}


def geometric_mean(values: list[float]) -> float:
    """Return the geometric mean, or nan for no values."""
    return math.exp(statistics.fmean(map(math.log, values))) if values else math.nan


def ratios(
    results: list[dict[str, Any]], group: str, peer: str, threads: str = "1T"
) -> list[float]:
    """Divide cnnlib's times in a group by a peer's; "SciPy" is the fastest of its functions."""
    found = []
    for result in (r for r in results if r["group"] == group):
        times = result[threads]
        if peer == "SciPy" and not times.keys().isdisjoint(SCIPY):
            times = times | {"SciPy": min(times.get(name, math.inf) for name in SCIPY)}
        if peer in times:
            found.append(times["cnnlib"] / times[peer])
    return found


def goal_table(results: list[dict[str, Any]]) -> list[tuple[str, str, str, str, str]]:
    """Compare the results with the goals: task, goal, one thread, two threads, mark."""
    rows = []

    def row(
        task: str, group: str, peer: str, goal: float, stretch: float, limit: float = 0
    ) -> None:
        one, two = ratios(results, group, peer), ratios(results, group, peer, "2T")
        if one:
            met = geometric_mean(one) <= goal and (not limit or max(one) <= limit)
            best = "✓✓" if met and stretch and geometric_mean(one) <= stretch else "✓"
            goal_text = f"≤ {goal:g} of {peer}" + (f", none over {limit:g}" if limit else "")
            rows.append(
                (
                    task,
                    goal_text,
                    f"{geometric_mean(one):.2f} (worst {max(one):.2f})",
                    f"{geometric_mean(two):.2f}" if two else "",
                    best if met else "✗",
                )
            )

    row("one channel, 512² to 4096², 3 to 11", "picture", "PyTorch", 0.3, 0)
    row("", "picture", "ONNX Runtime", 0.4, 0)
    row("", "picture", "SciPy", 0.8, 0)
    row("", "picture", "OpenCV", 2.5, 1.5)
    row("VGG-16, ResNet stem, stride, dilated, 1×1", "layers", "PyTorch", 1.3, 1.1, 1.7)
    row("LeNet-5, batch 64", "lenet", "PyTorch", 1.3, 1.0)
    row("depthwise 3×3, 8 groups", "depthwise", "PyTorch", 4, 2.5, 4)
    row("training step of LeNet-5, batch 64", "training", "PyTorch", 2, 0)
    row("transposed convolution, decoders", "decoder", "PyTorch", 1.5, 0)
    row("max and average pooling", "pooling", "PyTorch", 0.5, 0)
    row("", "pooling", "block_reduce", 0.1, 0)
    ratio = ratios(results, "pooling", "ONNX Runtime")
    if ratio:
        measured = f"{geometric_mean(ratio):.2f} (worst {max(ratio):.2f})"
        reached = "✓✓" if geometric_mean(ratio) <= 1 else ""
        rows.append(("", "stretch: ≤ 1 of ONNX Runtime", measured, "", reached))
    for tiny in (r["1T"] for r in results if r["group"] == "tiny"):
        ours, scipy = tiny["cnnlib"] * 1e6, tiny["SciPy correlate2d"] * 1e6
        mark = "✗" if ours > 25 else "✓✓" if ours <= scipy else "✓"
        measured = f"{ours:.1f} µs (SciPy {scipy:.1f})"
        rows.append(("4×4 with 2×2, a public call", "≤ 25 µs", measured, "", mark))
    used = [r["memory"] for r in results if "memory" in r]
    if used:
        share, most = max(m["share"] for m in used), max(m["bytes"] for m in used) / 2**20
        measured = f"share at most {share:.2f}, at most {most:.1f} MiB"
        mark = "✓" if all(m["within"] for m in used) else "✗"
        rows.append(("working memory", "≤ 0.5 of in + out, or 4 MiB", measured, "", mark))
    found = [r["error"] for r in results if "PyTorch" in r.get("error", {})]
    if found:
        error = [e["cnnlib"] / e["PyTorch"] for e in found]
        measured, mark = (
            f"{geometric_mean(error):.2f} (worst {max(error):.2f})",
            "✓" if max(error) <= 4 else "✗",
        )
        rows.append(("error against float64", "≤ 4 of PyTorch's", measured, "", mark))
    return rows


def main() -> None:
    """Measure all cases, or those whose names contain an argument; write and print the results."""
    filters = sys.argv[1:]
    seconds = float(os.environ.get("BENCH_SECONDS", "1.5"))
    results: list[dict[str, Any]] = []
    for case in all_cases():
        if filters and not any(f in f"{case.group} {case.name}" for f in filters):
            continue
        result: dict[str, Any] = {"group": case.group, "name": case.name}
        for threads in (1, 2):
            result[f"{threads}T"] = measure_case(case, threads, seconds / threads)
        if "shape" in case.arrays:
            result["memory"] = measure_memory(case)
        # The error does not depend on the batch size.
        if "outputs" in case.arrays and case.arrays["shape"][0] != 8:
            result["error"] = measure_error(case)
        one = result["1T"]
        against = {k: round(one["cnnlib"] / v, 2) for k, v in one.items() if k != "cnnlib"}
        print(f"{case.name:44} {one['cnnlib'] * 1e3:10.3f} ms  {against}", flush=True)
        results.append(result)
    if not filters:
        RESULTS.write_text(
            json.dumps({"machine": measure_machine(), "results": results}, indent=1) + "\n"
        )
    print("\ncnnlib's time divided by the other library's (below 1: cnnlib is faster)")
    print("✗ goal missed, ✓ goal met, ✓✓ stretch goal met")
    rows = [("task", "goal", "one thread", "two", ""), *goal_table(results)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for line in rows:
        print("  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)).rstrip())


if __name__ == "__main__":
    main()
