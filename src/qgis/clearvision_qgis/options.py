# SPDX-License-Identifier: GPL-2.0-or-later
"""The options of clearvision that the algorithms offer, and the command line made of their values. No import of qgis.

One table feeds the parameters and the command line. What the program's own table knows (choices, defaults, limits, texts
of the methods) comes from program_table.py; labels and most texts are the dialogs' own.
"""
import os
import re
import shlex
from collections import namedtuple

from . import program_table

REMOVE, DETECT, INFO, EVALUATE = "remove", "detect", "info", "evaluate remove"
SERIES = (REMOVE, DETECT, INFO, EVALUATE)
FINDS = (REMOVE, DETECT, EVALUATE)
WRITES = (REMOVE, DETECT)

# Kinds of values. FLAG: bool. CHOICE: one of `choices`. CHOICES: a list of them. NUMBER, INTEGER: number or None.
# TEXT: one word. LIST: text, several words with commas. FILE: path or the name of shipped weights. LAYER, LAYERS:
# dataset names. CREATION: "A=1|B=2". THREADS: number, becomes a GDAL configuration option. EXTENT: (xmin, ymin, xmax,
# ymax, coordinate system or ""). SYSTEM: a coordinate system as text.
FLAG, CHOICE, CHOICES, NUMBER, INTEGER = "flag", "choice", "choices", "number", "integer"
TEXT, LIST, FILE, LAYER, LAYERS = "text", "list", "file", "layer", "layers"
CREATION, THREADS, EXTENT, SYSTEM = "creation", "threads", "extent", "system"

Option = namedtuple("Option", "key flag kind commands label help default choices minimum maximum advanced")


def program_row(flag, command):
    """What the program's own table says of a command's option; None when it has no such option."""
    for row in program_table.ROWS:
        if row["flag"] == flag and command in row["commands"]:
            return row
    return None


def _number(text):
    """A number that the program's table gives as text, None for anything else."""
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return None


def _choice_texts(flag, command):
    """The choices, each with what the program says of it."""
    row = program_row(flag, command)
    return ", ".join("{} ({})".format(*pair) for pair in zip(row["choices"], row["texts"]))


def _option(key, flag, kind, commands, label=None, text="", default=None, choices=None, minimum=None, maximum=None,
            advanced=True):
    """Choices, their default, a number's default and its limits are the program's where they are not given; a label that
    is not given is what the program's help says. An option that means the same in several commands is looked up in the
    first.
    """
    row = program_row(flag, commands[0]) or {}
    if kind in (CHOICE, CHOICES) and choices is None:
        choices = row["choices"]
    if kind == CHOICE and default is None:
        default = row["default"]
    if kind in (NUMBER, INTEGER):
        default = _number(row.get("default", "")) if default is None else default
        minimum = row.get("minimum") if minimum is None else minimum
        maximum = row.get("maximum") if maximum is None else maximum
    if label is None:
        label = row["help"].rstrip(".")
    return Option(key, flag, kind, commands, label, text, default, choices or (), minimum, maximum, advanced)


# Of the many that the program can write.
FORMATS = ("auto", "GTiff", "COG", "JP2OpenJPEG", "PNG", "ENVI", "HFA")

