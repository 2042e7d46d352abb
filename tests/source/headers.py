#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compiles the examples in the comments of headers: each header, included first and alone, then its examples.

    headers.py SOURCE_TREE BUILD_TREE [ROOM/FILE.h...]     exit status 1 and the compiler's words where one does not compile

An example is a block of lines indented by five spaces in a comment in which a statement ends; tables and lists are left
alone. An example that begins with "static" stands outside functions; the others are the body of a function that returns
clv_status and whose parameters are what NAMES and OWN below declare. "..." stands for statements: alone, with words between
two of them ("... read the rows ..."), or as what an if or a for does. It cannot stand for an expression or an argument.
"""
import concurrent.futures
import json
import os
import re
import shlex
import subprocess
import sys

# What many examples take for granted. Types that the header does not bring along come from TYPES.
NAMES = {
    "ctx": "clv_context *ctx", "status": "clv_status status", "set": "clv_outputs *set", "series": "clv_series *series",
    "error": "char error[256]", "text": "char *text", "path": "const char *path", "folder": "const char *folder",
    "inputs": "const char *const *inputs", "count": "int count", "n": "int n", "t": "int t", "c": "int c", "x": "int x",
    "y": "int y", "w": "int w", "h": "int h", "width": "int width", "height": "int height", "k": "uint64_t k",
    "seed": "uint64_t seed", "planes": "int planes", "dates": "int dates", "bands": "int bands", "side": "int side",
    "plane": "size_t plane", "size": "size_t size", "values": "float *values", "job": "void *job", "user": "void *user",
    "gap": "uint8_t *gap", "mask": "uint8_t *mask", "known": "uint8_t *known", "window": "clv_rect window",
    "dataset": "GDALDatasetH dataset", "json": "char **json", "step": "int step", "options": "clv_remove_options options",
    "data": "void *data", "steps": "int steps",
}
TYPES = {
    "clv_outputs": "output/writer.h", "uint8_t": "stdint.h",
    "clv_series": "series/series.h", "uint64_t": "stdint.h", "size_t": "stddef.h", "clv_rect": "image/windows.h", "GDALRasterBandH": "gdal.h",
    "GDALDatasetH": "gdal.h", "GF_Read": "gdal.h", "clv_fail": "base/context.h",
    "clv_alloc_array": "base/alloc.h", "clv_remove_options": "clearvision/clearvision.h",
}
# What a header's examples take for granted beside that or instead of it.
OWN = {
    "base/alloc.h": ["int n_dates"],
    "base/options.h": ["const clv_remove_options *options"],
    "base/file.h": ["void *header", "size_t header_size", "size_t data_size"],
    "clearvision/clearvision.h": ["clv_remove_options options", "float *reflectance", "uint8_t *clouds", "int32_t *days"],
    "clearvision/view.h": ["float *row"],
    "formats/safetensors.h": ["void **data"],
    "formats/utf8.h": ["const char *p"],
    "formats/zip.h": ["bool (*read_some)(void *, uint64_t, void *, size_t)", "void *file", "size_t wanted", "void *buffer"],
    "gapfill/coregister.h": ["clv_gapfill_job *j", "clv_gapfill_bands bands", "int t", "clv_rect part"],
    "gapfill/field.h": ["float *block"],
    "gapfill/pixels.h": ["float *block"],
    "gapfill/result.h": ["clv_rect roi", "float *out", "int band"],
    "image/lower_median.h": ["float *reference"],
    "learn/evaluate/evaluate_grounds.h": ["const clv_evaluate_detect_options *options"],
    "learn/evaluate/ground_scene.h": ["const clv_ground_line *line"],
    "learn/evaluate/memory_raster.h": ["clv_grid grid", "float *planes"],
    "learn/evaluate/report_folder.h": ["clv_status (*make_page)(void *, const char *, clv_page *)", "void *evaluation"],
    "pipeline/stack_reader.h": ["float *x", "uint8_t *missing"],
    "gdal/view_library.h": ["clv_remove_options options", "clv_view *view"],
    "gdal/view_pool.h": ["clv_view_request name"],
    "gdal/view_request.h": ["clv_remove_options options"],
    "learn/dataset/cutting.h": ["int x"],
    "learn/dataset/prepare_unit.h": ["const clv_train_item *item", "clv_set_shard shard"],
    "learn/evaluate/detect_picture.h": ["clv_detect_window picked[3]", "int cases", "bool there"],
    "learn/evaluate/eval_case.h": ["const clv_detect_options *options"],
    "learn/evaluate/gap_job.h": ["int windows"],
    "learn/evaluate/gap_picture.h": ["clv_sequence sequence", "int picked[3]"],
    "learn/evaluate/gap_score.h": ["clv_sequence sequence"],
    "learn/evaluate/ranking.h": ["double psnr"],
    "learn/evaluate/report_remove.h": ["clv_gap_show show"],
    "learn/train/batch.h": ["int64_t steps", "int slot"],
    "learn/train/training.h": ["const clv_train_options *options", "int mine", "clv_status (*step)(void *, double *)",
                               "clv_status (*measure)(void *, int64_t, double *)",
                               "void (*metrics)(void *, clv_json_writer *)", "void (*data)(void *, clv_json_writer *)"],
    "net/checkpoint.h": ["Task &task", "Optimiser &optimiser"],
    "net/layers.h": ["Weights &weights", "at::Tensor x", "at::Tensor y"],
    "net/optimiser.h": ["Recipe recipe", "Weights &weights", "Weights &average", "at::Tensor (*task_loss)(at::Tensor)", "at::Tensor x"],
    "net/weights.h": ["const clv_safetensors *file", "at::Tensor x", "at::Tensor y"],
    "output/writer.h": ["clv_remove_options options", "clv_series *series"],
    "pipeline/pictures.h": ["clv_pictures *p"],
    "pipeline/remove/removal.h": ["const clv_remove_options *options", "clv_panel panel"],
    "pipeline/sink.h": ["clv_sink sink", "int y1", "void *row"],
    "pipeline/strip.h": ["clv_strip *strip", "int capacity"],
    "pipeline/view/view_write.h": ["clv_removal removal", "const clv_remove_options *options"],
    "pipeline/viewer_json.h": ["const clv_viewer_date *dates", "const clv_grid *grid"],
    "products/cube_name.h": ["clv_date date"],
    "products/npz.h": ["double v", "size_t index"],
    "raster/computed_raster.h": ["clv_compute_fn compute"],
    "raster/gdal_errors.h": ["GDALRasterBandH band"],
    "raster/open_options.h": ["clv_remove_options options"],
    "base/unfinished.h": ["const char *temporary"],
    "series/crop.h": ["clv_remove_options options"],
    "serve/lane.h": ["clv_lane lane", "void (*work)(void *, const clv_task *)", "void (*done)(void *, clv_job *)",
                      "pthread_mutex_t lock", "void *server", "bool ok"],
    "synth/clouds.h": ["float *red", "float *green", "float *blue", "float *nir"],
    "synth/dynamics.h": ["uint64_t number"],
    "synth/gaps.h": ["uint64_t sequence"],
    "synth/noise.h": ["double *row"],
    "synth/surface.h": ["uint32_t parcel_id"],
}
STANDARD = ["stdint.h", "stdio.h", "stdlib.h", "string.h", "stdbool.h", "math.h", "unistd.h"]

BLOCK = re.compile(r"^ \*     (.*)$")
STATEMENT = re.compile(r"[\w)\]}\"]\s*;\s*(//.*)?$", re.MULTILINE)
PARAMETER = re.compile(r"[(,]\s*((?:const\s+)?(?:(?:struct|enum)\s+)?[A-Za-z_][\w:]*(?:\s+const)?[\s*&]+(?:const\s*[*]?\s*)*(\w+)(?:\[[^\]]*\])*)\s*(?=[,)])")
DECLARED = re.compile(r"^[ ]*(?:(?:const|static)\s+)?(?!return\b)\w+\s+\**(\w+)\s*[;=\[]", re.MULTILINE)
CHECKS = ["-Werror=implicit-function-declaration", "-Werror=incompatible-pointer-types", "-Werror=int-conversion",
          "-Werror=discarded-qualifiers"]


def comments(text):
    return re.findall(r"/\*.*?\*/", text, re.DOTALL)


def examples(text):
    """The code blocks of a header's comments, each a list of lines."""
    found = []
    for comment in comments(text):
        block = []
        for line in comment.splitlines() + [""]:
            match = BLOCK.match(line)
            if match:
                block.append(match.group(1))
            elif block:
                if STATEMENT.search("\n".join(block)) and not block[0].startswith(" "):  # a list's further lines
                    found.append(block)
                block = []
    return found


