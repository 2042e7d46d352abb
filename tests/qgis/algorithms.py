# SPDX-License-Identifier: GPL-2.0-or-later
"""Layers as inputs, failures of the program, models, the example script.

Runs in a scratch folder that has data/sim_*.tif.
"""
import glob
import os
import shutil
import unittest

import session

INPUTS = sorted(os.path.abspath(path) for path in glob.glob("data/sim_*.tif"))
session.start()
from clearvision_qgis import inputs, runner  # noqa: E402
from qgis.core import (QgsProcessing, QgsProcessingException, QgsProcessingModelAlgorithm,  # noqa: E402
                       QgsProcessingModelChildAlgorithm, QgsProcessingModelChildParameterSource,
                       QgsProcessingModelOutput, QgsProcessingModelParameter, QgsProcessingParameterMultipleLayers,
                       QgsProject, QgsProperty, QgsRasterLayer, QgsVectorLayer)
from qgis.PyQt.QtCore import QCoreApplication  # noqa: E402

PROJECT = QgsProject.instance()


class Run(unittest.TestCase):
    def setUp(self):
        shutil.rmtree("out", ignore_errors=True)

    def test_progress_and_command(self):
        feedback = session.run("remove", {"FILES": INPUTS, "OUTPUT": "out"})[2]
        QCoreApplication.processEvents()  # progress comes from QGIS's thread of the process
        self.assertEqual(len(feedback.commands), 1)
        self.assertTrue(feedback.commands[0].startswith(os.environ["CLV_PROGRAM"] + " remove "), feedback.commands)
        self.assertEqual(feedback.progress, sorted(feedback.progress))
        self.assertEqual(feedback.progress[-1], 100)
        self.assertTrue(any("cloud" in line for line in feedback.console))

    def test_temporary_folder(self):
        results, succeeded, _, _ = session.run("detect", {"FILES": INPUTS, "OUTPUT": QgsProcessing.TEMPORARY_OUTPUT})
        self.assertTrue(succeeded)
        self.assertEqual(len(results["RASTERS"]), len(INPUTS))

    def test_stack(self):
        parameters = {"FILES": INPUTS, "STACK": os.path.abspath("stack.tif"), "OVERWRITE": True}
        results, succeeded, _, _ = session.run("remove", parameters)
        self.assertTrue(succeeded)
        self.assertEqual(QgsRasterLayer(results["STACK"], "stack").bandCount(), 4 * len(INPUTS))


class Layers(unittest.TestCase):
    def setUp(self):
        PROJECT.clear()
        shutil.rmtree("out", ignore_errors=True)

    def test_layers_ids_names_paths_and_expressions(self):
        layers = [QgsRasterLayer(path, "layer {}".format(i)) for i, path in enumerate(INPUTS)]
        for layer in layers:
            PROJECT.addMapLayer(layer)
        expression = QgsProperty.fromExpression("'{}'".format(INPUTS[4]))
        given = [layers[0], layers[1].id(), layers[2].name(), INPUTS[3], expression]
        self.assertEqual(inputs.dataset_names(given, session.context()), INPUTS)
        results, succeeded, _, _ = session.run("detect", {"INPUT": given, "OUTPUT": "out"})
        self.assertTrue(succeeded)
        self.assertEqual(len(results["RASTERS"]), len(INPUTS))

    def test_sources_pass_through(self):
        for source in ('EARTHNET:"/data/a b.npz":rgb', "/vsizip//a.zip/b.tif", "CLEARVISION:x"):
            self.assertEqual(inputs.dataset_names([source], session.context()), [source])
            layer = QgsRasterLayer(source, "x", "gdal")
            PROJECT.addMapLayer(layer)
            self.assertEqual(inputs.dataset_name(layer, session.context()), source)
            self.assertEqual(inputs.dataset_name(layer.id(), session.context()), source)
        hung = ["/a.tif|option:NUM_THREADS=2|option:X=1", "/b.tif|option:X=1"]
        self.assertEqual(inputs.dataset_names(hung, session.context()), ["/a.tif", "/b.tif"])
        self.assertEqual(inputs.open_options(hung, session.context()), ["NUM_THREADS=2", "X=1"])

    def test_other_providers(self):
        wms = QgsRasterLayer("type=xyz&url=http://127.0.0.1:1/{z}/{x}/{y}.png", "Web map", "wms")
        vector = QgsVectorLayer("Point?crs=epsg:4326", "Dots", "memory")
        for layer, text in ((wms, '"Web map" comes from the provider "wms"'), (vector, '"Dots" is not a raster layer')):
            PROJECT.addMapLayer(layer)
            possible, why = session.algorithm("remove").checkParameterValues({"INPUT": [layer], "OUTPUT": "out"},
                                                                             session.context())
            self.assertFalse(possible)
            self.assertIn(text, why)
            with self.assertRaises(QgsProcessingException):
                inputs.layer_source(layer)


