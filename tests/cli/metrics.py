#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The figures of image/metrics against numpy on random arrays:  metrics.py TEST_PROGRAM. Exit status 77: skipped."""
import os
import subprocess
import sys
import tempfile

try:
    import numpy as np
except ImportError as missing:
    print("skipped:", missing)
    sys.exit(77)


def ssim(a, b):
    g = np.exp(-np.arange(-2, 3) ** 2 / (2 * 1.5**2))
    g /= g.sum()
    blur = lambda v: np.apply_along_axis(np.convolve, 1, np.apply_along_axis(np.convolve, 0, v, g, "valid"), g, "valid")
    ma, mb = blur(a), blur(b)
    va, vb, ab = blur(a * a) - ma * ma, blur(b * b) - mb * mb, blur(a * b) - ma * mb
    return (((2 * ma * mb + 1e-4) * (2 * ab + 9e-4)) / ((ma**2 + mb**2 + 1e-4) * (va + vb + 9e-4))).mean()


def expected(p, t, scope):
    where = scope == 1
    p, t, first_p, first_t = p[:, where].astype(float), t[:, where].astype(float), p[0].astype(float), t[0].astype(float)
    d = p - t
    rmse = np.sqrt(np.mean(d**2))
    cosine = (p * t).sum(0) / (np.linalg.norm(p, axis=0) * np.linalg.norm(t, axis=0))
    return [20 * np.log10(1 / rmse), rmse, np.abs(d).mean(), np.degrees(np.arccos(np.clip(cosine, -1, 1))).mean(),
            ssim(first_p, first_t)]


rng = np.random.default_rng(3)
with tempfile.TemporaryDirectory() as folder:
    for bands, width, height in ((1, 9, 5), (3, 40, 33), (4, 128, 128)):
        truth = rng.random((bands, height, width)).astype(np.float32)
        predicted = (truth + rng.normal(0, 0.05, truth.shape)).astype(np.float32)
        scope = rng.integers(0, 3, (height, width)).astype(np.uint8)
        names = [os.path.join(folder, n) for n in ("p", "t", "s")]
        for name, data in zip(names, (predicted, truth, scope)):
            data.tofile(name)
        out = subprocess.run([sys.argv[1], *names, str(bands), str(width), str(height)], stdout=subprocess.PIPE, check=True)
        ours = np.array(out.stdout.split(), float)
        np.testing.assert_allclose(ours, expected(predicted, truth, scope), rtol=1e-6, atol=2e-6) # one band: angles of 0
        print(bands, width, height, ours)
