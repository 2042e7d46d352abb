# SPDX-License-Identifier: GPL-2.0-or-later
"""The plug-in: puts the provider into Processing and takes it out again.

Without a window (qgis_process) `iface` is None and only initProcessing() is called, so nothing here touches it.
"""
from qgis.core import QgsApplication

from .provider import ClearVisionProvider


class ClearVisionPlugin:
    def __init__(self, iface):
        self.provider = None

    def initProcessing(self):  # noqa: N802
        self.provider = ClearVisionProvider()
        QgsApplication.processingRegistry().addProvider(self.provider)

    def initGui(self):  # noqa: N802
        self.initProcessing()

    def unload(self):
        if self.provider is not None:
            QgsApplication.processingRegistry().removeProvider(self.provider)
            self.provider = None
