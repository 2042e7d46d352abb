# SPDX-License-Identifier: GPL-2.0-or-later
"""What the program says, from chunks of bytes as pipes give them: lines, progress, errors. No import of qgis.

Chunks end anywhere: in the middle of a number, of a letter of two bytes, of a line. So everything here keeps the line
that has not ended yet.

    console = Console(on_line=print, on_progress=lambda percent: ...)
    console.feed(b"0...1"); console.feed(b"0.."); console.close()
"""
import codecs
import re

BAR = "0...10...20...30...40...50...60...70...80...90...100 - done."
ERROR = re.compile(r"^ERROR \d+: (.*)$")
WARNING = re.compile(r"^Warning \d+: (.*)$")


def _percents():
    """For every length of a beginning of BAR, what share of it is done: a number counts when it is whole."""
    percents, ticks, i = [None] * (len(BAR) + 1), -1, 0
    while i < len(BAR) and BAR[i] != " ":
        number = re.match(r"\d+", BAR[i:])
        length = len(number.group()) if number else 1
        for k in range(1, length):
            percents[i + k] = max(ticks, 0) * 2.5
        ticks += 1
        i += length
        percents[i] = ticks * 2.5
    for k in range(i, len(BAR) + 1):
        percents[k] = 100.0
    return percents


_PERCENT = _percents()


def percent(line):
    """How far GDAL's progress bar has come that `line` ends with (0 to 100), or None where there is no bar.

    A text and a colon may stand before the bar; ` - done in 00:00:12.` may end it.
    """
    bar = line.rsplit(": ", 1)[-1]
    if not bar.startswith("0"):
        return None
    if bar.startswith(BAR[:-1]):
        return 100.0
    return _PERCENT[len(bar)] if BAR.startswith(bar) else None


class Lines:
    """Chunks of bytes to whole lines of text."""

    def __init__(self):
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self.rest = ""

    def feed(self, data, final=False):
        """The lines that `data` ends, without their line ends."""
        text = self.rest + self._decoder.decode(data, final)
        lines = re.split("\r\n|\n|\r(?!$)", text)
        self.rest = lines.pop()
        return lines

    def close(self):
        lines = self.feed(b"", True)
        rest, self.rest = self.rest.rstrip("\r"), ""
        return lines + [rest] if rest else lines


class Console:
    """Standard output: lines and progress. `text` keeps all lines but the bar."""

    def __init__(self, on_line=None, on_progress=None):
        self._lines, self._on_line, self._on_progress = Lines(), on_line, on_progress
        self._last = None
        self.text = []

    def _progress(self, line):
        value = percent(line)
        if value is not None and value != self._last:
            self._last = value
            if self._on_progress:
                self._on_progress(value)
        return value is not None

    def _take(self, lines):
        for line in lines:
            if not self._progress(line):
                self.text.append(line)
            if self._on_line:
                self._on_line(line)

    def feed(self, data):
        self._take(self._lines.feed(data))
        self._progress(self._lines.rest)

    def close(self):
        self._take(self._lines.close())


class Errors:
    """Standard error. The last ERROR line is kept back: it becomes the failure's text, and is not to be read twice."""

    def __init__(self, on_warning=None, on_error=None):
        self._lines, self._on_warning, self._on_error = Lines(), on_warning, on_error
        self.last = None

    def _error(self, text):
        if self._on_error:
            self._on_error(text)

    def _take(self, lines):
        for line in lines:
            warning, error = WARNING.match(line), ERROR.match(line)
            if warning and self._on_warning:
                self._on_warning(warning.group(1))
            elif error:
                if self.last is not None:
                    self._error(self.last)
                self.last = error.group(1)
            elif line.strip() and not warning:
                self._error(line)

    def feed(self, data):
        self._take(self._lines.feed(data))

    def close(self):
        self._take(self._lines.close())