class Programs(unittest.TestCase):
    """The program's end, as QGIS sees it."""

    def script(self, text):
        with open("fake", "w") as file:
            file.write("#!/bin/sh\n" + text + "\n")
        os.chmod("fake", 0o755)
        return os.path.abspath("fake")

    def failure(self, text):
        feedback = session.Feedback()
        with self.assertRaises(QgsProcessingException) as caught:
            runner.run(self.script(text), [], feedback)
        return str(caught.exception), feedback

    def test_failures(self):
        text, feedback = self.failure("{ echo 'ERROR 4: first'; echo 'Warning 1: w'; echo 'ERROR 5: last'; } >&2\nexit 1")
        self.assertEqual((text, feedback.errors), ("last", ["first"]))
        self.assertIn("exit status 3", self.failure("exit 3")[0])
        self.assertIn("ended by the system", self.failure("kill -9 $$")[0])
        with self.assertRaisesRegex(QgsProcessingException, "cannot be started"):
            runner.run("/no/such/program", [], session.Feedback())

    def test_an_error_line_of_a_run_that_succeeds_is_shown(self):
        feedback = session.Feedback()
        self.assertEqual(runner.run(self.script("echo hello; echo 'ERROR 1: odd' >&2"), [], feedback), ["hello"])
        self.assertEqual(feedback.errors, ["odd"])

    def test_missing(self):
        before = os.environ.pop("CLEARVISION_BIN")
        os.environ["CLEARVISION_BIN"] = "/no/such"
        try:
            possible, why = session.algorithm("detect").canExecute()
            self.assertFalse(possible)
            self.assertIn("/no/such", why)
        finally:
            os.environ["CLEARVISION_BIN"] = before
        self.assertTrue(session.algorithm("detect").canExecute()[0])

    def test_the_setting_comes_first(self):
        from clearvision_qgis import program
        from processing.core.ProcessingConfig import ProcessingConfig
        setting = ProcessingConfig.settings[program.SETTING]
        try:
            setting.value = "/set/and/wrong"
            self.assertIn("/set/and/wrong", session.algorithm("info").canExecute()[1])
        finally:
            setting.value = ""


class Models(unittest.TestCase):
    def test_in_a_model(self):
        shutil.rmtree("model", ignore_errors=True)
        source = QgsProcessingModelChildParameterSource
        model = QgsProcessingModelAlgorithm("m", "g")
        model.addModelParameter(QgsProcessingParameterMultipleLayers("SERIES", "series", QgsProcessing.TypeRaster),
                                QgsProcessingModelParameter("SERIES"))
        child = QgsProcessingModelChildAlgorithm("clearvision:remove")
        child.setChildId("clear")
        child.addParameterSources("INPUT", [source.fromModelParameter("SERIES")])
        child.addParameterSources("OUTPUT", [source.fromStaticValue(os.path.abspath("model"))])
        child.addParameterSources("METHOD", [source.fromStaticValue("regression")])
        model.addChildAlgorithm(child)
        after = QgsProcessingModelChildAlgorithm("gdal:buildvirtualraster")
        after.setChildId("together")
        after.addParameterSources("INPUT", [source.fromChildOutput("clear", "RASTERS")])
        after.addParameterSources("SEPARATE", [source.fromStaticValue(True)])
        output = QgsProcessingModelOutput("VRT")
        output.setChildId("together")
        output.setChildOutputName("OUTPUT")
        after.setModelOutputs({"VRT": output})
        model.addChildAlgorithm(after)
        model.initAlgorithm()
        feedback = session.Feedback()
        results, succeeded = model.run({"SERIES": INPUTS, "together:VRT": os.path.abspath("model.vrt")}, session.context(),
                                       feedback)
        self.assertTrue(succeeded, feedback.errors)
        # Separate bands: the first one of each raster, with GDAL 3.8 and newer all of them.
        self.assertIn(QgsRasterLayer("model.vrt", "v").bandCount(), (len(INPUTS), 4 * len(INPUTS)))


class Example(unittest.TestCase):
    def test_script_without_the_plug_in(self):
        import importlib.util
        path = os.path.join(session.SOURCE, "src", "qgis", "examples", "clearvision_remove.py")
        spec = importlib.util.spec_from_file_location("example", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        search = os.environ["PATH"]
        os.environ["PATH"] = os.path.dirname(os.environ["CLV_PROGRAM"]) + os.pathsep + search
        try:
            algorithm = module.RemoveCloudsScript().create()
            feedback = session.Feedback()
            _, succeeded = algorithm.run({"INPUT": INPUTS, "OUTPUT": "script"}, session.context(), feedback)
            self.assertTrue(succeeded, feedback.errors)
            self.assertEqual(len(glob.glob("script/*.tif")), len(INPUTS))
            _, succeeded = algorithm.run({"INPUT": INPUTS[:0], "OUTPUT": "script"}, session.context(), feedback)
            self.assertFalse(succeeded)
        finally:
            os.environ["PATH"] = search


class Parameters(unittest.TestCase):
    def test_every_algorithm_can_be_asked_everything(self):
        for name in ("remove", "detect", "info", "evaluate_remove"):
            algorithm = session.algorithm(name)
            self.assertTrue(algorithm.shortHelpString())
            self.assertFalse(algorithm.icon().isNull())
            self.assertGreater(len(algorithm.parameterDefinitions()), 10)
            common = [d.name() for d in algorithm.parameterDefinitions() if not d.flags() & d.FlagAdvanced]
            self.assertLess(len(common), 13, common)
            for definition in algorithm.parameterDefinitions():
                self.assertTrue(definition.description(), definition.name())

    def test_spans(self):
        from clearvision_qgis.algorithms.rasters_out import spans
        self.assertEqual(spans(["2022-01-01", "2022-01-05", "", "2022-01-15"]),
                         ["2022-01-05", "2022-01-15", "", "2022-01-25"])
        self.assertEqual(spans(["2022-12-31"]), ["2023-01-01"])
        self.assertEqual(spans([]), [])


if __name__ == "__main__":
    session.end(not unittest.main(exit=False).result.wasSuccessful())
