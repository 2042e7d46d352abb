/* SPDX-License-Identifier: MIT
 *
 * The VRT of a date that several inputs make up: each band has the sources of all pieces, and nodata lets the others
 * show through. Sources are those of the pieces' own files, not VRTs in VRTs, and opened unshared, as dates are read
 * by different threads.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_minixml.h>
#include <cpl_string.h>

#include "base/alloc.h"
#include "products/bundle_vrt.h"
#include "raster/gdal_errors.h"
#include "series/same_day_numbers.h"
#include "series/same_day_private.h"

typedef struct whole {
    clv_grid grid;    /* of all pieces; owned */
    clv_rect *places; /* of each, in its pixels */
} whole;

/* ---- Grids ------------------------------------------------------------------------------------- */

bool clv_day_place(const clv_grid *grid, const clv_grid *on, clv_rect *place)
{
    int factor, x, y;
    if (!grid->has_transform || !on->has_transform || !clv_grid_fits(grid, on, &factor, &x, &y) || factor != 1)
        return false;
    *place = (clv_rect){-x, -y, grid->width, grid->height};
    return true;
}

/* grids[0] gives the lattice. */
static clv_status make_whole(clv_context *ctx, const char *name, const clv_grid *grids, int count, whole *w)
{
    w->places = clv_alloc_array(1, (size_t)count, sizeof *w->places);
    if (!w->places || clv_grid_copy(&grids[0], &w->grid) != CLV_OK)
        return clv_fail_memory(ctx);
    double left = 0, top = 0, right = 0, bottom = 0;
    for (int i = 0; i < count; i++) {
        clv_rect *p = &w->places[i];
        if (!clv_day_place(&grids[i], &grids[0], p))
            return clv_fail(ctx, CLV_ERROR_FORMAT, "%s: the files of one day do not lie on one pixel grid", name);
        left = fmin(left, p->x);
        top = fmin(top, p->y);
        right = fmax(right, (double)p->x + p->width);
        bottom = fmax(bottom, (double)p->y + p->height);
    }
    if (right - left > CLV_MAX_SIZE || bottom - top > CLV_MAX_SIZE)
        return clv_fail(ctx, CLV_ERROR_UNSUPPORTED, "%s: the inputs of one day span more than %d pixels", name,
                        CLV_MAX_SIZE);
    for (int i = 0; i < count; i++) {
        w->places[i].x -= (int)left;
        w->places[i].y -= (int)top;
    }
    double *t = w->grid.transform;
    t[0] += left * t[1] + top * t[2];
    t[3] += left * t[4] + top * t[5];
    w->grid.width = (int)(right - left);
    w->grid.height = (int)(bottom - top);
    return CLV_OK;
}

static void clear_whole(whole *w)
{
    clv_grid_clear(&w->grid);
    free(w->places);
}

clv_status clv_day_open(clv_context *ctx, clv_dataset *piece, const clv_open_options *how)
{
    const clv_date_facts *facts = &piece->acquisition[0].facts;
    if (piece->dataset)
        return CLV_OK;
    return facts->vrt ? clv_bundle_open(ctx, facts->vrt, piece->source, &piece->dataset)
                      : clv_raster_open(ctx, piece->source, how, &piece->dataset);
}

/* ---- XML --------------------------------------------------------------------------------------- */

/* The dataset as the tree of a VRT. */
static CPLXMLNode *tree_of(GDALDatasetH ds)
{
    GDALDriverH driver = GDALGetDriverByName("VRT");
    GDALDatasetH copy = driver ? GDALCreateCopy(driver, "", ds, FALSE, NULL, NULL, NULL) : NULL;
    char **xml = copy ? GDALGetMetadata(copy, "xml:VRT") : NULL;
    CPLXMLNode *tree = xml && xml[0] ? CPLParseXMLString(xml[0]) : NULL;
    if (copy)
        GDALClose(copy);
    return tree;
}

static CPLXMLNode *root_of(CPLXMLNode *tree)
{
    return CPLGetXMLNode(tree, "=VRTDataset");
}

static bool is_element(const CPLXMLNode *node, const char *end)
{
    size_t n = strlen(node->pszValue), m = strlen(end);
    return node->eType == CXT_Element && n >= m && strcmp(node->pszValue + n - m, end) == 0;
}

