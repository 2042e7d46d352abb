# SPDX-License-Identifier: GPL-2.0-or-later
"""What Remove clouds and Detect clouds share: a folder with one raster per date, loaded with styles."""
import os
from datetime import date, timedelta

from qgis.core import (QgsProcessingException, QgsProcessingOutputMultipleLayers, QgsProcessingParameterBoolean,
                       QgsProcessingParameterFolderDestination)

from .. import files, rasters, styles
from ..inputs import tr
from .base import SeriesAlgorithm

OUTPUT, LOAD = "OUTPUT", "LOAD"


def spans(dates):
    """For each date "YYYY-MM-DD" of a sorted list the day on which the next one takes its place; the last one lasts as
    long as the one before it, a date alone a day. "" stays ""."""
    days = sorted({date.fromisoformat(text) for text in dates if text})
    ends = {}
    for i, day in enumerate(days):
        if i + 1 < len(days):
            ends[day] = days[i + 1]
        else:
            ends[day] = day + (day - days[i - 1] if i else timedelta(days=1))
    return [ends[date.fromisoformat(text)].isoformat() if text else "" for text in dates]


class RastersAlgorithm(SeriesAlgorithm):
    def add_folder(self, label, optional=False):
        self.addParameter(QgsProcessingParameterBoolean(LOAD, tr("Load the results, styled, into the project"),
                                                        defaultValue=True))
        self.addParameter(QgsProcessingParameterFolderDestination(OUTPUT, tr(label), optional=optional))

    def add_rasters(self, name, label):
        self.addOutput(QgsProcessingOutputMultipleLayers(name, tr(label)))

    def prepareAlgorithm(self, parameters, context, feedback):  # noqa: N802
        self.load = self.parameterAsBool(parameters, LOAD, context)
        return super().prepareAlgorithm(parameters, context, feedback)

    @staticmethod
    def make_folder(folder):
        """Only what lies above: clearvision makes the last folder itself, when there is something to write."""
        above = os.path.dirname(os.path.abspath(folder))
        try:
            os.makedirs(above, exist_ok=True)
        except OSError as error:
            raise QgsProcessingException("{}: {}".format(above, error.strerror)) from None

    def describe(self, written):
        """[(Raster, kind)] of what was written, in order of the dates. What GDAL does not open is left out."""
        wanted = rasters.band_numbers(self.values.get("BANDS"))
        found = [(rasters.describe(item.path, wanted if item.kind == files.PICTURE else ()), item.kind)
                 for item in written]
        found = [(raster, kind) for raster, kind in found if raster is not None]
        return sorted(found, key=lambda pair: (pair[0].date, pair[0].path))

    def load_all(self, context, found, titles, groups, visible, look_of=lambda kind: kind):
        """Has QGIS load the rasters with their styles; all pictures get one stretch."""
        if not self.load or not context.project():
            return
        ranges = rasters.stretch([raster for raster, kind in found if kind == files.PICTURE])
        for kind in titles:
            members = [raster for raster, k in found if k == kind]
            ends = spans([raster.date for raster in members])
            for raster, end in zip(members, ends):
                name = raster.date or os.path.splitext(os.path.basename(raster.path))[0]
                look = styles.Look(look_of(kind), raster, ranges, groups[kind], visible[kind], raster.date, end)
                styles.load_on_completion(context, raster.path, "{} {}".format(name, titles[kind]), OUTPUT, look)
