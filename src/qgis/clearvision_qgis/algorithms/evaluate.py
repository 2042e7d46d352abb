# SPDX-License-Identifier: GPL-2.0-or-later
"""Simulate gaps and evaluate: how well the ground under clouds is predicted on one's own series."""
import os

from qgis.core import QgsProcessingOutputHtml, QgsProcessingParameterFolderDestination

from .. import options
from ..inputs import tr
from .rasters_out import RastersAlgorithm
from .text_out import OUTPUT, TextAlgorithm

REPORT, REPORT_PAGE = "REPORT", "REPORT_PAGE"


class EvaluateAlgorithm(TextAlgorithm):
    COMMAND = options.EVALUATE
    TITLE = "Simulate gaps and evaluate"
    ABOUT = """<p>Lays real cloud shapes on the clear dates of the series, lets every method fill them, and compares with
what was there: a table, and when asked a report with charts and pictures. It tells which method suits your own
ground.</p>"""

    def destinations(self):
        self.add_page("Page with the table")
        self.addParameter(QgsProcessingParameterFolderDestination(
            REPORT, tr("Folder for a report with charts and pictures"), optional=True, createByDefault=False))
        self.addOutput(QgsProcessingOutputHtml(REPORT_PAGE, tr("Report")))

    def processAlgorithm(self, parameters, context, feedback):  # noqa: N802
        report = self.parameterAsString(parameters, REPORT, context)
        if report:
            RastersAlgorithm.make_folder(report)
        lines = self.call(["-report", report] if report else [], feedback)
        if lines is None:
            return {}
        results = {OUTPUT: self.write_page(parameters, context, lines)}
        if report:
            results.update({REPORT: report, REPORT_PAGE: os.path.join(report, "index.html")})
        return results
