# SPDX-License-Identifier: GPL-2.0-or-later
"""Inspect series: what the series is made of, how it was understood, and whether it suits."""
from .. import options
from .text_out import OUTPUT, TextAlgorithm


class InfoAlgorithm(TextAlgorithm):
    COMMAND = options.INFO
    TITLE = "Inspect series"
    ABOUT = """<p>Lists the dates of a series with their grid, bands, scale and share of cloud, says how each of them was
found out, and whether the series suits cloud removal and what to do when it does not. Reads a sample of the pixels and
writes nothing but the page.</p>"""

    def destinations(self):
        self.add_page("Page with what was found")

    def processAlgorithm(self, parameters, context, feedback):  # noqa: N802
        lines = self.call(["-v"], feedback)
        if lines is None:
            return {}
        return {OUTPUT: self.write_page(parameters, context, lines)}
