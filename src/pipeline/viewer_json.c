/* SPDX-License-Identifier: MIT */
#include "pipeline/viewer_json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <ogr_srs_api.h>

#include "base/alloc.h"
#include "formats/json.h"
#include "pipeline/report.h"
#include "raster/paths.h"

static const char *const kinds[] = {"input", "clear", "mask", "quality", "thumb"};

void clv_viewer_picture_name(int t, clv_picture kind, char name[40])
{
    snprintf(name, 40, "pictures/%03d_%s.png", t, kinds[kind]);
}

/* ---- Links ----------------------------------------------------------------------------------------- */

char *clv_viewer_href(const char *folder, const char *path)
{
    size_t same = 0; /* bytes of the folders that both have in common, with the slash */
    size_t length = strlen(folder);
    for (size_t i = 0; i <= length && path[i]; i++) {
        char f = i < length ? folder[i] : '/';
        if (f != path[i])
            break;
        if (f == '/')
            same = i + 1;
    }
    size_t up = same < length;
    for (size_t i = same; i < length; i++)
        up += folder[i] == '/';
    size_t size;
    if (!clv_size_mul(strlen(path + same), 3, &size))
        return NULL;
    char *href = malloc(3 * up + size + 3), *to = href;
    if (!href)
        return NULL;
    for (size_t i = 0; i < up; i++, to += 3)
        memcpy(to, "../", 3);
    if (!up) {
        memcpy(to, "./", 2); /* a name with a colon would look like a scheme */
        to += 2;
    }
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
    static const char digits[] = "0123456789ABCDEF";
    for (const char *from = path + same; *from; from++) {
        unsigned char byte = (unsigned char)*from;
        if (strchr(plain, byte)) {
            *to++ = (char)byte;
        } else {
            *to++ = '%';
            *to++ = digits[byte >> 4];
            *to++ = digits[byte & 15];
        }
    }
    *to = '\0';
    return href;
}

/* ---- Members --------------------------------------------------------------------------------------- */

/* NaN becomes null; shares are rounded to what a person reads. */
static void share(clv_json_writer *w, const char *key, double value)
{
    clv_jw_key(w, key);
    clv_jw_number(w, round(value * 1e4) / 1e4);
}

/* Name of the unit of the geotransform; "" when there is none. */
static void unit_of(const clv_grid *grid, char unit[64])
{
    unit[0] = '\0';
    if (!grid->has_transform || !grid->wkt)
        return;
    OGRSpatialReferenceH crs = OSRNewSpatialReference(grid->wkt);
    char *name = NULL;
    if (crs && OSRIsGeographic(crs))
        snprintf(unit, 64, "degree");
    else if (crs && OSRGetLinearUnits(crs, &name) > 0 && name)
        snprintf(unit, 64, "%s", name);
    OSRDestroySpatialReference(crs);
}

static void write_grid(clv_json_writer *w, const clv_grid *grid)
{
    char text[200], unit[64];
    clv_grid_crs_name(grid, text, sizeof text);
    clv_jw_put_string(w, "crs", grid->wkt ? text : NULL);
    clv_grid_describe(grid, text, sizeof text);
    unit_of(grid, unit);
    clv_jw_key(w, "grid");
    clv_jw_object(w);
    clv_jw_key(w, "width");
    clv_jw_integer(w, grid->width);
    clv_jw_key(w, "height");
    clv_jw_integer(w, grid->height);
    clv_report_transform(w, "geotransform", grid);
    clv_jw_put_string(w, "unit", *unit ? unit : NULL);
    clv_jw_key(w, "pixel_m");
    clv_jw_number(w, grid->pixel_m > 0 ? grid->pixel_m : NAN);
    clv_jw_put_string(w, "text", text);
    clv_jw_end(w);
}

static void write_checks(clv_json_writer *w, const clv_viewer_data *view)
{
    static const char *const states[] = {"ok", "note", "warning"};
    clv_jw_key(w, "guidance");
    clv_jw_array(w);
    for (int i = 0; i < view->check_count; i++) {
        const clv_check *c = &view->checks[i];
        clv_jw_object(w);
        clv_jw_put_string(w, "name", c->name);
        clv_jw_put_string(w, "state", states[c->state]);
        clv_jw_put_string(w, "text", c->text);
        clv_jw_put_string(w, "advice", c->advice[0] ? c->advice : NULL);
        clv_jw_end(w);
    }
    clv_jw_end(w);
}

