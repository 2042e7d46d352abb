# SPDX-License-Identifier: GPL-2.0-or-later
"""From rows of the option table to parameters of QGIS, and from their values to Python's."""
from qgis.core import (QgsProcessing, QgsProcessingParameterBoolean, QgsProcessingParameterCrs,
                       QgsProcessingParameterDefinition, QgsProcessingParameterEnum, QgsProcessingParameterExtent,
                       QgsProcessingParameterFile, QgsProcessingParameterMultipleLayers, QgsProcessingParameterNumber,
                       QgsProcessingParameterRasterLayer, QgsProcessingParameterString)

from .. import options
from ..inputs import dataset_name, dataset_names, plain, tr

CREATION_WIDGET = "processing.algs.gdal.ui.RasterOptionsWidget.RasterOptionsWidgetWrapper"


def _number(option, kind):
    limits = {}
    if option.minimum is not None:
        limits["minValue"] = option.minimum
    if option.maximum is not None:
        limits["maxValue"] = option.maximum
    return QgsProcessingParameterNumber(option.key, tr(option.label), type=kind, defaultValue=option.default,
                                        optional=option.default is None, **limits)


def parameter(option):
    """The parameter of an option."""
    label = tr(option.label)
    if option.kind == options.FLAG:
        made = QgsProcessingParameterBoolean(option.key, label, defaultValue=option.default)
    elif option.kind in (options.CHOICE, options.CHOICES):
        several = option.kind == options.CHOICES
        made = QgsProcessingParameterEnum(option.key, label, options=list(option.choices), allowMultiple=several,
                                          defaultValue=None if several else option.default, optional=several,
                                          usesStaticStrings=True)
    elif option.kind in (options.INTEGER, options.THREADS):
        made = _number(option, QgsProcessingParameterNumber.Integer)
    elif option.kind == options.NUMBER:
        made = _number(option, QgsProcessingParameterNumber.Double)
    elif option.kind == options.LAYER:
        made = QgsProcessingParameterRasterLayer(option.key, label, optional=True)
    elif option.kind == options.LAYERS:
        made = QgsProcessingParameterMultipleLayers(option.key, label, QgsProcessing.TypeRaster, optional=True)
    elif option.kind == options.EXTENT:
        made = QgsProcessingParameterExtent(option.key, label, optional=True)
    elif option.kind == options.SYSTEM:
        made = QgsProcessingParameterCrs(option.key, label, optional=True)
    elif option.kind == options.FILE:
        made = QgsProcessingParameterFile(option.key, label, optional=True)
    else:
        made = QgsProcessingParameterString(option.key, label, defaultValue=option.default, optional=True)
    if option.kind == options.CREATION:
        made.setMetadata({"widget_wrapper": {"class": CREATION_WIDGET}})
    if option.help:
        made.setHelp(tr(option.help))
    return advanced(made) if option.advanced else made


def advanced(made):
    made.setFlags(made.flags() | QgsProcessingParameterDefinition.FlagAdvanced)
    return made


def choice(option, given):
    """One of the option's choices, given as its name or, as qgis_process explains enums, its number."""
    text = str(option.default if given is None else given).strip()
    if text in option.choices:
        return text
    if text.isdigit() and int(text) < len(option.choices):
        return option.choices[int(text)]
    raise options.WrongValue(tr('{}: "{}" is not one of {}').format(option.key, text, ", ".join(option.choices)))


def system(crs):
    """A coordinate system as text for GDAL, "" for none."""
    if not crs.isValid():
        return ""
    return crs.authid() if crs.authid().startswith(("EPSG:", "ESRI:", "IGNF:")) else crs.toWkt(crs.WKT_PREFERRED_GDAL)


def value(algorithm, option, parameters, context):
    """The option's value as options.command_line() wants it."""
    given = parameters.get(option.key)
    if option.kind == options.FLAG:
        return algorithm.parameterAsBool(parameters, option.key, context)
    if option.kind == options.CHOICE:
        return choice(option, plain(given, context))
    if option.kind == options.CHOICES:
        given = plain(given, context) or []
        given = given.split(",") if isinstance(given, str) else given if isinstance(given, (list, tuple)) else [given]
        return [choice(option, item) for item in given]
    if option.kind in (options.NUMBER, options.INTEGER, options.THREADS):
        if given is None or given == "":
            return option.default
        read = algorithm.parameterAsDouble if option.kind == options.NUMBER else algorithm.parameterAsInt
        return read(parameters, option.key, context)
    if option.kind == options.EXTENT:
        box = algorithm.parameterAsExtent(parameters, option.key, context) if given else None
        if box is None or box.isNull():
            return None
        crs = algorithm.parameterAsExtentCrs(parameters, option.key, context)
        return box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum(), system(crs)
    if option.kind == options.SYSTEM:
        return system(algorithm.parameterAsCrs(parameters, option.key, context)) if given else None
    if option.kind == options.LAYER:
        return dataset_name(given, context) if given else None
    if option.kind == options.LAYERS:
        return dataset_names(given, context)
    return algorithm.parameterAsString(parameters, option.key, context)
