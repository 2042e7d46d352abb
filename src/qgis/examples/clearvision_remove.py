# SPDX-License-Identifier: GPL-2.0-or-later
"""Clear Vision without the plug-in: a Processing script that runs the program on some layers.

Copy it to ~/.local/share/QGIS/QGIS3/profiles/default/processing/scripts/ (Processing Toolbox > Scripts > Add Script to
Toolbox), and change it: it shows the least that is needed to run a program with progress and cancel from QGIS.
"""
import shutil

from qgis.core import (QgsBlockingProcess, QgsProcessing, QgsProcessingAlgorithm, QgsProcessingException,
                       QgsProcessingParameterFolderDestination, QgsProcessingParameterMultipleLayers)


class RemoveCloudsScript(QgsProcessingAlgorithm):
    def name(self):
        return "clearvision_remove"

    def displayName(self):  # noqa: N802
        return "Remove clouds (script)"

    def createInstance(self):  # noqa: N802
        return RemoveCloudsScript()

    def initAlgorithm(self, configuration=None):  # noqa: N802
        self.addParameter(QgsProcessingParameterMultipleLayers("INPUT", "One raster per date",
                                                               QgsProcessing.TypeRaster))
        self.addParameter(QgsProcessingParameterFolderDestination("OUTPUT", "Folder for the results"))

    def processAlgorithm(self, parameters, context, feedback):  # noqa: N802
        program = shutil.which("clearvision")
        if program is None:
            raise QgsProcessingException("The program clearvision is not in PATH.")
        layers = self.parameterAsLayerList(parameters, "INPUT", context)
        folder = self.parameterAsString(parameters, "OUTPUT", context)
        words = ["remove"] + [layer.source() for layer in layers] + ["-o", folder, "-overwrite"]
        problems = []

        # QGIS does not hold on to these functions: they need names.
        def on_output(data):
            text = data.data().decode("utf-8", "replace")
            feedback.pushConsoleInfo(text.rstrip("\n"))
            done = text.rsplit("...", 1)[-1]
            if done.isdigit():
                feedback.setProgress(int(done))

        def on_error(data):
            problems.append(data.data().decode("utf-8", "replace"))

        process = QgsBlockingProcess(program, words)
        process.setStdOutHandler(on_output)
        process.setStdErrHandler(on_error)
        if process.run(feedback) != 0 and not feedback.isCanceled():
            raise QgsProcessingException("".join(problems).strip() or "clearvision failed")
        return {"OUTPUT": folder}
