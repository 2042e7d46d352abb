# SPDX-License-Identifier: MIT
"""page.py INDEX.HTML RESULT.JSON: a report's page is sound, loads nothing, and says what the JSON object says."""
import base64
import html.parser
import json
import re
import sys

from osgeo import gdal

gdal.UseExceptions()
VOID = {"meta", "img", "br", "hr", "link", "input"}
text = open(sys.argv[1], encoding="utf-8").read()
result = json.load(open(sys.argv[2]))


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.count, self.cells, self.pictures, self.words = [], {}, [], [], []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        assert len(attrs) == len(set(attrs)), tag
        self.count[tag] = self.count.get(tag, 0) + 1
        for name, value in attrs.items():
            assert name not in ("src", "href", "srcset", "data", "action", "poster") or value.startswith("data:"), value
            assert not name.startswith("on"), name
        if tag == "img":
            assert len(attrs["alt"]) > 10, attrs["alt"]
            kind, data = attrs["src"].split(",", 1)
            assert kind == "data:image/png;base64"
            self.pictures.append((base64.b64decode(data, validate=True), int(attrs["width"]), int(attrs["height"])))
        if tag == "th":
            assert attrs["scope"] in ("col", "row")
        if tag == "svg":
            assert attrs["role"] == "img"
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, (tag, self.getpos())

    def handle_data(self, data):
        self.words.append(data)
        if self.open and self.open[-1] in ("td", "th"):
            self.cells.append(data)


page = Page()
page.feed(text)
page.close()
assert text.startswith("<!DOCTYPE html>") and not page.open, page.open
assert 'lang="en"' in text and 'charset="utf-8"' in text and "width=device-width" in text
assert page.count["h1"] == page.count["main"] == page.count["title"] - page.count["svg"] == 1
assert page.count["table"] == page.count["caption"] >= 2 and "script" not in page.count and "link" not in page.count
assert not re.search(r"https?:|url\(|@import|//[a-z]", re.sub(r'base64,[^"]*', "", text)), "a reference"
assert "prefers-color-scheme:dark" in text and "nan" not in page.words and "inf" not in page.words
for data, width, height in page.pictures:
    assert data.startswith(b"\x89PNG")
    gdal.FileFromMemBuffer("/vsimem/a.png", data)
    picture = gdal.Open("/vsimem/a.png").ReadAsArray()
    assert picture.shape == (3, height, width), picture.shape


def has(value, digits):
    shown = "–" if value is None else "%.*f" % (digits, value)
    assert shown in page.cells, (shown, value)


def has_figures(method):
    for scope in method.values():
        if scope.get("sequences"):
            for key, digits in (("psnr", 2), ("rmse", 5), ("mae", 5), ("ssim", 4), ("sam", 3)):
                has(scope[key], digits)


charts = "".join(page.words)
if "methods" in result:
    for name, method in result["methods"].items():
        assert name in page.cells
        has_figures(method)
        assert method["occluded"]["psnr"] is None or "%.2f dB" % method["occluded"]["psnr"] in charts
    for pools in (result["by_gap"], result["by_cover"]):
        for method in pools.values():
            for pool in method.values():
                has(pool["psnr"], 2)
    for name, place in result.get("places", {}).items():
        assert name in page.words
        for method in place["methods"].values():
            has_figures(method)
    if result["model_sha256"]:
        assert result["model_sha256"] in page.cells
    shown = sum(m in result["methods"] for m in ("linear", "regression", "gaussian", "model")) or 1
    assert len(page.pictures) == min(result["sequences"], 3) * (3 + shown), len(page.pictures)
else:
    for row in result["places"] + [result]:
        for key in ("f1_cloud", "f1_clear", "mean_f1", "precision", "recall", "f1_shadow", "precision_shadow",
                    "recall_shadow"):
            has(row[key], 4)
        has(row["pixels"], 0)
    assert all(place["name"] in page.cells for place in result["places"])
    assert result["detect"]["model_sha256"] in page.cells
    assert len(page.pictures) % 3 == 0 and len(page.pictures) <= 9
