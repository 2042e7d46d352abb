# SPDX-License-Identifier: GPL-2.0-or-later
"""Detect clouds: a mask per date."""
import os

from .. import files, options
from ..inputs import tr
from .rasters_out import OUTPUT, RastersAlgorithm

RASTERS = "RASTERS"


class DetectAlgorithm(RastersAlgorithm):
    COMMAND = options.DETECT
    TITLE = "Detect clouds"
    ABOUT = """<p>Writes a mask for every date of the series, on the date's own grid: 0 clear, 1 cloud, 2 cloud shadow, 255
no data; or the probabilities of cloud and of shadow. The dates are looked at together: what is brighter than it mostly is
may be a cloud, what is always bright is a roof.</p>"""

    def destinations(self):
        self.add_folder("Folder for the masks")
        self.add_rasters(RASTERS, "Masks")

    def processAlgorithm(self, parameters, context, feedback):  # noqa: N802
        folder = self.parameterAsString(parameters, OUTPUT, context)
        self.make_folder(folder)
        before = files.snapshot(folder)
        if self.call(["-o", folder], feedback) is None:
            return {}
        found = [(raster, files.MASK) for raster, _ in self.describe(files.written(folder, before))]
        probability = self.values["PROBABILITY"]
        title = tr("cloud probability") if probability else tr("mask")
        group = "{}: {}".format(os.path.basename(folder.rstrip("/\\")), tr("masks"))
        self.load_all(context, found, {files.MASK: title}, {files.MASK: group}, {files.MASK: True},
                      lambda kind: "probability" if probability else kind)
        return {OUTPUT: folder, RASTERS: [raster.path for raster, _ in found]}
