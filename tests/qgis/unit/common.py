# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the plug-in lies; importing this puts it into Python's path."""
import os
import sys

SOURCE = os.environ.get("CLV_SOURCE") or os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
FOLDER = os.path.join(SOURCE, "src", "qgis")
PROGRAM = os.environ.get("CLV_PROGRAM")
if FOLDER not in sys.path:
    sys.path.insert(0, FOLDER)