static CPLXMLNode *band_of(CPLXMLNode *root, int number)
{
    for (CPLXMLNode *node = root->psChild; node; node = node->psNext)
        if (is_element(node, "VRTRasterBand") && --number == 0)
            return node;
    return NULL;
}

/* Takes the sources out of a band: a list. */
static CPLXMLNode *take_sources(CPLXMLNode *band)
{
    CPLXMLNode *first = NULL, **end = &first;
    for (CPLXMLNode **at = &band->psChild; *at;) {
        CPLXMLNode *node = *at;
        if (is_element(node, "Source")) {
            *at = node->psNext;
            node->psNext = NULL;
            *end = node;
            end = &node->psNext;
        } else {
            at = &node->psNext;
        }
    }
    return first;
}

static void drop_elements(CPLXMLNode *root, const char *name)
{
    for (CPLXMLNode *node; (node = CPLGetXMLNode(root, name));) {
        CPLRemoveXMLChild(root, node);
        CPLDestroyXMLNode(node);
    }
}

/* A source of a piece moved to its place in the whole; where it has this value (if any) it leaves out its pixels. */
static void place_source(CPLXMLNode *source, clv_rect place, bool has_nodata, double nodata)
{
    clv_vrt_set_number(source, "DstRect.#xOff", CPLAtof(CPLGetXMLValue(source, "DstRect.xOff", "0")) + place.x);
    clv_vrt_set_number(source, "DstRect.#yOff", CPLAtof(CPLGetXMLValue(source, "DstRect.yOff", "0")) + place.y);
    CPLSetXMLValue(source, "SourceFilename.#shared", "0");
    if (!has_nodata)
        return;
    if (strcmp(source->pszValue, "SimpleSource") == 0) {
        CPLFree(source->pszValue);
        source->pszValue = CPLStrdup("ComplexSource");
    }
    if (!CPLGetXMLNode(source, "NODATA"))
        clv_vrt_set_number(source, "NODATA", nodata);
}

static clv_status write_tree(clv_context *ctx, CPLXMLNode *tree, const clv_grid *grid, char **text)
{
    CPLXMLNode *root = root_of(tree);
    char numbers[240];
    const double *t = grid->transform;
    clv_vrt_set_number(root, "#rasterXSize", grid->width);
    clv_vrt_set_number(root, "#rasterYSize", grid->height);
    CPLsnprintf(numbers, sizeof numbers, "%.17g, %.17g, %.17g, %.17g, %.17g, %.17g", t[0], t[1], t[2], t[3], t[4],
                t[5]);
    CPLSetXMLValue(root, "GeoTransform", numbers);
    drop_elements(root, "GCPList");
    drop_elements(root, "MaskBand");
    drop_elements(root, "OverviewList");
    char *xml = CPLSerializeXMLTree(tree);
    *text = clv_strdup(xml);
    CPLFree(xml);
    for (char *c = *text; c && *c; c++) /* one line: a mask's VRT is its name in messages */
        if (*c == '\n')
            *c = ' ';
    return *text ? CLV_OK : clv_fail_memory(ctx);
}

/* ---- Pictures ---------------------------------------------------------------------------------- */

/* What "missing" is in band `number`: of a channel as the date is read, else as the file says. */
static bool nodata_of(const clv_dataset *piece, int number, double *value)
{
    const clv_dataset_acquisition *a = &piece->acquisition[0];
    for (int c = 0; c < a->channels; c++)
        if (a->bands[c].index == number) {
            bool real = a->bands[c].type == CLV_TYPE_FLOAT32 || a->bands[c].type == CLV_TYPE_FLOAT64;
            *value = a->bands[c].has_nodata        ? a->bands[c].nodata
                     : a->bands[c].other_count > 0 ? a->bands[c].other_nodata[0]
                                                   : NAN;
            return a->bands[c].has_nodata || a->bands[c].other_count > 0 || real;
        }
    int has = FALSE;
    *value = GDALGetRasterNoDataValue(GDALGetRasterBand(piece->dataset, number), &has);
    if (!has)
        *value = 0; /* of layers without reflectance: what is drawn below is 0 too */
    return true;
}