def without_ellipses(line):
    """Statements that are left out become empty ones."""
    code, slashes, remark = line.partition("//")
    if re.search(r'"[^"]*$', code):  # the slashes are in a string
        code, slashes, remark = line, "", ""
    code = re.sub(r"\.\.\.[^;{}\"]*?\.\.\.(?=\s|$)", ";", re.sub(r'"[^"\n]*"', lambda m: m.group().replace("...", "___"), code))
    code = re.sub(r"(^|(?<=[\s)]))\.\.\.(?=\s|$)", ";", code)
    return code + slashes + remark


def parameters_of(text):
    """{name: declaration} of the parameters of the functions that a header declares, the first of a name."""
    code = re.sub(r"/\*.*?\*/|//[^\n]*", " ", text, flags=re.DOTALL)
    code = re.sub(r"^#(?:.*\\\n)*.*$", " ", code, flags=re.MULTILINE)
    code = re.sub(r"\{[^{}]*\}", " ", code)
    found = {}
    for declaration, name in PARAMETER.findall(code):
        found.setdefault(name, " ".join(declaration.split()))
    return found


def code_of(blocks):
    """The statements of examples without remarks and texts."""
    return re.sub(r'"[^"\n]*"', '""', "\n".join(line.partition("//")[0] for block in blocks for line in block))


