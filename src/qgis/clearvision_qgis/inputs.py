# SPDX-License-Identifier: GPL-2.0-or-later
"""From QGIS's layers to names that clearvision opens.

A layer of GDAL's provider gives its source as it is, whatever the source looks like (EARTHNET:"x.npz":rgb, /vsizip/...).
What names no layer of the project is passed on: the program says best what is wrong with it.
"""
import re

from qgis.core import NULL, QgsMapLayer, QgsProcessingException, QgsProcessingUtils, QgsProperty, QgsRasterLayer
from qgis.PyQt.QtCore import QCoreApplication

# QGIS hangs its own things onto a source; a dataset's name ends before them.
SUFFIX = re.compile(r"\|(?:option:|authcfg=|credential:).*$", re.DOTALL)
OPEN_OPTION = re.compile(r"\|option:([^|]+)")


def tr(text):
    return QCoreApplication.translate("ClearVision", text)


def layer_source(layer):
    """The source of a layer. Raises QgsProcessingException for one that is not GDAL's."""
    if not isinstance(layer, QgsRasterLayer):
        raise QgsProcessingException(tr('"{}" is not a raster layer.').format(layer.name()))
    provider = layer.providerType()
    if provider != "gdal":
        raise QgsProcessingException(
            tr('"{}" comes from the provider "{}"; clearvision reads files through GDAL: save the layer as a GeoTIFF '
               "first (Export > Save As).").format(layer.name(), provider))
    return layer.source()


def plain(value, context):
    """A parameter's value without the expression that it may be given by, None for QGIS's NULL."""
    if isinstance(value, QgsProperty):
        value = value.value(context.expressionContext())[0]
    return None if value == NULL else value


def source(value, context):
    """A parameter's value, a layer, an id, a layer's name or a path, as a source, with what QGIS hangs onto it."""
    value = plain(value, context)
    if isinstance(value, QgsMapLayer):
        return layer_source(value)
    text = "" if value is None else str(value)
    layer = QgsProcessingUtils.mapLayerFromString(text, context, False)
    if layer is None and context.project():
        # A layer that this QGIS cannot open, for lack of a driver perhaps, which clearvision may have.
        layer = context.project().mapLayer(text)
    return layer_source(layer) if layer is not None else text


def sources(value, context):
    """A parameter's value, one or several, as a list of sources; empty ones are left out."""
    value = plain(value, context)
    values = value if isinstance(value, (list, tuple)) else [value]
    return [found for found in (source(item, context) for item in values) if found]


def dataset_name(value, context):
    """A parameter's value as a dataset's name."""
    return SUFFIX.sub("", source(value, context))


def dataset_names(value, context):
    """A parameter's value, one or several, as a list of dataset names."""
    return [SUFFIX.sub("", found) for found in sources(value, context)]


def open_options(value, context):
    """The open options ("K=V") that QGIS keeps with the layers of a parameter's value, each once."""
    found = (item for text in sources(value, context) for item in OPEN_OPTION.findall(text))
    return list(dict.fromkeys(found))
