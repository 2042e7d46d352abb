# SPDX-License-Identifier: GPL-2.0-or-later
"""The option table: the command line made of it, and what it takes from the program's table."""
import os
import shlex
import subprocess
import sys
import unittest

import common
from clearvision_qgis import options, program_table


class CommandLine(unittest.TestCase):
    def test_defaults_say_nothing(self):
        for command in options.SERIES:
            values = {option.key: option.default for option in options.of_command(command)}
            self.assertEqual(options.command_line(command, ["a.tif"], values), command.split() + ["a.tif"])

    def test_every_kind(self):
        values = {"METHOD": "linear", "MASKS": True, "QUALITY": False, "THRESHOLD": 0.25, "DILATE": 0, "TR": 20.0,
                  "MASK": ["m 1.tif", "m2.tif"], "BANDS": "3,2,1", "DATES": "2022-06-01; 2022-06-06\n2022-06-11",
                  "CREATION": "COMPRESS=ZSTD|PREDICTOR=2", "REF": "r.tif", "THREADS": 3, "SCALE": " 1/10000 "}
        self.assertEqual(
            options.command_line("remove", ["a.tif", "b.tif"], values, ["-o", "out"], "-of COG --debug 'a b'"),
            ["remove", "a.tif", "b.tif", "--config", "GDAL_NUM_THREADS", "3", "-method", "linear", "-masks", "-threshold",
             "0.25", "-dilate", "0", "-mask", "m 1.tif", "-mask", "m2.tif", "-b", "3,2,1", "-date",
             "2022-06-01,2022-06-06,2022-06-11", "-tr", "20", "-ref", "r.tif", "-in_scale", "1/10000", "-co",
             "COMPRESS=ZSTD", "-co", "PREDICTOR=2", "-o", "out", "-of", "COG", "--debug", "a b"])

    def test_extent_system_and_open_options(self):
        values = {"EXTENT": (-1.5, 2, 3, 4.25, "EPSG:4326"), "TARGET_CRS": "EPSG:3035", "ALIGN": True}
        self.assertEqual(options.command_line("detect", ["a.npz"], values, ["-o", "x"], opening=["A=1", "B=2"]),
                         ["detect", "a.npz", "-te", "-1.5", "2", "3", "4.25", "-te_srs", "EPSG:4326", "-t_srs", "EPSG:3035",
                          "-tap", "-oo", "A=1", "-oo", "B=2", "-o", "x"])
        self.assertEqual(options.command_line("info", ["a"], {"EXTENT": (0, 1, 2, 3, "")}),
                         ["info", "a", "-te", "0", "1", "2", "3"])

    def test_names_that_look_like_options(self):
        self.assertEqual(options.command_line("info", ["-x.tif", "b.tif"], {}, ["-v"]),
                         ["info", "-v", "--", "-x.tif", "b.tif"])

    def test_numbers(self):
        self.assertEqual(options.number_text(0.1), "0.1")
        self.assertEqual(options.number_text(512), "512")
        self.assertEqual(options.number_text(1e7), "10000000")

    def test_dilation(self):
        for value, words in (("60m", ["-dilate", "60m"]), ("2", ["-dilate", "2"]), (2, ["-dilate", "2"]), ("40m", [])):
            self.assertEqual(options.command_line("detect", ["a"], {"DILATE": value}), ["detect", "a"] + words)

    def test_open_quotation(self):
        with self.assertRaisesRegex(options.WrongValue, "quotation"):
            options.command_line("remove", ["a"], {}, [], "'a")

    def test_quoted(self):
        for words in (["clearvision", "a b's.tif", 'EARTHNET:"x.npz":rgb', "ä$HOME`x`.tif", "", "a\nb", "*"],):
            self.assertEqual(shlex.split(options.quoted(words)), words)

    def test_keys_are_unique_in_a_command(self):
        for command in options.SERIES:
            keys = [option.key for option in options.of_command(command)]
            self.assertEqual(len(keys), len(set(keys)))


class ProgramTable(unittest.TestCase):
    def test_every_option_is_offered_or_named_as_not_offered(self):
        for command in options.SERIES:
            known = {row["flag"] for row in program_table.ROWS if command in row["commands"]}
            self.assertGreater(len(known), 10, command)
            offered = {option.flag for option in options.of_command(command) if option.kind != options.THREADS}
            self.assertEqual(offered - known, set(), "{}: the program has no such option".format(command))
            rest = known - offered - set(options.NOT_OFFERED)
            self.assertEqual(rest, set(), "{}: offer these in src/qgis/clearvision_qgis/options.py, or say in NOT_OFFERED "
                             "why not".format(command))

    def test_options_of_several_commands_mean_the_same(self):
        for option in options.OPTIONS:
            if option.kind in (options.CHOICE, options.CHOICES, options.NUMBER, options.INTEGER):
                rows = [options.program_row(option.flag, command) for command in option.commands]
                for key in ("choices", "default", "minimum", "maximum"):
                    self.assertEqual(len({row.get(key) for row in rows}), 1, (option.flag, key))

    def test_what_is_taken(self):
        taken = {(option.key, option.commands): option for option in options.OPTIONS}
        method = taken["METHOD", (options.REMOVE,)]
        self.assertEqual((method.default, method.choices[0]), ("auto", "auto"))
        self.assertRegex(method.help, r"linear \(linear interpolation in time\)\.$")
        threshold = taken["THRESHOLD", options.FINDS]
        self.assertEqual((threshold.label, threshold.default, threshold.minimum, threshold.maximum),
                         ("Probability from which a pixel counts as cloud", 0.5, 0, 1))
        self.assertIsNone(taken["TR", options.SERIES].default)


@unittest.skipUnless(common.PROGRAM, "CLV_PROGRAM does not name the program")
class AgainstTheProgram(unittest.TestCase):
    def call(self, *words):
        return subprocess.run([common.PROGRAM, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
                              universal_newlines=True)

    def test_table_is_up_to_date(self):
        script = os.path.join(common.FOLDER, "update.py")
        self.assertEqual(subprocess.run([sys.executable, script, common.PROGRAM, "--check"], timeout=60).returncode, 0)

    def test_formats_can_be_written(self):
        sample = os.path.join(common.SOURCE, "data", "sample", "sim_20230408_BGRN.tif")
        answer = self.call("detect", sample, "-o", "x", "-of", "no_such_format").stderr
        listed = answer.split(":")[-1].replace(",", " ").split()
        for name in options.FORMATS[1:]:
            if name != "JP2OpenJPEG":  # not in every GDAL
                self.assertIn(name, listed)

    def test_the_program_accepts_what_is_made(self):
        for command in options.SERIES:
            values = {"DILATE": 3, "THRESHOLD": 0.25, "DATES": "2022-06-01", "BANDS": "1,2,3", "MEMORY": 100, "SEED": 5,
                      "TR": 20.0, "SCALE": "1/10000", "NODATA": "none", "RESAMPLING": "cubic", "THREADS": 1, "MASKS": True,
                      "EXTENT": (-5, 40, -4, 41, "EPSG:4326"), "TARGET_CRS": "EPSG:3035", "OVERVIEW": "AUTO"}
            words = options.command_line(command, ["/no/such.tif"], values,
                                         ["-o", "x"] if command in options.WRITES else [])
            answer = self.call(*words)
            self.assertRegex(answer.stderr, r"^ERROR \d+: /no/such.tif: no such file\n$", words)


if __name__ == "__main__":
    unittest.main()
