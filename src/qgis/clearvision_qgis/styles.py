# SPDX-License-Identifier: GPL-2.0-or-later
"""How results look in the project: renderers, names, groups, and their place in time.

Left to itself, QGIS stretches every date by its own values, lists 256 classes for a mask and shows a quality raster as
colours. Styles are set after a layer is loaded, in the main thread; what needs a file's pixels is worked out before.
"""
from collections import deque, namedtuple

from qgis.core import (QgsColorRampShader, QgsContrastEnhancement, QgsDateTimeRange,
                       QgsMultiBandColorRenderer, QgsPalettedRasterRenderer, QgsProcessingContext,
                       QgsProcessingLayerPostProcessorInterface, QgsProject, QgsRasterLayerTemporalProperties,
                       QgsRasterShader, QgsSingleBandGrayRenderer, QgsSingleBandPseudoColorRenderer)
from qgis.PyQt.QtCore import QDate, QDateTime, Qt, QTime, QTimer
from qgis.PyQt.QtGui import QColor

QUALITY_COLOURS = {0: (0, 0, 0, 0), 1: (120, 160, 120, 255), 2: (250, 190, 80, 255), 3: (200, 50, 60, 255)}
# A mask lies over a picture: what is clear is not drawn, and clouds are not white, as in the file, but can be told from
# the clouds below and from an empty map.
MASK_COLOURS = {0: (0, 0, 0, 0), 1: (255, 150, 0, 140), 2: (70, 80, 220, 140)}

# ranges: a stretch as rasters.stretch() gives it, or None. group: name of the layer tree's group. visible: whether the
# group is switched on. begin, end: "YYYY-MM-DD", or "".
Look = namedtuple("Look", "kind raster ranges group visible begin end")

# QGIS keeps no reference to a post-processor written in Python, so that somebody else has to.
_alive = deque(maxlen=4000)


def _enhancement(provider, band, limits):
    enhancement = QgsContrastEnhancement(provider.dataType(band))
    enhancement.setContrastEnhancementAlgorithm(QgsContrastEnhancement.StretchToMinimumMaximum, False)
    enhancement.setMinimumValue(limits[0], False)
    enhancement.setMaximumValue(limits[1], True)
    return enhancement


def _picture(layer, look):
    provider, bands, ranges = layer.dataProvider(), look.raster.bands, look.ranges
    if not ranges or len(ranges) != len(bands):
        return None
    limits = [_enhancement(provider, band, values) for band, values in zip(bands, ranges)]
    if len(bands) == 1:
        renderer = QgsSingleBandGrayRenderer(provider, bands[0])
        renderer.setContrastEnhancement(limits[0])
        return renderer
    renderer = QgsMultiBandColorRenderer(provider, *bands)
    renderer.setRedContrastEnhancement(limits[0])
    renderer.setGreenContrastEnhancement(limits[1])
    renderer.setBlueContrastEnhancement(limits[2])
    return renderer


def _classes(layer, look, colour_of):
    classes = [QgsPalettedRasterRenderer.Class(value, colour_of(value, colour), label)
               for value, label, colour in look.raster.classes]
    return QgsPalettedRasterRenderer(layer.dataProvider(), 1, classes) if classes else None


def _mask(layer, look):
    return _classes(layer, look, lambda value, colour: QColor(*(MASK_COLOURS.get(value) or colour or (0, 0, 0, 255))))


def _quality(layer, look):
    return _classes(layer, look, lambda value, colour: QColor(*(QUALITY_COLOURS.get(value) or colour or (0, 0, 0, 255))))


def _probability(layer, look):
    ramp = QgsColorRampShader(0, 1)
    ramp.setColorRampType(QgsColorRampShader.Interpolated)
    ramp.setColorRampItemList([QgsColorRampShader.ColorRampItem(value, QColor(*colour), "{:g}".format(value))
                               for value, colour in ((0, (30, 60, 110, 0)), (0.5, (150, 170, 210, 200)),
                                                     (1, (255, 255, 255, 255)))])
    shader = QgsRasterShader(0, 1)
    shader.setRasterShaderFunction(ramp)
    return QgsSingleBandPseudoColorRenderer(layer.dataProvider(), 1, shader)


_RENDERERS = {"picture": _picture, "mask": _mask, "quality": _quality, "probability": _probability}


def _day(text):
    return QDateTime(QDate.fromString(text, "yyyy-MM-dd"), QTime(0, 0), Qt.TimeSpec.UTC)


def apply(layer, look):
    """Gives a raster layer its renderer and its time, for QGIS's temporal controller."""
    renderer = _RENDERERS[look.kind](layer, look)
    if renderer is not None:
        layer.setRenderer(renderer)
        layer.triggerRepaint()
    if look.begin and look.end:
        time = layer.temporalProperties()
        time.setMode(QgsRasterLayerTemporalProperties.ModeFixedTemporalRange)
        time.setFixedTemporalRange(QgsDateTimeRange(_day(look.begin), _day(look.end), True, False))
        time.setIsActive(True)


def _move(project, layer_id, look):
    """Brings a layer of the tree into its group; False when the tree has no such layer."""
    root = project.layerTreeRoot()
    node = root.findLayer(layer_id)
    if node is None:
        return False
    group = root.findGroup(look.group)
    if group is None:
        # Quality and masks come after the pictures and so above them, switched off: what is switched on can be seen.
        group = root.insertGroup(0, look.group)
        group.setItemVisibilityChecked(look.visible)
        group.setExpanded(look.visible)
    copy = node.clone()
    copy.setExpanded(False)
    if look.kind != "picture":
        # Masks are see-through: of all dates together nothing would be seen.
        copy.setItemVisibilityChecked(not group.children())
    group.addChildNode(copy)
    if look.kind != "picture" and not group.isMutuallyExclusive():
        group.setIsMutuallyExclusive(True, 0)
        group.setItemVisibilityChecked(look.visible)
    node.parent().removeChildNode(node)
    return True


class _Dresser(QgsProcessingLayerPostProcessorInterface):
    def __init__(self, look):
        super().__init__()
        self.look = look

    def postProcessLayer(self, layer, context, feedback):  # noqa: N802
        apply(layer, self.look)
        if not self.look.group:
            return
        project, layer_id, look = QgsProject.instance(), layer.id(), self.look
        # Newer versions of QGIS put a layer into the tree only after this call.
        if not _move(project, layer_id, look):
            QTimer.singleShot(0, lambda: _move(project, layer_id, look))


def dress(details, look):
    """Has the layer of some LayerDetails get a look once it is loaded."""
    dresser = _Dresser(look)
    _alive.append(dresser)
    details.setPostProcessor(dresser)


def load_on_completion(context, path, name, output, look):
    """Asks QGIS to load a result under a name, with a look, when the algorithm has ended."""
    details = QgsProcessingContext.LayerDetails(name, context.project(), output)
    details.forceName = True
    dress(details, look)
    context.addLayerToLoadOnCompletion(path, details)
