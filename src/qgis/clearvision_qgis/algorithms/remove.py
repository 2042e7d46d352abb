# SPDX-License-Identifier: GPL-2.0-or-later
"""Remove clouds: the series without clouds, one raster per date or all dates in one."""
import os

from qgis.core import (QgsProcessingException, QgsProcessingOutputHtml, QgsProcessingParameterFileDestination,
                       QgsProcessingParameterFolderDestination, QgsProcessingParameterRasterDestination)

from .. import files, options, rasters, styles
from ..inputs import tr
from .parameters import advanced
from .rasters_out import OUTPUT, RastersAlgorithm

STACK, PREVIEW, REPORT, REPORT_PAGE = "STACK", "PREVIEW", "REPORT", "REPORT_PAGE"
RASTERS, MASK_RASTERS, QUALITY_RASTERS = "RASTERS", "MASK_RASTERS", "QUALITY_RASTERS"


class RemoveAlgorithm(RastersAlgorithm):
    COMMAND = options.REMOVE
    TITLE = "Remove clouds"
    ABOUT = """<p>Finds the clouds and shadows of every date, predicts the ground under them from all dates together, and
writes each date exactly where its input lies: same grid, type, scale and metadata. Observed pixels stay as they are.</p>
<p>Results are named after their inputs and come into one folder. All dates are loaded with the same stretch, so that they
can be compared, and with their dates, for QGIS's temporal controller. With a <i>stack</i> all dates become bands of one
raster instead; masks and quality rasters then lie beside it.</p>"""

    def destinations(self):
        self.add_folder("Folder for the cloud-free rasters", optional=True)
        self.addParameter(QgsProcessingParameterRasterDestination(
            STACK, tr("One raster with all dates instead"), optional=True, createByDefault=False))
        self.addParameter(advanced(QgsProcessingParameterFileDestination(
            PREVIEW, tr("Picture of all dates before and after"), tr("PNG files (*.png)"), optional=True,
            createByDefault=False)))
        self.addParameter(QgsProcessingParameterFolderDestination(
            REPORT, tr("Folder for a page with every date before and after"), optional=True, createByDefault=False))
        self.addOutput(QgsProcessingOutputHtml(REPORT_PAGE, tr("Page with every date before and after")))
        self.add_rasters(RASTERS, "Cloud-free rasters")
        self.add_rasters(MASK_RASTERS, "Masks")
        self.add_rasters(QUALITY_RASTERS, "Quality rasters")

    def processAlgorithm(self, parameters, context, feedback):  # noqa: N802
        stack = self.parameterAsOutputLayer(parameters, STACK, context)
        folder = os.path.dirname(os.path.abspath(stack)) if stack else \
            self.parameterAsString(parameters, OUTPUT, context)
        if not folder:
            raise QgsProcessingException(tr("Give a folder for the cloud-free rasters, or a stack."))
        preview = self.parameterAsFileOutput(parameters, PREVIEW, context)
        self.make_folder(stack or folder)
        destination = ["-stack", "-o", stack] if stack else ["-o", folder]
        destination += ["-preview", preview] if preview else []
        report = self.parameterAsString(parameters, REPORT, context)
        if report:
            self.make_folder(report)
            destination += ["-report", report]

        before = files.snapshot(folder)
        if self.call(destination, feedback) is None:
            return {}
        written = files.written(folder, before, self.values["MASKS"], self.values["QUALITY"], [preview])
        found = self.describe(written)

        name = os.path.basename(folder.rstrip("/\\"))
        groups = {files.PICTURE: tr("{}: cloud-free"), files.MASK: tr("{}: masks"), files.QUALITY: tr("{}: quality")}
        titles = {files.PICTURE: tr("cloud-free"), files.MASK: tr("mask"), files.QUALITY: tr("quality")}
        if stack:
            self._dress_stack(context, stack)
            found = [pair for pair in found if os.path.abspath(pair[0].path) != os.path.abspath(stack)]
        self.load_all(context, found, titles, {kind: text.format(name) for kind, text in groups.items()},
                      {files.PICTURE: True, files.MASK: False, files.QUALITY: False})

        paths = {kind: [raster.path for raster, k in found if k == kind] for kind in titles}
        results = {OUTPUT: folder, RASTERS: paths[files.PICTURE], MASK_RASTERS: paths[files.MASK],
                   QUALITY_RASTERS: paths[files.QUALITY]}
        if stack:
            results[STACK] = stack
        if preview:
            results[PREVIEW] = preview
        if report:
            results.update({REPORT: report, REPORT_PAGE: os.path.join(report, "index.html")})
        return results

    def _dress_stack(self, context, stack):
        """QGIS loads the stack by itself when asked to; it gets the look of its first date."""
        if not context.willLoadLayerOnCompletion(stack):
            return
        raster = rasters.describe(stack, rasters.band_numbers(self.values.get("BANDS")))
        if raster is not None:
            look = styles.Look(files.PICTURE, raster, rasters.stretch([raster]), "", True, "", "")
            styles.dress(context.layerToLoadOnCompletionDetails(stack), look)