OPTIONS = (
    _option("METHOD", "-method", CHOICE, (REMOVE,), "Method", "How the ground under clouds is predicted: " +
            _choice_texts("-method", REMOVE) + ".", advanced=False),
    _option("MASKS", "-masks", FLAG, (REMOVE,), "Write the masks", "Also write, for each date, a mask: clear, cloud, "
            "shadow.", False, advanced=False),
    _option("QUALITY", "-quality", FLAG, (REMOVE,), "Write quality rasters", "Also write, for each date, where each "
            "pixel comes from, how many days the nearest observation is away, and the standard deviation of what "
            "was filled.", False, advanced=False),
    _option("PROBABILITY", "-prob", FLAG, (DETECT,), "Write probabilities instead of classes",
            "Probabilities of cloud and of shadow, from 0 to 1.", False, advanced=False),
    _option("METHODS", "-method", CHOICES, (EVALUATE,), "Methods to measure (none chosen: all)", "", (), advanced=False),
    _option("WHOLE_FRAMES", "-whole_frames", FLAG, (EVALUATE,), default=False, advanced=False),
    _option("CONSECUTIVE", "-consecutive", FLAG, (EVALUATE,), default=False, advanced=False),
    _option("SHAPES", "-shapes", LAYERS, (EVALUATE,), "Cloud masks to lay as gaps (none: the clouds of the series "
            "itself)", "Every band of them is one mask; what is not zero is cloud."),
    _option("SEED", "-seed", INTEGER, (EVALUATE,), "Seed", program_row("-seed", EVALUATE)["help"], minimum=0),
    _option("PROTOCOL", "-protocol", CHOICE, (EVALUATE,), "Protocol", "utilise: dates with at most 5 % cloud get gaps, "
            "up to half of them. pooled: for EarthNet2021 cubes."),
    _option("OVERWRITE", "-overwrite", FLAG, (REMOVE, DETECT, EVALUATE), "Replace results that exist (-overwrite)",
            "Without it a result that exists is an error.", False, advanced=False),

    _option("EXTENT", "-te", EXTENT, SERIES, "Only this extent", "What is written is the same as that part of the whole "
            "result. Empty: everything.", advanced=False),
    _option("THRESHOLD", "-threshold", NUMBER, FINDS),
    _option("SHADOW_THRESHOLD", "-shadow_threshold", NUMBER, FINDS, "Probability from which a pixel counts as shadow"),
    _option("DILATE", "-dilate", TEXT, FINDS, "Added around clouds and shadows", "Metres such as 40m, or pixels such as 2 "
            "of the grid that is processed on, 20 m for finer pictures.", program_row("-dilate", REMOVE)["default"]),
    _option("HAZE", "-haze", CHOICE, FINDS, "What lies under haze"),
    _option("NO_REVIEW", "-no_review", FLAG, FINDS, "Do not compare clouds with the other dates", "Without it what the "
            "other dates show in the same way is ground: roofs, sand, salt, snow that stays.", False),
    _option("MASK", "-mask", LAYERS, SERIES, "Known masks (-mask)", "One per input, in the inputs' order; what is not "
            "zero is not used."),
    _option("SCL", "-scl", LAYERS, SERIES, "Scene classifications (-scl)", "Sen2Cor's SCL, one per input, in the "
            "inputs' order."),
    _option("MASK_MODE", "-mask_mode", CHOICE, (REMOVE, DETECT, INFO), "Known masks join with those found or replace "
            "them"),
    _option("FULL", "-full", FLAG, (REMOVE,), default=False),
    _option("KEEP_NODATA", "-keep_nodata", FLAG, (REMOVE,), "Fill clouds only, leave nodata", "", False),
    _option("BANDS", "-b", TEXT, SERIES, "Bands: red, green, blue[, near infrared]", "Numbers from 1, such as 3,2,1,4. "
            "Empty: found by names, wavelengths and colours."),
    _option("FILL_BANDS", "-fill_bands", TEXT, SERIES, "Bands that are filled", "Beside red, green, blue and near "
            "infrared: numbers or names with commas, or all. Empty: those that are reflectance."),
    _option("DATES", "-date", LIST, SERIES, "Dates", "YYYY-MM-DD, one per date in the inputs' order, with commas. "
            "Empty: from metadata, else from file names."),
    _option("TR", "-tr", NUMBER, SERIES, "Pixel size to work with and to write, in metres", "Empty: the inputs' own "
            "grid; pictures finer than 20 m are processed at 20 m and what is filled is brought back."),
    _option("TARGET_CRS", "-t_srs", SYSTEM, WRITES, "Coordinate system of what is written", "Every raster is resampled "
            "once, at the end, observed pixels too. Empty: the inputs' own, nothing is resampled."),
    _option("ALIGN", "-tap", FLAG, WRITES, "Bounds are multiples of the pixel size (-tap)", "", False),
    _option("OVERVIEW", "-ovr", TEXT, SERIES, "See the inputs through an overview", "For quick looks: a level, 0 is the "
            "finest, or AUTO. Empty: full size."),
    _option("REF", "-ref", LAYER, SERIES, text="Empty: the first input."),
    _option("RESAMPLING", "-r", CHOICE, SERIES, "Resampling of dates that do not lie on the grid"),
    _option("SCALE", "-in_scale", TEXT, SERIES, "Scale", "Reflectance is the stored number times scale plus offset; a "
            "number or a fraction such as 1/10000; one for all dates, or one each with commas between them. Empty: from "
            "metadata, type and range."),
    _option("OFFSET", "-in_offset", TEXT, SERIES, "Offset, in reflectance", "For example -0.1; one for all dates, or "
            "one each with commas between them (auto: found). Empty: from metadata, checked by the pixels."),
    _option("NODATA", "-srcnodata", TEXT, SERIES, "Number that means no data", "A number, nan, or none. Empty: from "
            "the file."),
    _option("WINDOW", "-window", INTEGER, (REMOVE, EVALUATE), "Dates looked at together"),
    _option("MODEL", "-model", FILE, (REMOVE, EVALUATE), "Weights of the network that predicts", "A file, or the name "
            "of shipped weights. Empty: remove for the first command, none for the evaluation."),
    _option("DETECT_MODEL", "-detect_model", FILE, FINDS, "Weights of the network that finds clouds", "A file, or the "
            "name of shipped weights. Empty: detect."),
    _option("DEVICE", "-device", TEXT, FINDS, "Device", "auto, cpu, cuda or cuda:N.",
            program_row("-device", REMOVE)["default"]),
    _option("PRECISION", "-precision", CHOICE, FINDS),
    _option("MEMORY", "-mem", NUMBER, FINDS, "Memory for buffers in MB", "0: a quarter of the machine's, at most "
            "1000."),
    _option("THREADS", "--config", THREADS, SERIES, "Threads", "Empty: one per processor.", minimum=1, maximum=1024),
    _option("FORMAT", "-of", CHOICE, WRITES, "Format", "Others: -of NAME among the additional words.", "auto", FORMATS),
    _option("CREATION", "-co", CREATION, WRITES, "Creation options"),
)

