# SPDX-License-Identifier: MIT
"""That includes.py, circles.py and headers.py find what they are for, in trees made up here."""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import circles  # noqa: E402
import headers  # noqa: E402
import includes  # noqa: E402


class Tree(unittest.TestCase):
    def setUp(self):
        self.tree = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.tree)
        for header in ("base/file.h", "gapfill/gmm.h", "raster/grid.h", "series/series.h", "net/net.h", "net/unet.h",
                       "web/files.h", "pipeline/strip.h", "learn/train/batch.h", "gdal/drivers.h", "serve/serve.h"):
            self.write("src/" + header, "")

    def write(self, path, text):
        path = os.path.join(self.tree, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def assertFault(self, path, text, words):
        self.write(path, text)
        found = includes.faults(self.tree)
        os.remove(os.path.join(self.tree, path))
        self.assertEqual(len(found), 1, found)
        self.assertTrue(found[0].startswith(path + ":"), found[0])
        self.assertIn(words, found[0])

    def assertFine(self, path, text):
        self.write(path, text)
        self.assertEqual(includes.faults(self.tree), [])
        os.remove(os.path.join(self.tree, path))


class Includes(Tree):
    def test_order_may_be_skipped_but_not_reversed(self):
        self.assertFine("src/learn/a.c", '#include "base/file.h"\n#include "series/series.h"\n#include <gdal.h>\n')
        self.assertFine("src/learn/train/a.c", '#include "learn/train/batch.h"\n')
        self.assertFault("src/base/a.c", '#include "gapfill/gmm.h"\n', "base may not include gapfill")
        self.assertFault("src/series/a.h", '#include "pipeline/strip.h"\n', "series may not include pipeline")
        self.assertFault("src/pipeline/x/a.c", '#include "learn/train/batch.h"\n', "pipeline may not include learn")
        self.assertFault("src/serve/a.c", '#include "gdal/drivers.h"\n', "serve may not include gdal")

    def test_net_and_raster_do_not_know_each_other(self):
        self.assertFine("src/net/a.cpp", '#include "gapfill/gmm.h"\n#include <ATen/ATen.h>\n')
        self.assertFault("src/net/a.cpp", '#include "raster/grid.h"\n', "net may not include raster")
        self.assertFault("src/net/a.cpp", "#include <cpl_conv.h>\n", "GDAL")
        self.assertFault("src/raster/a.c", '#include "net/net.h"\n', "raster may not include net")
        self.assertFault("src/output/a.c", '#include "net/net.h"\n', "output may not include net")

    def test_the_interface_of_net_alone_is_seen(self):
        self.assertFine("src/pipeline/a.h", '#include "net/net.h"\n')
        self.assertFault("src/pipeline/a.c", '#include "net/unet.h"\n', "only net/net.h")
        self.assertFault("src/cli/a.c", '#include "net/net.h"\n', "cli may not include net")

    def test_web_and_gdal(self):
        self.assertFine("src/pipeline/a.c", '#include "web/files.h"\n')
        self.assertFault("src/web/a.c", '#include "gapfill/gmm.h"\n', "web may not include gapfill")
        self.assertFault("src/series/a.c", '#include "web/files.h"\n', "series may not include web")
        self.assertFine("src/gdal/a.cpp", '#include "raster/grid.h"\n#include <gdal_priv.h>\n')
        self.assertFault("src/gdal/a.cpp", '#include "pipeline/strip.h"\n', "gdal may not include pipeline")
        self.assertFault("src/gdal/a.cpp", '#include "series/series.h"\n', "gdal may not include series")

    def test_libraries(self):
        self.assertFault("src/base/a.c", "#include <gdal.h>\n", "GDAL")
        self.assertFault("src/gapfill/a.h", "#  include <ogr_srs_api.h>\n", "GDAL")
        self.assertFault("src/pipeline/a.cpp", "#include <torch/cuda.h>\n", "libtorch")
        self.assertFault("src/learn/a.c", "#include <microhttpd.h>\n", "libmicrohttpd")

    def test_style(self):
        self.assertFault("src/base/a.c", '#include "file.h"\n', '"room/file.h"')
        self.assertFault("src/base/a.c", '#include "../gapfill/gmm.h"\n', '"room/file.h"')
        self.assertFault("src/base/a.c", '#include "base/none.h"\n', "there is no src/base/none.h")
        self.assertFault("src/base/a.c", "#include <base/file.h>\n", "angle brackets")

    def test_comments_are_no_includes(self):
        self.assertFine("src/base/a.c", '/*\n#include "series/series.h"\n*/\n// #include <gdal.h>\n')
        self.assertFault("src/base/a.c", '/* a\n b */\n#include <gdal.h>\n', "base/a.c:3")

    def test_public_headers_and_unknown_rooms(self):
        self.assertFine("include/clearvision/a.h", "#include <stdint.h>\n#include <clearvision/version.h>\n")
        self.assertFault("include/clearvision/a.h", '#include "base/file.h"\n', "public headers")
        self.assertFault("include/clearvision/a.h", "#include <gdal.h>\n", "public headers")
        self.assertFault("src/attic/a.c", "int a;\n", "no room")


class Circles(unittest.TestCase):
    def test_two_files_and_a_longer_loop(self):
        graph = {"base/a.c": {"base/b.c"}, "base/b.c": {"base/a.c"}, "base/c.c": {"base/a.c"}}
        self.assertEqual(circles.circles(graph), [{"base/a.c", "base/b.c"}])
        self.assertIn("base/a.c -> base/b.c", circles.faults(graph, [])[0])
        graph = {"base/a.c": {"base/b.c"}, "base/b.c": {"base/c.c"}, "base/c.c": {"base/a.c"}}
        self.assertEqual(circles.circles(graph), [{"base/a.c", "base/b.c", "base/c.c"}])

    def test_known_circles_must_be_there(self):
        graph = {"base/a.c": {"base/b.c"}, "base/b.c": {"base/a.c"}}
        self.assertEqual(circles.faults(graph, [{"base/a.c", "base/b.c"}]), [])
        graph["base/b.c"] = set()
        self.assertIn("no circle any more", circles.faults(graph, [{"base/a.c", "base/b.c"}])[0])

    def test_calls_against_the_order(self):
        found = circles.faults({"base/a.c": {"series/b.c"}, "series/b.c": set()}, [])
        self.assertEqual(len(found), 1)
        self.assertIn("base may not include series", found[0])

    @unittest.skipUnless(shutil.which("nm") and shutil.which("cc"), "nm or cc is not installed")
    def test_object_files(self):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in (("a", "int b(void); int a(void) { return b(); }"), ("b", "int a(void); int b(void) { return a(); }")):
                source = os.path.join(folder, "src", "base", name + ".c")
                target = os.path.join(folder, "build", "src", "CMakeFiles", "x.dir", "base", name + ".c.o")
                os.makedirs(os.path.dirname(source), exist_ok=True)
                os.makedirs(os.path.dirname(target), exist_ok=True)
                with open(source, "w", encoding="utf-8") as file:
                    file.write(text)
                subprocess.run(["cc", "-c", source, "-o", target], check=True)
            old = os.path.join(folder, "build", "src", "CMakeFiles", "x.dir", "base", "gone.c.o")
            shutil.copy(target, old)  # of a source that has been removed
            found = circles.objects(folder, os.path.join(folder, "build"))
            self.assertEqual(sorted(found), ["base/a.c", "base/b.c"])
            self.assertEqual(circles.circles(circles.uses("nm", found)), [{"base/a.c", "base/b.c"}])


HEADER = """/* x: a module.
 *
 *     name   what the table says; a list is no example
 *     other  likewise
 *
 *     clv_x *x;
 *     if (clv_x_new(ctx, &x) != CLV_OK) ...     // a remark; with ...
 *     ... work ...
 *     %s
 */
typedef int clv_status;
typedef struct clv_x clv_x;
struct clv_context;
clv_status clv_x_new(struct clv_context *ctx, clv_x **out);
void clv_x_fill(clv_x *x, const float *values);
"""


class Examples(unittest.TestCase):
    def test_blocks(self):
        found = headers.examples(HEADER % "clv_x_fill(x, values);")
        self.assertEqual(len(found), 1)
        self.assertEqual(found[0][0], "clv_x *x;")

    def test_ellipses_are_statements(self):
        self.assertEqual(headers.without_ellipses("if (a) ...     // b ..."), "if (a) ;     // b ...")
        self.assertEqual(headers.without_ellipses("... read the rows ..."), ";")
        self.assertEqual(headers.without_ellipses('f("a/....nc", x);'), 'f("a/___.nc", x);')
        self.assertIn("...", headers.without_ellipses("f(x, ...);"))

    def test_names_come_from_the_header(self):
        self.assertEqual(headers.names_in("f(values, ctx)", "base/x.h", HEADER), ["struct clv_context *ctx", "const float *values"])
        self.assertEqual(headers.names_in("f(&values)", "base/x.h", HEADER), ["float values"])

    @unittest.skipUnless(shutil.which("cc"), "cc is not installed")
    def test_compiler(self):
        with tempfile.TemporaryDirectory() as folder:
            os.makedirs(os.path.join(folder, "base"))
            os.makedirs(os.path.join(folder, "clearvision"))
            with open(os.path.join(folder, "clearvision", "clearvision.h"), "w", encoding="utf-8") as file:
                file.write("enum { CLV_OK };\nstruct clv_context;\n")
            for last, words in (("clv_x_fill(x, values);", ""), ("clv_x_fill(x);", "too few arguments"),
                                ("clv_x_emtpy(x);", "clv_x_emtpy"), ("clv_x_fill(x, ...);", "expected expression"),
                                ("clv_x_fill(unknown, values);", "unknown")):
                text = HEADER % last
                with open(os.path.join(folder, "base", "x.h"), "w", encoding="utf-8") as file:
                    file.write(text)
                said = headers.compile_text((folder, ["cc", "-I."]), headers.program("base/x.h", text, "c"), "c")
                self.assertIn(words, said)
                self.assertEqual(bool(words), bool(said), said)


if __name__ == "__main__":
    unittest.main()
