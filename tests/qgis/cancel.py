# SPDX-License-Identifier: GPL-2.0-or-later
"""cancel.py FOLDER: cancels a run on the rasters of the folder at several moments, from a thread of its own."""
import glob
import os
import sys
import threading
import time

import session

LIMIT = 2.0


def left(folder):
    return [os.path.join(where, name) for where, _, names in os.walk(folder) for name in names]


def main(folder):
    session.start()
    inputs = sorted(glob.glob(os.path.join(folder, "*.tif")))
    started = time.monotonic()
    _, succeeded, _, _ = session.run("remove", {"FILES": inputs, "OUTPUT": "whole", "METHOD": "regression"})
    whole = time.monotonic() - started
    if not succeeded or len(left("whole")) != len(inputs):
        print("the run without cancel failed")
        return True
    failed, cancelled = False, 0
    for share in (0.1, 0.5, 0.8):
        feedback, at = session.Feedback(), []

        def cancel():
            time.sleep(share * whole)
            at.append(time.monotonic())
            feedback.cancel()

        thread = threading.Thread(target=cancel)
        thread.start()
        results, succeeded, _, _ = session.run("remove", {"FILES": inputs, "OUTPUT": "out", "METHOD": "regression",
                                                          "OVERWRITE": True}, feedback)
        end = time.monotonic()
        thread.join()
        if not at or end < at[0]:
            print("at {:.0%}: had ended before".format(share))
            continue
        took, remains = end - at[0], left("out")
        if results.get("RASTERS") and len(remains) == len(inputs):
            print("at {:.0%}: all was written already".format(share))
            for path in remains:
                os.unlink(path)
            continue
        cancelled += 1
        bad = took > LIMIT or bool(remains) or not succeeded or results.get("RASTERS")
        print("cancelled at {:.0%} of {:.1f} s: ended after {:.2f} s, left {}{}".format(
            share, whole, took, remains or "nothing", "  <- wrong" if bad else ""))
        failed = failed or bad
    if cancelled < 2:
        print("hardly any run was cancelled: nothing is shown")
        failed = True
    return failed


if __name__ == "__main__":
    session.end(main(sys.argv[1]))
