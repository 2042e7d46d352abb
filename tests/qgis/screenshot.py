# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes data/qgis.png: QGIS's window with the results of Remove clouds on the shipped sample.

    QGIS_PLUGINPATH=src/qgis CLEARVISION_BIN=build/release/bin/clearvision SHOT=data/qgis.png \
        xvfb-run -s "-screen 0 1100x740x24" qgis --nologo --noversioncheck --code tests/qgis/screenshot.py

in a profile in which the plug-in is switched on (qgis_process plugins enable clearvision_qgis).
"""
import glob
import os
import shutil
import tempfile
import traceback

import processing
from qgis.core import QgsProject
from qgis.PyQt.QtCore import Qt, QTimer
from qgis.PyQt.QtGui import QImage
from qgis.PyQt.QtWidgets import QDockWidget
from qgis.utils import iface

SCRATCH = tempfile.mkdtemp()


def leave(status):
    shutil.rmtree(SCRATCH, ignore_errors=True)
    os._exit(status)


def shoot():
    picture = iface.mainWindow().grab().toImage().convertToFormat(QImage.Format_RGB888)
    leave(0 if picture.save(os.environ["SHOT"], "PNG", 0) else 1)


def run():
    try:
        source = os.path.dirname(os.path.dirname(os.path.dirname(os.environ["QGIS_PLUGINPATH"] + "/")))
        inputs = sorted(glob.glob(os.path.join(source, "data", "sample", "*_BGRN.tif")))
        for panel in ("Browser", "Browser2"):
            dock = iface.mainWindow().findChild(QDockWidget, panel)
            if dock:
                dock.hide()
        processing.runAndLoadResults("clearvision:remove", {"FILES": inputs, "OUTPUT": SCRATCH + "/sample", "MASKS": True,
                                                            "QUALITY": True})
        toolbox = iface.mainWindow().findChild(QDockWidget, "ProcessingToolbox")
        if toolbox:
            toolbox.show()
            toolbox.searchBox.setText("clear vision")
        iface.mainWindow().resize(1100, 740)
        layers = iface.mainWindow().findChild(QDockWidget, "Layers")
        if layers:
            iface.mainWindow().resizeDocks([layers], [300], Qt.Horizontal)
        for group in QgsProject.instance().layerTreeRoot().findGroups():
            if group.name().endswith("masks"):
                group.setExpanded(True)
                group.children()[0].setExpanded(True)
            group.setItemVisibilityChecked(not group.name().endswith("quality"))
        iface.mapCanvas().zoomToFullExtent()
        QTimer.singleShot(5000, shoot)
    except Exception:
        traceback.print_exc()
        leave(1)


QTimer.singleShot(6000, run)
