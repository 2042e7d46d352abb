# SPDX-License-Identifier: GPL-2.0-or-later
import os
import tempfile
import unittest

import common  # noqa: F401
from clearvision_qgis import program


class Find(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.paths = {}
        for name in ("setting", "variable", "path", "folder"):
            folder = os.path.join(self.scratch.name, name)
            os.mkdir(folder)
            self.paths[name] = os.path.join(folder, "clearvision")
            with open(self.paths[name], "w") as file:
                file.write("#!/bin/sh\n")
            os.chmod(self.paths[name], 0o755)

    def tearDown(self):
        self.scratch.cleanup()

    def find(self, setting=None, variable=None, path=None, folders=()):
        environment = {"PATH": os.path.dirname(path) if path else self.scratch.name}
        if variable is not None:
            environment["CLEARVISION_BIN"] = variable
        return program.find(setting, environment, folders)

    def test_order(self):
        p = self.paths
        folders = [os.path.dirname(p["folder"])]
        self.assertEqual(self.find(p["setting"], p["variable"], p["path"], folders), p["setting"])
        self.assertEqual(self.find("", p["variable"], p["path"], folders), p["variable"])
        self.assertEqual(self.find(None, "", p["path"], folders), p["path"])
        self.assertEqual(self.find(None, None, None, folders), p["folder"])

    def test_what_is_set_and_wrong_is_said(self):
        with self.assertRaisesRegex(program.ProgramMissing, "Settings.*/no/such"):
            self.find("/no/such", self.paths["variable"])
        with self.assertRaisesRegex(program.ProgramMissing, "CLEARVISION_BIN.*/no/such"):
            self.find(None, "/no/such", self.paths["path"])
        os.chmod(self.paths["setting"], 0o644)
        if os.geteuid() != 0 or not os.access(self.paths["setting"], os.X_OK):
            with self.assertRaises(program.ProgramMissing):
                self.find(self.paths["setting"])
        with self.assertRaises(program.ProgramMissing):
            self.find(self.scratch.name)  # a folder

    def test_missing_is_one_sentence(self):
        with self.assertRaises(program.ProgramMissing) as caught:
            self.find()
        text = str(caught.exception)
        self.assertNotIn("\n", text)
        self.assertEqual(text.count(". "), 0)
        self.assertIn("Settings > Options > Processing > Providers", text)


if __name__ == "__main__":
    unittest.main()