def names_in(code, header, text):
    """Parameters of the function around an example: those names that it uses."""
    words = set(re.findall(r"[A-Za-z_]\w*", code)) - set(DECLARED.findall(code))
    declared = dict(NAMES)
    for name, declaration in parameters_of(text).items():
        if re.search(r"&%s\b|\b%s\." % (name, name), code):  # what functions take a pointer to
            declaration = re.sub(r"^const |\*(?=\w+$)", "", declaration)
        declared[name] = declaration
    declared.update({re.search(r"(\w+)(\[|\)\(|$)", one).group(1): one for one in OWN.get(header, [])})
    return [declared[name] for name in sorted(words & set(declared))]


def program(header, text, language, number=0):
    """What is compiled for a header: its examples, in C or C++."""
    blocks = examples(text)
    outside = [block for block in blocks if block[0].startswith("static")]
    inside = [block for block in blocks if not block[0].startswith("static")]
    parameters = sorted({one for block in inside for one in names_in(code_of([block]), header, text)})
    words = set(re.findall(r"\w+", " ".join([code_of(inside)] + parameters)))
    wanted = [TYPES[word] for word in words if word in TYPES]
    lines = ['#include "%s"' % header if not header.startswith("clearvision/") else "#include <%s>" % header]
    lines += ["#include <%s>" % name if "/" not in name or name.startswith("clearvision/") else '#include "%s"' % name
              for name in sorted(set(STANDARD + ["clearvision/clearvision.h"] + wanted))]
    if language == "cpp":
        lines.append("namespace clv::net {")
    for block in outside:
        lines += [without_ellipses(line) for line in block]
    lines.append("clv_status example_%d(%s);" % (number, ", ".join(parameters) or "void"))
    lines.append("clv_status example_%d(%s)\n{" % (number, ", ".join(parameters) or "void"))
    for block in inside:
        lines += ["{"] + [without_ellipses(line) for line in block] + ["}"]
    lines.append("return CLV_OK;\n}\n" + ("}\n" if language == "cpp" else ""))
    return "\n".join(lines)


def commands(build):
    """{room: (folder, compiler and its options)} as the build compiles a file of the room."""
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
        entries = json.load(file)
    found = {}
    for entry in entries:
        match = re.search(r"/src/(\w+)/(?:.*/)?[^/]*\.(c|cpp)$", entry["file"])
        if match and "/tests/" not in entry["file"] and (match.group(1), match.group(2)) not in found:
            words = shlex.split(entry["command"])
            words = words[:words.index("-o")]
            found[match.group(1), match.group(2)] = (entry["directory"], [word for word in words if not word.startswith("-W")])
    return found


def compile_text(command, text, language):
    folder, words = command
    checks = CHECKS if language == "c" else ["-w"]
    done = subprocess.run(words + checks + ["-fsyntax-only", "-x", "c" if language == "c" else "c++", "-"], cwd=folder,
                          input=text, capture_output=True, text=True)
    return done.stderr if done.returncode else ""


def headers(tree):
    for top, prefix in (("src", ""), ("include", "")):
        root = os.path.join(tree, top)
        for where, folders, names in os.walk(root):
            folders.sort()
            for name in sorted(names):
                if name.endswith(".h"):
                    yield os.path.relpath(os.path.join(where, name), root), os.path.join(where, name)


def main():
    tree, build, wanted = sys.argv[1], sys.argv[2], sys.argv[3:]
    known = commands(build)
    tasks, cpp, left_out, faults = [], [], [], []
    for header, path in headers(tree):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        if not examples(text) or (wanted and header not in wanted):
            continue
        room = header.split("/")[0]
        language = "cpp" if room == "net" and header != "net/net.h" else "c"
        command = known.get(("cli" if room == "clearvision" else room, language))
        if not command:
            left_out.append(header)
        elif language == "cpp":
            cpp.append(program(header, text, language, len(cpp)))
            cpp_command = command
        else:
            tasks.append((header, command, program(header, text, language)))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(lambda task: (task[0], compile_text(task[1], task[2], "c")), tasks)
        together = pool.submit(compile_text, cpp_command, "\n".join(cpp), "cpp") if cpp else None
        faults = [(header, words) for header, words in results if words]
        if together and together.result():
            faults.append(("net", together.result()))
    for header, words in faults:
        print("== %s\n%s" % (header, words))
    print("%d headers with examples, %d do not compile" % (len(tasks) + len(cpp), len(faults)))
    if left_out:
        print("left out, their room is not built here: " + ", ".join(left_out))
    return 1 if faults or not tasks else 0


if __name__ == "__main__":
    sys.exit(main())
