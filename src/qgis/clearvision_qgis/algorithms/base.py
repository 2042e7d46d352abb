# SPDX-License-Identifier: GPL-2.0-or-later
"""What all algorithms share: inputs, options, the check before a run, the run.

prepareAlgorithm() runs in the main thread, where layers live, and turns everything into plain text; processAlgorithm()
runs elsewhere and sees no layer.
"""
import os

from qgis.core import (QgsProcessing, QgsProcessingAlgorithm, QgsProcessingException, QgsProcessingParameterFile,
                       QgsProcessingParameterMultipleLayers, QgsProcessingParameterString)
from qgis.PyQt.QtGui import QIcon

from .. import options, program, runner
from ..inputs import dataset_names, open_options, tr
from . import parameters as rows

INPUT, FILES, FOLDER, EXTRA = "INPUT", "FILES", "FOLDER", "EXTRA"
INPUT_HELP = """<p><b>Inputs.</b> One raster per date, or one raster with all dates as bands; five to ten dates are best.
Their order does not matter: dates are read from the metadata or from the files' names, and the series is put in order
by them. What is no layer, EarthNet2021 cubes (.npz), products and text files that name inputs one a line, goes into
<i>Further files</i>. A folder gives its rasters, its folders of one band a file, or its products, as the program finds
them.</p>"""
END_HELP = """<p>The log shows the command; it can be pasted into a terminal. <i>Inspect series</i> tells how a series
was understood.</p>"""


def configured():
    """The path that the user has set for the program, or None."""
    from processing.core.ProcessingConfig import ProcessingConfig
    return ProcessingConfig.getSetting(program.SETTING)


class SeriesAlgorithm(QgsProcessingAlgorithm):
    """An algorithm around one command. Subclasses set COMMAND, TITLE, ABOUT and write destinations() and results()."""

    COMMAND = TITLE = ABOUT = ""

    # ---- What QGIS asks

    def name(self):
        return self.COMMAND.replace(" ", "_")

    def displayName(self):  # noqa: N802
        return tr(self.TITLE)

    def shortHelpString(self):  # noqa: N802
        # Line ends would become paragraphs.
        return " ".join((tr(self.ABOUT) + tr(INPUT_HELP) + tr(END_HELP)).split())

    def tags(self):
        return ["sentinel", "sentinel-2", "cloud", "clouds", "shadow", "time series", "gap filling", "clearvision"]

    def icon(self):
        return QIcon(os.path.join(os.path.dirname(os.path.dirname(__file__)), "icon.svg"))

    def createInstance(self):  # noqa: N802
        return type(self)()

    def canExecute(self):  # noqa: N802
        try:
            program.find(configured())
        except program.ProgramMissing as missing:
            return False, tr(str(missing))
        return True, ""

    # ---- Parameters

    def initAlgorithm(self, configuration=None):  # noqa: N802
        made = QgsProcessingParameterMultipleLayers(INPUT, tr("Rasters of the series"),
                                                    QgsProcessing.TypeRaster, optional=True)
        made.setHelp(tr("One raster per date, or one with all dates as bands."))
        self.addParameter(made)
        made = QgsProcessingParameterMultipleLayers(FILES, tr("Further files (cubes, products, lists)"),
                                                    QgsProcessing.TypeFile, optional=True)
        made.setHelp(tr("Anything that clearvision reads and that is not a layer."))
        self.addParameter(made)
        made = QgsProcessingParameterFile(FOLDER, tr("Folder of rasters or products"),
                                          behavior=QgsProcessingParameterFile.Folder, optional=True)
        made.setHelp(tr("A raster a date, a folder of bands a date, or Sentinel-2 products."))
        self.addParameter(made)
        for option in options.of_command(self.COMMAND):
            self.addParameter(rows.parameter(option))
        made = QgsProcessingParameterString(EXTRA, tr("Additional words of the command line"), optional=True)
        made.setHelp(tr("As in a shell, with quotation marks around words that have spaces."))
        self.addParameter(rows.advanced(made))
        self.destinations()

    def destinations(self):
        """Adds the parameters for what is written."""
        raise NotImplementedError

    def _inputs(self, parameters, context):
        names = [name for key in (INPUT, FILES, FOLDER) for name in dataset_names(parameters.get(key), context)]
        if not names:
            raise QgsProcessingException(tr("Give the dates of the series: raster layers, files or a folder."))
        return names

    def _values(self, parameters, context):
        return {option.key: rows.value(self, option, parameters, context)
                for option in options.of_command(self.COMMAND)}

    def checkParameterValues(self, parameters, context):  # noqa: N802
        possible, reason = self.canExecute()
        if not possible:
            return False, reason
        try:
            self._inputs(parameters, context)
            self._values(parameters, context)
            options.extra_words(self.parameterAsString(parameters, EXTRA, context))
        except (QgsProcessingException, options.WrongValue) as error:
            return False, str(error)
        # QGIS would say of a file that it does not open no more than "Incorrect parameter value"; clearvision says why.
        # Choices may be given by number, and are checked above.
        mine = (options.LAYER, options.LAYERS, options.CHOICE, options.CHOICES)
        checked = {INPUT} | {option.key for option in options.of_command(self.COMMAND) if option.kind in mine}
        return super().checkParameterValues({k: v for k, v in parameters.items() if k not in checked}, context)

    def validateInputCrs(self, parameters, context):  # noqa: N802
        """Different systems among dates are no mistake: clearvision puts them on one grid. QGIS would load every file
        to look at its system, which takes time and leaves statistics (.aux.xml) beside it."""
        return True

    # ---- The run

    def prepareAlgorithm(self, parameters, context, feedback):  # noqa: N802
        self.inputs = self._inputs(parameters, context)
        self.opening = open_options(parameters.get(INPUT), context)
        self.values = self._values(parameters, context)
        self.extra = self.parameterAsString(parameters, EXTRA, context)
        return True

    def call(self, destination, feedback):
        """Runs the command; the lines of its output, or None when the user cancelled."""
        try:
            path = program.find(configured())
            words = options.command_line(self.COMMAND, self.inputs, self.values, destination, self.extra,
                                         self.opening)
        except (program.ProgramMissing, options.WrongValue) as error:
            raise QgsProcessingException(str(error)) from None
        return runner.run(path, words, feedback)