/* The channel that a band of the piece is; -1: none. */
static int channel_of(const clv_dataset *piece, int number)
{
    const clv_dataset_acquisition *a = &piece->acquisition[0];
    for (int c = 0; c < a->channels; c++)
        if (a->bands[c].index == number)
            return c;
    return -1;
}

/* Lets the source give other numbers, after those that it makes itself; false where it cannot. */
static bool change_source(CPLXMLNode *source, double ratio, double add)
{
    if (strcmp(source->pszValue, "SimpleSource") == 0) {
        CPLFree(source->pszValue);
        source->pszValue = CPLStrdup("ComplexSource");
    }
    if (strcmp(source->pszValue, "ComplexSource") != 0 || CPLGetXMLNode(source, "LUT") ||
        CPLGetXMLNode(source, "Exponent") || CPLGetXMLNode(source, "ColorTableComponent"))
        return false;
    clv_vrt_set_number(source, "ScaleOffset", CPLAtof(CPLGetXMLValue(source, "ScaleOffset", "0")) * ratio + add);
    clv_vrt_set_number(source, "ScaleRatio", CPLAtof(CPLGetXMLValue(source, "ScaleRatio", "1")) * ratio);
    return true;
}

/* Below a channel: what its 0 is in the new numbers, wherever another channel shows that the pixel is not missing. */
static bool draw_zeros(CPLXMLNode *to, CPLXMLNode *from, const clv_dataset *piece, clv_rect place, int channel,
                       double value)
{
    const clv_dataset_acquisition *a = &piece->acquisition[0];
    bool ok = true;
    for (int c = 0; c < a->channels && ok; c++) {
        CPLXMLNode *own = c == channel ? NULL : band_of(from, a->bands[c].index);
        for (CPLXMLNode *node = own ? own->psChild : NULL; node && ok; node = node->psNext) {
            if (!is_element(node, "Source"))
                continue;
            CPLXMLNode *rest = node->psNext;
            node->psNext = NULL;
            CPLXMLNode *source = CPLCloneXMLTree(node);
            node->psNext = rest;
            place_source(source, place, true, 0);
            ok = change_source(source, 0, value);
            CPLAddXMLChild(to, source);
        }
    }
    return ok;
}

/* The piece's sources into the bands of the whole, above what is there, in the numbers of `reference`; false: the piece
 * is a VRT whose sources cannot be told to give other numbers. */
static bool draw(CPLXMLNode *into, CPLXMLNode *from, const clv_dataset *piece, const clv_dataset *reference,
                 clv_rect place)
{
    int bands = GDALGetRasterCount(piece->dataset);
    bool ok = true;
    for (int b = 1; b <= bands && ok; b++) {
        CPLXMLNode *to = band_of(into, b);
        const int c = channel_of(piece, b);
        clv_day_change change = {.ratio = 1};
        if (to && c >= 0)
            change = clv_day_change_of(&piece->acquisition[0], &reference->acquisition[0], c);
        if (to && change.zero_counts && piece != reference)
            ok = draw_zeros(to, from, piece, place, c, change.add);
    }
    for (int b = 1; b <= bands && ok; b++) {
        CPLXMLNode *to = band_of(into, b), *own = band_of(from, b);
        const int c = channel_of(piece, b);
        clv_day_change change = {.ratio = 1};
        double nodata;
        if (!to || !own)
            continue;
        if (c >= 0)
            change = clv_day_change_of(&piece->acquisition[0], &reference->acquisition[0], c);
        bool has = nodata_of(piece, b, &nodata);
        for (CPLXMLNode *source = take_sources(own), *next; source; source = next) {
            next = source->psNext;
            source->psNext = NULL;
            place_source(source, place, has, nodata);
            if (change.ratio != 1 || change.add != 0)
                ok = change_source(source, change.ratio, change.add) && ok;
            CPLAddXMLChild(to, source);
        }
    }
    return ok;
}

/* A band whose missing value only we know gets it, so that gaps between the pieces hold it; `told`: and scale and
 * offset, as the file's own may be those of another piece. */
