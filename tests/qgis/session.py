# SPDX-License-Identifier: GPL-2.0-or-later
"""QGIS without a window, with Processing and the provider: for tests written in Python.

    qgis = session.start(); algorithm = session.algorithm("remove")
"""
import os
import sys

from qgis.core import QgsApplication, QgsProcessingContext, QgsProcessingFeedback, QgsProject

SOURCE = os.environ["CLV_SOURCE"]
_alive = []


class Feedback(QgsProcessingFeedback):
    """Keeps what is said."""

    def __init__(self):
        super().__init__(False)
        self.commands, self.console, self.errors, self.progress = [], [], [], []
        self.progressChanged.connect(self.progress.append)

    def pushCommandInfo(self, text):  # noqa: N802
        self.commands.append(text)

    def pushConsoleInfo(self, text):  # noqa: N802
        self.console.append(text)

    def reportError(self, text, fatal=False):  # noqa: N802
        self.errors.append(text)


def start():
    application = QgsApplication([], False)
    application.initQgis()
    sys.path[:0] = [os.path.join(QgsApplication.pkgDataPath(), "python", "plugins"), os.path.join(SOURCE, "src", "qgis")]
    from processing.core.Processing import Processing
    Processing.initialize()
    from clearvision_qgis.plugin import ClearVisionPlugin
    plugin = ClearVisionPlugin(None)
    plugin.initProcessing()
    _alive.extend([application, plugin])
    return plugin


def algorithm(name):
    return QgsApplication.processingRegistry().createAlgorithmById("clearvision:" + name)


def context():
    made = QgsProcessingContext()
    made.setProject(QgsProject.instance())
    return made


def run(name, parameters, feedback=None, where=None):
    """(results, succeeded, feedback, context)"""
    feedback, where = feedback or Feedback(), where or context()
    results, succeeded = algorithm(name).run(parameters, where, feedback)
    return results, succeeded, feedback, where


def end(failed):
    """Ends the process at once: QGIS's own end without a window is not always clean."""
    sys.stdout.flush()
    os._exit(1 if failed else 0)