# What the program offers and the table does not, and why; a test compares both with program_table.py.
NOT_OFFERED = {
    "-o": "the destination parameters",
    "-stack": "the destination STACK",
    "-preview": "the destination PREVIEW",
    "-report": "the destination REPORT",
    "-i": "the inputs",
    "-te_srs": "goes with EXTENT", "-projwin": "EXTENT does", "-projwin_srs": "EXTENT does", "-srcwin": "EXTENT does",
    "-oo": "taken from the layers; further ones as additional words",
    "-if": "rare: as additional words", "-mo": "rare: as additional words", "-nomd": "rare: as additional words",
    "-a_srs": "rare: as additional words",
    "-q": "the log shows what is said", "-v": "always on in Inspect series", "-json": "for programs",
    "-no_cloud_share": "the shares are what one wants to see",
    "-end_to_end": "for those who work on the program", "-grounds": "for those who work on the program",
    "-place": "for training sets, which QGIS has not", "-split": "for training sets, which QGIS has not",
}


class WrongValue(Exception):
    """Its text is one sentence for the user."""


def of_command(command):
    return [option for option in OPTIONS if command in option.commands]


def number_text(value):
    """A number as the program reads it, the same in every locale."""
    return "{:.15g}".format(value)


def _words(option, value):
    """The words of one option; none when its value is empty or the program's own default."""
    if value is None or value == "" or value == () or value == [] or value == option.default:
        return []
    if option.kind == FLAG:
        return [option.flag] if value else []
    if option.kind in (NUMBER, INTEGER):
        return [option.flag, number_text(value)]
    if option.kind == THREADS:
        return [option.flag, "GDAL_NUM_THREADS", number_text(value)]
    if option.kind == EXTENT:
        return [option.flag] + [number_text(number) for number in value[:4]] + \
            (["-te_srs", value[4]] if value[4] else [])
    if option.kind in (LAYERS, CHOICES):
        return [word for item in value for word in (option.flag, item)]
    if option.kind == CREATION:
        return [word for item in value.split("|") if item.strip() for word in (option.flag, item.strip())]
    if option.kind == LIST:
        return [option.flag, ",".join(item for item in re.split(r"[\s,;]+", value) if item)]
    # A number where text is wanted: models that were saved when the option was one.
    return [option.flag, (value if isinstance(value, str) else number_text(value)).strip()]


def extra_words(text):
    """Additional words that the user typed, split as a shell would. Raises WrongValue."""
    try:
        # Windows' paths are full of backslashes, which are no escapes there.
        return shlex.split(text or "", posix=os.name != "nt")
    except ValueError:
        raise WrongValue("Additional words: a quotation mark is not closed in {}".format(text)) from None


def command_line(command, inputs, values, destination=(), extra="", opening=()):
    """The words after the program's name.

    inputs: dataset names. values: {key: value} for options of the command; what is missing stays at its default.
    destination: words such as ["-o", "folder"]. extra: what the user typed. opening: open options of the inputs, "K=V".
    Raises WrongValue.
    """
    words = command.split()
    general = [w for option in of_command(command) if option.kind == THREADS
               for w in _words(option, values.get(option.key))]
    named = [w for option in of_command(command) if option.kind != THREADS
             for w in _words(option, values.get(option.key))]
    named += [word for item in opening for word in ("-oo", item)]
    tail = general + named + list(destination) + extra_words(extra)
    if any(name.startswith("-") for name in inputs):
        return words + tail + ["--"] + list(inputs)
    return words + list(inputs) + tail


def quoted(words):
    """A command as it can be pasted into a shell: bash and its like, or Windows' own."""
    if os.name == "nt":
        return " ".join('"{}"'.format(w) if re.search(r'[\s&()^;,]', w) or not w else w for w in words)
    return " ".join(shlex.quote(w) for w in words)