static void tell_numbers(CPLXMLNode *root, const clv_dataset *piece, bool told)
{
    const clv_dataset_acquisition *a = &piece->acquisition[0];
    for (int c = 0; c < a->channels; c++) {
        CPLXMLNode *band = band_of(root, a->bands[c].index);
        double value;
        if (band && nodata_of(piece, a->bands[c].index, &value))
            clv_vrt_set_number(band, "NoDataValue", value);
        if (band && told) {
            clv_vrt_set_number(band, "Scale", a->bands[c].scale);
            clv_vrt_set_number(band, "Offset", a->bands[c].offset);
        }
    }
}

static clv_status make_picture(clv_context *ctx, clv_dataset *const *pieces, int count, int first, const whole *w,
                               char **text)
{
    clv_status status = CLV_OK;
    const clv_dataset *reference = pieces[clv_day_reference(pieces, count)];
    bool differ = false;
    for (int i = 0; i < count; i++)
        differ = differ || clv_day_numbers_differ(&pieces[i]->acquisition[0], &reference->acquisition[0]);
    CPLXMLNode *joined = tree_of(pieces[0]->dataset), *root = joined ? root_of(joined) : NULL;
    for (int b = 1; root && b <= GDALGetRasterCount(pieces[0]->dataset); b++)
        CPLDestroyXMLNode(take_sources(band_of(root, b)));
    for (int n = count; n >= 0 && root && status == CLV_OK; n--) { /* the last one drawn is the first that counts */
        int i = n > 0 ? n - 1 : first;
        if (n > 0 && i == first)
            continue;
        CPLXMLNode *tree = tree_of(pieces[i]->dataset);
        if (!tree || !root_of(tree))
            status = clv_fail_memory_for(ctx, pieces[i]->source);
        else if (!draw(root, root_of(tree), pieces[i], reference, w->places[i]))
            status = clv_fail(ctx, CLV_ERROR_UNSUPPORTED,
                              "%s: cannot be brought to the scale and offset of the other inputs of its day, as it is "
                              "a VRT that averages or translates values; make it a file first (gdal_translate)",
                              pieces[i]->source);
        CPLDestroyXMLNode(tree);
    }
    if (!root)
        status = clv_fail_memory_for(ctx, pieces[0]->source);
    if (status == CLV_OK) {
        tell_numbers(root, reference, differ);
        status = write_tree(ctx, joined, &w->grid, text);
    }
    CPLDestroyXMLNode(joined);
    return status;
}

/* ---- Masks ------------------------------------------------------------------------------------- */

/* One mask of the whole out of the opened ones; NULL: none, which counts as clear. */
static clv_status make_mask(clv_context *ctx, const char *name, GDALDatasetH *masks, int count, int band, int first,
                            double nothing, char **text)
{
    clv_grid *grids = clv_alloc_array(1, (size_t)count, sizeof *grids);
    GDALDatasetH *there = clv_alloc_array(1, (size_t)count, sizeof *there);
    CPLXMLNode *joined = NULL;
    whole w = {0};
    int n = 0, top = 0;
    bool all = true;
    clv_status status = grids && there ? CLV_OK : clv_fail_memory(ctx);
    for (int i = 0; i < count && status == CLV_OK; i++) {
        all = all && masks[i];
        if (!masks[i])
            continue;
        if (i == first)
            top = n;
        there[n] = masks[i];
        status = clv_grid_of_dataset(ctx, masks[i], &grids[n++]);
    }
    if (status == CLV_OK)
        status = make_whole(ctx, name, grids, n, &w);
    for (int k = n; k >= 0 && status == CLV_OK; k--) {
        int i = k > 0 ? k - 1 : top, has = FALSE;
        if (k > 0 && i == top)
            continue;
        CPLXMLNode *tree = tree_of(there[i]), *own = tree ? band_of(root_of(tree), band) : NULL;
        if (!own) {
            CPLDestroyXMLNode(tree);
            status = clv_fail(ctx, CLV_ERROR_FORMAT, "%s: a mask of one day has no band %d", name, band);
            break;
        }
        double value = GDALGetRasterNoDataValue(GDALGetRasterBand(there[i], band), &has);
        CPLXMLNode *sources = take_sources(own);
        if (!joined) { /* this band alone of the first tree */
            joined = tree;
            while (CPLGetXMLNode(root_of(tree), "VRTRasterBand") != own)
                CPLRemoveXMLChild(root_of(tree), CPLGetXMLNode(root_of(tree), "VRTRasterBand"));
            while (own->psNext && is_element(own->psNext, "VRTRasterBand"))
                CPLRemoveXMLChild(root_of(tree), own->psNext);
            clv_vrt_set_number(own, "#band", 1);
            drop_elements(own, "NoDataValue");
            if (all && (has || nothing != 0))
                clv_vrt_set_number(own, "NoDataValue", has ? value : nothing);
        } else {
            CPLDestroyXMLNode(tree);
        }
        for (CPLXMLNode *source = sources, *next; source; source = next) {
            next = source->psNext;
            source->psNext = NULL;
            place_source(source, w.places[i], true, has ? value : nothing);
            CPLAddXMLChild(band_of(root_of(joined), 1), source);
        }
    }
    if (status == CLV_OK)
        status = write_tree(ctx, joined, &w.grid, text);
    for (int i = 0; grids && i < n; i++)
        clv_grid_clear(&grids[i]);
    CPLDestroyXMLNode(joined);
    clear_whole(&w);
    free(grids);
    free(there);
    return status;
}

