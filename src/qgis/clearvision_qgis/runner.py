# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the program: command and text in the log, progress, cancel, failure with the program's own words.

Cancel: QGIS ends the process with SIGTERM; the program then removes what is unfinished.
"""
from qgis.core import QgsBlockingProcess, QgsProcessingException
from qgis.PyQt.QtCore import QCoreApplication, QProcess

from .console import Console, Errors
from .options import quoted


def tr(text):
    return QCoreApplication.translate("ClearVision", text)


def run(path, words, feedback):
    """Runs the program at `path`; returns the lines of its standard output, or None when the user cancelled.

    Raises QgsProcessingException with the program's last error line when it fails.
    """
    feedback.pushCommandInfo(quoted([path] + list(words)))
    console = Console(feedback.pushConsoleInfo, feedback.setProgress)
    errors = Errors(feedback.pushWarning, feedback.reportError)

    # QGIS does not hold on to its handlers: they need names that live as long as the run.
    def on_output(data):
        console.feed(data.data())

    def on_error(data):
        errors.feed(data.data())

    process = QgsBlockingProcess(path, list(words))
    process.setStdOutHandler(on_output)
    process.setStdErrHandler(on_error)
    status = process.run(feedback)
    console.close()
    errors.close()
    crashed = process.exitStatus() == QProcess.ExitStatus.CrashExit
    if feedback.isCanceled() and (status != 0 or crashed):
        feedback.pushInfo(tr("Cancelled; nothing unfinished is left."))
        return None
    if process.processError() == QProcess.ProcessError.FailedToStart:
        raise QgsProcessingException(tr("{} cannot be started.").format(path))
    if status != 0 or crashed:
        text = tr("clearvision was ended by the system, perhaps for lack of memory.") if crashed else \
            tr("clearvision failed with exit status {}.").format(status)
        raise QgsProcessingException(errors.last or text)
    if errors.last:
        feedback.reportError(errors.last)
    return console.text
