# SPDX-License-Identifier: GPL-2.0-or-later
"""The provider "Clear Vision": its algorithms and its one setting, the program's path.

It loads, and says nothing, also where the program is missing; the algorithms then say so when they are opened.
"""
import os

from qgis.core import QgsProcessingProvider
from qgis.PyQt.QtGui import QIcon

from . import program
from .algorithms.detect import DetectAlgorithm
from .algorithms.evaluate import EvaluateAlgorithm
from .algorithms.info import InfoAlgorithm
from .algorithms.remove import RemoveAlgorithm

ICON = os.path.join(os.path.dirname(__file__), "icon.svg")


class ClearVisionProvider(QgsProcessingProvider):
    def id(self):
        return "clearvision"

    def name(self):
        return "Clear Vision"

    def longName(self):  # noqa: N802
        return self.tr("Clear Vision (Sentinel-2 pictures without clouds)")

    def icon(self):
        return QIcon(ICON)

    def svgIconPath(self):  # noqa: N802
        return ICON

    def load(self):
        from processing.core.ProcessingConfig import ProcessingConfig, Setting
        ProcessingConfig.settingIcons[self.name()] = self.icon()
        ProcessingConfig.addSetting(Setting(
            self.name(), program.SETTING, self.tr("Program clearvision"), "", valuetype=Setting.FILE,
            placeholder=self.tr("Leave blank to look for it in CLEARVISION_BIN and PATH")))
        ProcessingConfig.readSettings()
        self.refreshAlgorithms()
        return True

    def unload(self):
        from processing.core.ProcessingConfig import ProcessingConfig
        if program.SETTING in ProcessingConfig.settings:
            ProcessingConfig.removeSetting(program.SETTING)

    def loadAlgorithms(self):  # noqa: N802
        for algorithm in (RemoveAlgorithm(), DetectAlgorithm(), InfoAlgorithm(), EvaluateAlgorithm()):
            self.addAlgorithm(algorithm)

    def supportsNonFileBasedOutput(self):  # noqa: N802
        return False