clv_status clv_same_day_join_masks(clv_context *ctx, const char *const *names, int count, const clv_open_options *how,
                                   int band, int first, double nothing, char **vrt)
{
    clv_open_options own = how ? *how : (clv_open_options){0};
    own.overview = CLV_OVERVIEW_NONE;
    GDALDatasetH *masks = clv_alloc_array(1, (size_t)count, sizeof *masks);
    const char *name = "";
    clv_status status = masks ? CLV_OK : clv_fail_memory(ctx);
    for (int i = 0; i < count && status == CLV_OK; i++) {
        if (!names[i])
            continue;
        name = *name ? name : names[i];
        status = clv_raster_open(ctx, names[i], &own, &masks[i]);
    }
    if (status == CLV_OK)
        status = make_mask(ctx, name, masks, count, band, first, nothing, vrt);
    for (int i = 0; masks && i < count; i++)
        if (masks[i])
            GDALClose(masks[i]);
    free(masks);
    return status;
}

/* What a mask says where it knows nothing. */
static double nothing_of(clv_mask_kind kind)
{
    switch (kind) {
    case CLV_MASK_KIND_FMASK:
    case CLV_MASK_KIND_FMASK_CLASSES:
        return 255;
    case CLV_MASK_KIND_LANDSAT_QA:
    case CLV_MASK_KIND_LANDSAT_PIXEL_QA:
    case CLV_MASK_KIND_FORCE_QAI:
        return 1;
    default:
        return 0;
    }
}

/* Whether every piece has such a mask, and names[] of their files (a band of the date's own: NULL). */
static bool find_masks(clv_dataset *const *pieces, int count, int m, const char **names)
{
    const clv_date_mask *mask = &pieces[0]->acquisition[0].facts.masks[m];
    for (int i = 0; i < count; i++) {
        const clv_date_facts *facts = &pieces[i]->acquisition[0].facts;
        const clv_date_mask *own = &facts->masks[m];
        if (m >= facts->mask_count || own->kind != mask->kind || own->band != mask->band || !own->name != !mask->name)
            return false;
        names[i] = own->name;
    }
    return true;
}

static double mean_of(double a, double weight_a, double b, double weight_b)
{
    return !(weight_b > 0) ? a : !(weight_a > 0) ? b : (a * weight_a + b * weight_b) / (weight_a + weight_b);
}

/* What is known of the values of a mask's parts, as that of the whole. */
static void join_values(clv_date_mask *mask, const clv_date_mask *part)
{
    clv_mask_values *v = &mask->values;
    const clv_mask_values *w = &part->values;
    if (!part->sampled || w->count == 0)
        return;
    if (!mask->sampled || v->count == 0) {
        *v = *w;
        mask->sampled = true;
        return;
    }
    double n = v->count, m = w->count;
    v->most = fmax(v->most, w->most);
    v->bright_0 = mean_of(v->bright_0, n * v->share_0, w->bright_0, m * w->share_0);
    v->bright = mean_of(v->bright, n * (1 - v->share_0), w->bright, m * (1 - w->share_0));
    v->share_0 = (v->share_0 * n + w->share_0 * m) / (n + m);
    v->share_1 = (v->share_1 * n + w->share_1 * m) / (n + m);
    v->smallest = fmin(v->smallest, w->smallest);
    v->largest = fmax(v->largest, w->largest);
    v->whole = v->whole && w->whole;
    v->count += w->count;
}

