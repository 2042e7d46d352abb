# SPDX-License-Identifier: GPL-2.0-or-later
import unittest

import common  # noqa: F401
from clearvision_qgis import console


def run(chunks):
    lines, progress = [], []
    parser = console.Console(lines.append, progress.append)
    for chunk in chunks:
        parser.feed(chunk)
    parser.close()
    return lines, progress, parser.text


class Percent(unittest.TestCase):
    def test_every_beginning_of_the_bar(self):
        self.assertEqual(console.percent("0"), 0)
        self.assertEqual(console.percent("0."), 2.5)
        self.assertEqual(console.percent("0...1"), 7.5)  # half of "10" has arrived
        self.assertEqual(console.percent("0...10"), 10)
        self.assertEqual(console.percent("0...10...20...30.."), 35)
        self.assertEqual(console.percent("0...10...20...30...40...50...60...70...80...90...10"), 97.5)
        self.assertEqual(console.percent(console.BAR[:-len(" - done.")]), 100)
        self.assertEqual(console.percent(console.BAR), 100)
        values = [console.percent(console.BAR[:n]) for n in range(1, len(console.BAR) + 1)]
        self.assertEqual(values, sorted(values))
        self.assertEqual(set(values), {2.5 * n for n in range(41)})

    def test_other_forms(self):
        self.assertEqual(console.percent("Processing a.tif [1/1] : 0...10.."), 15)
        self.assertEqual(console.percent(console.BAR[:-1] + " in 00:00:12."), 100)

    def test_what_is_no_bar(self):
        for text in ("", "8 dates, 2023-04-08 to 2023-06-12", "10", "0 dates", "0...20", "2023-04-08  cloud  40 %"):
            self.assertIsNone(console.percent(text), text)


class Streams(unittest.TestCase):
    TEXT = ("8 dates, processed at 224x224\n" + console.BAR + "\n2023-04-08  cloud  40 %  für_ä.tif\n").encode("utf-8")

    def test_any_chunks(self):
        whole = run([self.TEXT])
        self.assertEqual(whole[0], self.TEXT.decode("utf-8").splitlines())
        self.assertEqual(whole[1], [100])
        self.assertEqual(whole[2], [whole[0][0], whole[0][2]])
        single = run([bytes([b]) for b in self.TEXT])
        self.assertEqual(single[0], whole[0])
        self.assertEqual(single[1], [2.5 * n for n in range(41)])
        for size in range(2, 40):
            lines, progress, text = run([self.TEXT[i:i + size] for i in range(0, len(self.TEXT), size)])
            self.assertEqual((lines, text), (whole[0], whole[2]), size)
            self.assertEqual(progress, sorted(set(progress)), size)
            self.assertEqual(progress[-1], 100)

    def test_chunks_as_measured_on_a_pipe(self):
        self.assertEqual(run([b"0", b".", b".20...30.", b"..90"])[1], [0, 2.5])  # a gap is no bar: nothing is claimed
        self.assertEqual(run([b"0...10..", b".20...30.", b"..40...50...60...70...80...90...100 - done.\n"])[1],
                         [15, 32.5, 100])

    def test_line_ends_and_broken_text(self):
        self.assertEqual(run([b"a\r", b"\nb\r\nc"])[0], ["a", "b", "c"])
        self.assertEqual(run([b"x\xff\n"])[0], ["x\ufffd"])
        self.assertEqual(run([b"cut \xc3"])[0], ["cut \ufffd"])
        self.assertEqual(run([])[0], [])


class Errors(unittest.TestCase):
    def collect(self, text):
        warnings, others = [], []
        errors = console.Errors(warnings.append, others.append)
        errors.feed(text)
        errors.close()
        return errors.last, warnings, others

    def test_the_last_error_is_kept_back(self):
        self.assertEqual(self.collect(b"Warning 1: w\nERROR 4: first\nodd\nERROR 5: a: no such file\n"),
                         ("a: no such file", ["w"], ["odd", "first"]))

    def test_none(self):
        self.assertEqual(self.collect(b""), (None, [], []))

    def test_without_line_end(self):
        self.assertEqual(self.collect(b"ERROR 9: cancelled")[0], "cancelled")


if __name__ == "__main__":
    unittest.main()