static void write_settings(clv_json_writer *w, const clv_viewer_data *view)
{
    clv_jw_key(w, "settings");
    clv_jw_array(w);
    for (int i = 0; i < view->setting_count; i++) {
        clv_jw_object(w);
        clv_jw_put_string(w, "name", view->settings[i].name);
        clv_jw_put_string(w, "value", view->settings[i].value);
        clv_jw_end(w);
    }
    clv_jw_end(w);
}

static bool write_file(clv_json_writer *w, const clv_viewer_data *view, const clv_viewer_file *file, bool named)
{
    char *href = clv_viewer_href(view->folder, file->path);
    if (!href)
        return false;
    clv_jw_object(w);
    if (named)
        clv_jw_put_string(w, "what", file->what);
    clv_jw_put_string(w, "href", href);
    clv_jw_put_string(w, "name", clv_path_name(file->path));
    clv_jw_key(w, "bytes");
    clv_jw_number(w, file->bytes > 0 ? file->bytes : NAN);
    clv_jw_end(w);
    free(href);
    return true;
}

static bool write_date(clv_json_writer *w, const clv_viewer_data *view, int t)
{
    const clv_viewer_date *d = &view->dates[t];
    const clv_viewer_file *output = NULL;
    bool complete = true;
    clv_jw_object(w);
    clv_jw_put_string(w, "date", d->date);
    clv_jw_put_string(w, "stem", d->stem);
    clv_jw_put_string(w, "source", d->source);
    share(w, "cloud", d->cloud);
    share(w, "shadow", d->shadow);
    share(w, "missing", d->missing);
    share(w, "filled", d->filled);
    share(w, "never", d->never);
    clv_jw_key(w, "images");
    clv_jw_object(w);
    for (int k = 0; k < CLV_PICTURE_KINDS; k++) {
        char name[40];
        clv_viewer_picture_name(t, (clv_picture)k, name);
        clv_jw_put_string(w, kinds[k], name);
    }
    clv_jw_end(w);
    for (int i = 0; i < d->file_count; i++)
        if (strcmp(d->files[i].what, "output") == 0 && d->files[i].path)
            output = &d->files[i];
    clv_jw_key(w, "output");
    if (output)
        complete = write_file(w, view, output, false);
    else
        clv_jw_null(w);
    clv_jw_key(w, "extra");
    clv_jw_array(w);
    for (int i = 0; i < d->file_count && complete; i++)
        if (strcmp(d->files[i].what, "output") != 0 && d->files[i].path)
            complete = write_file(w, view, &d->files[i], true);
    clv_jw_end(w);
    clv_jw_end(w);
    return complete;
}

char *clv_viewer_json(const clv_viewer_data *view)
{
    clv_json_writer w = {0};
    bool complete = true;
    clv_jw_object(&w);
    clv_jw_put_string(&w, "version", clv_version());
    clv_jw_put_string(&w, "title", view->title);
    write_grid(&w, view->grid);
    clv_pictures_describe(view->pictures, &w);
    write_checks(&w, view);
    write_settings(&w, view);
    clv_jw_key(&w, "dates");
    clv_jw_array(&w);
    for (int t = 0; t < view->date_count && complete; t++)
        complete = write_date(&w, view, t);
    clv_jw_end(&w);
    clv_jw_end(&w);
    char *json = clv_jw_take(&w);
    if (complete)
        return json;
    free(json);
    return NULL;
}

/* U+2028 and U+2029 end a line in old scripts but not in JSON; "<" could end a script that somebody puts into a page.
 */
char *clv_viewer_script(const char *json)
{
    static const char head[] = "window.clearvisionSeries = ", tail[] = ";\n";
    size_t size;
    if (!clv_size_mul(strlen(json), 6, &size))
        return NULL;
    char *script = malloc(sizeof head + size + sizeof tail), *to = script;
    if (!script)
        return NULL;
    memcpy(to, head, sizeof head - 1);
    to += sizeof head - 1;
    for (const char *from = json; *from; from++) {
        if (*from == '<') {
            memcpy(to, "\\u003c", 6);
            to += 6;
        } else if (strncmp(from, "\xe2\x80\xa8", 3) == 0 || strncmp(from, "\xe2\x80\xa9", 3) == 0) {
            memcpy(to, from[2] == '\xa8' ? "\\u2028" : "\\u2029", 6);
            to += 6;
            from += 2;
        } else {
            *to++ = *from;
        }
    }
    memcpy(to, tail, sizeof tail);
    return script;
}
