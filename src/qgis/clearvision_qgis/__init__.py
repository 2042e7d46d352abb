# SPDX-License-Identifier: GPL-2.0-or-later
"""Clear Vision in QGIS: a Processing provider around the command-line program clearvision.

QGIS calls classFactory() when it loads the plug-in. Modules without an import of qgis (options, console, program,
files) are tested without QGIS.
"""


def classFactory(iface):  # noqa: N802 - QGIS's name
    from .plugin import ClearVisionPlugin
    return ClearVisionPlugin(iface)