/* One mask of the pieces becomes the whole's; false: it cannot be joined. */
static bool join_own_mask(clv_dataset *const *pieces, int count, const clv_open_options *how, int m, int first,
                          const char **names)
{
    clv_date_mask *mask = &pieces[0]->acquisition[0].facts.masks[m];
    if (!find_masks(pieces, count, m, names))
        return false;
    if (mask->name) {
        char *vrt = NULL;
        clv_context *quiet = clv_context_new();
        bool joined = quiet && clv_same_day_join_masks(quiet, names, count, how, mask->band, first,
                                                       nothing_of(mask->kind), &vrt) == CLV_OK;
        clv_context_free(quiet);
        if (!joined)
            return false;
        free(mask->name);
        mask->name = vrt;
        mask->band = 1;
    }
    for (int i = 1; i < count; i++)
        join_values(mask, &pieces[i]->acquisition[0].facts.masks[m]);
    return true;
}

/* The products' own masks: those that all pieces have. */
static clv_status join_own_masks(clv_context *ctx, clv_dataset *const *pieces, int count, const clv_open_options *how,
                                 int first)
{
    clv_date_facts *facts = &pieces[0]->acquisition[0].facts;
    const char **names = clv_alloc_array(1, (size_t)count, sizeof(const char *));
    int most = 0;
    if (!names)
        return clv_fail_memory(ctx);
    for (int i = 0; i < count; i++)
        most = pieces[i]->acquisition[0].facts.mask_count > most ? pieces[i]->acquisition[0].facts.mask_count : most;
    for (int m = facts->mask_count - 1; m >= 0; m--)
        if (!join_own_mask(pieces, count, how, m, first, names))
            clv_date_facts_drop_mask(facts, m);
    if (facts->mask_count < most)
        clv_warn(ctx,
                 "%s: the inputs of this day do not all have masks of one kind and grid; they are left out: give -scl "
                 "or -mask",
                 pieces[0]->source);
    free((void *)names);
    return CLV_OK;
}

/* ---- The whole --------------------------------------------------------------------------------- */

clv_status clv_day_make(clv_context *ctx, clv_dataset *const *pieces, int count, const clv_open_options *how, int first)
{
    whole w = {0};
    char *text = NULL;
    clv_dataset *joined = pieces[0];
    clv_date_facts *facts = &joined->acquisition[0].facts;
    clv_grid *grids = clv_alloc_array(1, (size_t)count, sizeof *grids);
    clv_status status = grids ? CLV_OK : clv_fail_memory(ctx);
    for (int i = 0; i < count && status == CLV_OK; i++) {
        grids[i] = pieces[i]->grid; /* borrowed */
        facts->packed = facts->packed || pieces[i]->acquisition[0].facts.packed;
        status = clv_day_open(ctx, pieces[i], how);
    }
    if (status == CLV_OK)
        status = make_whole(ctx, joined->source, grids, count, &w);
    if (status == CLV_OK)
        status = make_picture(ctx, pieces, count, first, &w, &text);
    if (status == CLV_OK)
        status = join_own_masks(ctx, pieces, count, how, first);
    for (int i = 0; i < count; i++)
        if (pieces[i]->dataset) {
            GDALClose(pieces[i]->dataset);
            pieces[i]->dataset = NULL;
        }
    if (status == CLV_OK) {
        clv_day_take_numbers(pieces, count);
        size_t used = strlen(facts->bands_how);
        free(facts->vrt);
        facts->vrt = text;
        facts->overview = CLV_OVERVIEW_NONE;
        text = NULL;
        clv_grid_clear(&joined->grid);
        joined->grid = w.grid;
        w.grid = (clv_grid){0};
        snprintf(facts->bands_how + used, sizeof facts->bands_how - used, "; %d inputs of the day joined", count);
        GDALDatasetH opened = NULL;
        status = clv_bundle_open(ctx, facts->vrt, joined->source, &opened);
        if (opened)
            GDALClose(opened);
    }
    free(text);
    clear_whole(&w);
    free(grids);
    return status;
}
