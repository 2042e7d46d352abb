# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the program clearvision is. No import of qgis.

Order: the setting, the environment variable CLEARVISION_BIN, PATH, then the usual folders. A setting or variable that
names no program is an error and not passed over: a user who has set it wants that one.
"""
import os
import shutil

SETTING = "CLEARVISION_PROGRAM"
VARIABLE = "CLEARVISION_BIN"
NAME = "clearvision"
FOLDERS = ("/usr/bin", "/usr/local/bin", "~/.local/bin", "/opt/homebrew/bin")


class ProgramMissing(Exception):
    """Its text is one sentence for the user."""


def is_program(path):
    return os.path.isfile(path) and os.access(path, os.X_OK)


def find(setting=None, environment=None, folders=FOLDERS):
    """The program's path.

    setting: the path that the user has set, or None. environment: os.environ when None.
    Raises ProgramMissing.
    """
    environment = os.environ if environment is None else environment
    for value, what in ((setting, "Settings > Options > Processing > Providers > Clear Vision"),
                        (environment.get(VARIABLE), "The environment variable " + VARIABLE)):
        if value and value.strip():
            path = os.path.expanduser(value.strip())
            if is_program(path):
                return path
            raise ProgramMissing('{} names "{}", which is not a program that can be run; '
                                 "give the path of clearvision there.".format(what, value.strip()))
    path = shutil.which(NAME, path=environment.get("PATH", os.defpath))
    if path:
        return path
    for folder in folders:
        path = os.path.join(os.path.expanduser(folder), NAME)
        if is_program(path):
            return path
    raise ProgramMissing("The program clearvision is not found: install it, or give its path in Settings > Options > "
                         "Processing > Providers > Clear Vision.")
