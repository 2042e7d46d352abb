# SPDX-License-Identifier: GPL-2.0-or-later
"""layers.py FOLDER [MAP.png]: results of Remove clouds as QGIS loads them: styles, legends, groups, dates; and a map."""
import glob
import os
import sys

import session
from qgis.core import (QgsMapRendererParallelJob, QgsMapSettings, QgsMultiBandColorRenderer, QgsPalettedRasterRenderer,
                       QgsProject, QgsRasterLayer)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor

failed = []


def expect(true, what):
    if not true:
        failed.append(what)
        print("FAILED:", what)


def load(where, feedback):
    """As Processing does: layers into the project, then their post-processors."""
    found = {}
    project = QgsProject.instance()
    for path, details in where.layersToLoadOnCompletion().items():
        layer = QgsRasterLayer(path, details.name)
        expect(layer.isValid(), path + " is a layer")
        project.addMapLayer(layer)
        if details.postProcessor():
            details.postProcessor().postProcessLayer(layer, where, feedback)
        found[os.path.basename(path)] = layer
    return found


def limits(renderer):
    return [(e.minimumValue(), e.maximumValue()) for e in (renderer.redContrastEnhancement(),
            renderer.greenContrastEnhancement(), renderer.blueContrastEnhancement())]


def draw(layer, path):
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(layer.crs())
    settings.setExtent(layer.extent())
    settings.setOutputSize(QSize(300, 300))
    settings.setBackgroundColor(QColor(255, 0, 255))
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    image = job.renderedImage()
    if path:
        image.save(path)
    return image


def main(folder, picture):
    session.start()
    inputs = sorted(glob.glob(os.path.join(folder, "*.tif")))
    results, succeeded, feedback, where = session.run("remove", {"FILES": inputs, "OUTPUT": "styled", "MASKS": True,
                                                                 "QUALITY": True})
    expect(succeeded and len(results["RASTERS"]) == len(inputs), "the run")
    layers = load(where, feedback)
    expect(len(layers) == 3 * len(inputs), "three layers a date, not {}".format(len(layers)))

    pictures = [layer for name, layer in layers.items() if not name.endswith(("_mask.tif", "_quality.tif"))]
    expect(all(isinstance(layer.renderer(), QgsMultiBandColorRenderer) for layer in pictures), "pictures in colour")
    stretches = {tuple(limits(layer.renderer())) for layer in pictures}
    expect(len(stretches) == 1, "one stretch for all dates, not {}".format(len(stretches)))
    bands = {(r.redBand(), r.greenBand(), r.blueBand()) for r in (layer.renderer() for layer in pictures)}
    expect(bands == {(3, 2, 1)}, "red, green, blue are bands 3, 2, 1: {}".format(bands))
    expect(all(layer.temporalProperties().isActive() for layer in pictures), "their dates")

    for suffix, words in (("_mask.tif", {"cloud", "cloud shadow"}),
                          ("_quality.tif", {"observed", "filled", "filled, ground never observed"})):
        for name, layer in layers.items():
            if not name.endswith(suffix):
                continue
            renderer = layer.renderer()
            expect(isinstance(renderer, QgsPalettedRasterRenderer), name + " has classes")
            labels = {c.label for c in renderer.classes()}
            colours = [c.color for c in renderer.classes() if c.color.alpha() > 0]
            expect(len({c.rgba() for c in colours}) == len(colours) and all(c.saturation() > 40 for c in colours),
                   name + ": its classes can be told apart, also from clouds and paper")
            expect(words <= labels, "{}: its legend says {}".format(name, labels))
    groups = [group.name() for group in QgsProject.instance().layerTreeRoot().findGroups()]
    expect(groups == ["styled: quality", "styled: masks", "styled: cloud-free"], "groups: {}".format(groups))

    for group in QgsProject.instance().layerTreeRoot().findGroups():
        dates = [node for node in group.children() if node.itemVisibilityChecked()]
        cloud_free = group.name().endswith("cloud-free")
        expect(group.itemVisibilityChecked() == cloud_free, group.name() + " is switched on or off")
        expect(len(dates) == (len(inputs) if cloud_free else 1), "{}: {} dates on".format(group.name(), len(dates)))

    image = draw(sorted(pictures, key=lambda layer: layer.name())[0], picture)
    colours = {image.pixel(x, y) for x in range(20, 280, 13) for y in range(20, 280, 13)}
    expect(len(colours) > 100, "a map with {} colours".format(len(colours)))

    _, succeeded, _, where = session.run("detect", {"FILES": inputs, "OUTPUT": "probabilities", "PROBABILITY": True,
                                                    "LOAD": False})
    expect(succeeded and not where.layersToLoadOnCompletion(), "LOAD=false loads nothing")
    return bool(failed)


if __name__ == "__main__":
    session.end(main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else ""))
