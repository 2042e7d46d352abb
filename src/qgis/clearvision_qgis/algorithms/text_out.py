# SPDX-License-Identifier: GPL-2.0-or-later
"""What Inspect series and Evaluate share: the program's text as a page for QGIS's results viewer."""
import html

from qgis.core import QgsProcessingException, QgsProcessingParameterFileDestination

from ..inputs import tr
from .base import SeriesAlgorithm

OUTPUT = "OUTPUT"
PAGE = """<!DOCTYPE html>
<html><head><meta charset="utf-8"><title>{title}</title></head>
<body><h2>{title}</h2><pre>{text}</pre></body></html>
"""


class TextAlgorithm(SeriesAlgorithm):
    def add_page(self, label):
        self.addParameter(QgsProcessingParameterFileDestination(OUTPUT, tr(label), tr("HTML files (*.html)"),
                                                                optional=True))

    def write_page(self, parameters, context, lines):
        """Writes the page when it was asked for; its path, or ""."""
        path = self.parameterAsFileOutput(parameters, OUTPUT, context)
        if path:
            page = PAGE.format(title=html.escape(self.displayName()), text=html.escape("\n".join(lines)))
            try:
                with open(path, "w", encoding="utf-8") as file:
                    file.write(page)
            except OSError as error:
                raise QgsProcessingException("{}: {}".format(path, error.strerror)) from None
        return path
