# SPDX-License-Identifier: GPL-2.0-or-later
import os
import tempfile
import unittest

import common  # noqa: F401
from clearvision_qgis import files


class Files(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.folder = self.scratch.name

    def tearDown(self):
        self.scratch.cleanup()

    def make(self, *names, text="x"):
        for name in names:
            with open(os.path.join(self.folder, name), "w") as file:
                file.write(text)

    def test_written(self):
        self.make("old.tif", "again.tif")
        before = files.snapshot(self.folder)
        os.remove(os.path.join(self.folder, "again.tif"))
        self.make("again.tif", "new.tif", "new_mask.tif", "new_quality.tif", "new_mask.tif.aux.xml", "p.png", ".t.tif",
                  text="longer")
        found = files.written(self.folder, before, True, True, [os.path.join(self.folder, "p.png")])
        self.assertEqual([(os.path.basename(w.path), w.kind) for w in found],
                         [("again.tif", "picture"), ("new.tif", "picture"), ("new_mask.tif", "mask"),
                          ("new_quality.tif", "quality")])

    def test_inputs_that_are_called_mask(self):
        self.make("x_mask.tif", "x_mask_mask.tif", "y_mask.tif")
        found = files.written(self.folder, {}, True, False)
        self.assertEqual([w.kind for w in found], ["picture", "mask", "mask"])
        self.assertEqual({w.kind for w in files.written(self.folder, {})}, {"picture"})

    def test_no_folder(self):
        self.assertEqual(files.snapshot(os.path.join(self.folder, "none")), {})


if __name__ == "__main__":
    unittest.main()
