# SPDX-License-Identifier: GPL-2.0-or-later
"""From QGIS's layers to names that clearvision opens.

A layer of GDAL's provider gives its source as it is, whatever the source looks like (EARTHNET:"x.npz":rgb, /vsizip/...).
What names no layer of the project is passed on: the program says best what is wrong with it.
"""
import re

from qgis.core import NULL, QgsMapLayer, QgsProcessingException, QgsProcessingUtils, QgsProperty, QgsRasterLayer
from qgis.PyQt.QtCore import QCoreApplication

# QGIS hangs its own things onto a source; clearvision knows none of them.
SUFFIX = re.compile(r"\|(?:option:|authcfg=|credential:).*$", re.DOTALL)


def tr(text):
    return QCoreApplication.translate("ClearVision", text)


def layer_name(layer):
    """The dataset's name behind a layer. Raises QgsProcessingException for one that is not GDAL's."""
    if not isinstance(layer, QgsRasterLayer):
        raise QgsProcessingException(tr('"{}" is no raster layer.').format(layer.name()))
    provider = layer.providerType()
    if provider != "gdal":
        raise QgsProcessingException(
            tr('"{}" comes from the provider "{}"; clearvision reads files through GDAL: save the layer as a GeoTIFF '
               "first (Export > Save As).").format(layer.name(), provider))
    return SUFFIX.sub("", layer.source())


def plain(value, context):
    """A parameter's value without the expression that it may be given by, None for QGIS's NULL."""
    if isinstance(value, QgsProperty):
        value = value.value(context.expressionContext())[0]
    return None if value == NULL else value


def dataset_name(value, context):
    """A parameter's value, a layer, an id, a layer's name or a path, as a dataset's name."""
    value = plain(value, context)
    if isinstance(value, QgsMapLayer):
        return layer_name(value)
    text = str(value)
    layer = QgsProcessingUtils.mapLayerFromString(text, context, False)
    return layer_name(layer) if layer is not None else SUFFIX.sub("", text)


def dataset_names(value, context):
    """A parameter's value, one or several, as a list of dataset names; empty ones are left out."""
    value = plain(value, context)
    if value is None:
        return []
    values = value if isinstance(value, (list, tuple)) else [value]
    names = (dataset_name(item, context) for item in values if item is not None and item != "")
    return [name for name in names if name]
