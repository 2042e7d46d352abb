/* SPDX-License-Identifier: MIT */
#include "core/prior.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/field.h"
#include "core/hot.h"
#include "core/missing.h"
#include "core/robust_ridge.h"
#include "core/samples.h"
#include "core/select.h"
#include "core/spread.h"

#define BLOCK CLV_FIELD_BLOCK
#define LARGEST 1.5f          /* reflectance of a result */
#define LEVEL_SHRINK 1e-4     /* step 2: toward the interpolation itself */
#define VARIANCE 0.02         /* step 3: the strength is in units of this */
#define OWN_SHRINK 0.05       /* step 3: the date's own step 2 is held less */
#define CONSTANT_SHRINK 1e-6
#define LEAST_PIXELS 50       /* below this nothing is learned, whatever min_pixels says */
#define SPREAD_REST 1e-3      /* weight of "no residual" */
#define LEAD_BANDS 4          /* red, green, blue, NIR: what further bands are regressed on */
#define PASSES 4

_Static_assert(CLV_FIELD_BLOCK == CLV_RIDGE_BLOCK, "lists of pixels and samples share their blocks");

struct clv_prior_work {
    clv_field field;
    clv_ridge_work ridge;
    clv_spread spread;
    clv_buffer learn, learned, scratch, dense, pixels, samples; /* maps and lists */
    clv_buffer level, features, rows, model, weights, left;     /* regressions */
    clv_buffer block, coefficients, products, residual;         /* step 3 and the spreading */
    clv_buffer usable, time_weights;                            /* dates that show too little */
};

/* One call's state. */
typedef struct job {
    clv_prior_work *work;
    const clv_prior_options *options;
    clv_field *f;
    clv_rect roi;
    uint8_t *learn; /* [dates, n] */
    int *learned;   /* [dates] number of pixels with learn */
    float *level;   /* [dates, bands, bands + 1] step 2: bands and constant of step 1 -> each band */
    uint8_t *scratch; /* [n] */
    int *pixels;    /* [n + BLOCK] */
    int *samples;   /* [n + BLOCK] */
    uint8_t *usable; /* [dates] the date shows enough to be learned from */
    double *time_weights; /* [2 * dates] */
    double share;   /* of the line in missing.h; negative: not yet found */
    float *out;
} job;

clv_prior_options clv_prior_options_exact(void)
{
    return (clv_prior_options){.rim = 4, .strength = 1e-3, .min_pixels = 200};
}

clv_prior_options clv_prior_options_fast(void)
{
    return (clv_prior_options){
        .rim = 4, .strength = 1e-3, .min_pixels = 200, .sample_pixels = 4096, .share_weights = true,
        .smooth = true};
}

clv_prior_work *clv_prior_work_new(void)
{
    return calloc(1, sizeof(clv_prior_work));
}

void clv_prior_work_free(clv_prior_work *work)
{
    if (!work)
        return;
    clv_field_free(&work->field);
    clv_ridge_work_free(&work->ridge);
    clv_spread_free(&work->spread);
    clv_buffer *all[] = {&work->learn,    &work->learned, &work->scratch, &work->dense, &work->pixels,   &work->samples,
                         &work->level,    &work->features, &work->rows,   &work->model, &work->weights, &work->left,
                         &work->block,    &work->coefficients, &work->products, &work->residual,
                         &work->usable,   &work->time_weights};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        clv_buffer_free(all[i]);
    free(work);
}

/* ---- Arguments --------------------------------------------------------------------------------- */

static clv_status check_stack(clv_context *ctx, const clv_stack *s, clv_rect roi)
{
    if (s->dates < 1 || s->bands < 1 || s->height < 1 || s->width < 1 || s->bands > CLV_SPREAD_PLANES ||
        s->dates > UINT16_MAX || s->width > (1 << 20) / s->height)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT,
                        "temporal prior: a stack of %d dates, %d bands and %d x %d pixels is out of range; use windows of at "
                        "most 1024 x 1024 pixels and %d bands",
                        s->dates, s->bands, s->width, s->height, CLV_SPREAD_PLANES);
    if (roi.x < 0 || roi.y < 0 || roi.width < 1 || roi.height < 1 || roi.width > s->width - roi.x ||
        roi.height > s->height - roi.y)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "temporal prior: the part %d,%d %d x %d lies outside the stack of %d x %d",
                        roi.x, roi.y, roi.width, roi.height, s->width, s->height);
    for (int t = 0; t < s->dates; t++)
        if (!isfinite(s->days[t]) || (t && s->days[t] < s->days[t - 1]))
            return clv_fail(ctx, CLV_ERROR_ARGUMENT, "temporal prior: dates must be given in ascending order (date %d)", t + 1);
    return CLV_OK;
}

static clv_status out_of_memory(clv_context *ctx)
{
    return clv_fail(ctx, CLV_ERROR_MEMORY, "temporal prior: out of memory; use smaller windows or fewer dates");
}

/* ---- Lists of pixels --------------------------------------------------------------------------- */

/* Fills up the last block by repeating the last pixel. Returns the padded length; count must be at least 1. */
static int pad_list(int *pixels, int count)
{
    int padded = (count + BLOCK - 1) / BLOCK * BLOCK;
    for (int i = count; i < padded; i++)
        pixels[i] = pixels[count - 1];
    return padded;
}

/* Pixels of a rectangle with mask != 0 (NULL: all). */
static int list_rect(const uint8_t *mask, int width, clv_rect r, int *pixels)
{
    int count = 0;
    for (int y = r.y; y < r.y + r.height; y++)
        for (int x = r.x; x < r.x + r.width; x++)
            if (!mask || mask[(size_t)y * width + x])
                pixels[count++] = y * width + x;
    return count;
}

static clv_rect whole(const clv_field *f)
{
    return (clv_rect){0, 0, f->width, f->height};
}

/* ---- Step 2: the date's level ------------------------------------------------------------------ */

CLV_HOT static void apply_level(const float *level, int bands, const float *in, float *out)
{
    for (int c = 0; c < bands; c++) {
        const float *b = level + (size_t)c * (bands + 1);
        float *to = out + (size_t)c * BLOCK;
        for (int i = 0; i < BLOCK; i++)
            to[i] = b[bands];
        for (int k = 0; k < bands; k++)
            for (int i = 0; i < BLOCK; i++)
                to[i] += b[k] * in[k * BLOCK + i];
        for (int i = 0; i < BLOCK; i++)
            to[i] = to[i] < 0 ? 0 : to[i] > LARGEST ? LARGEST : to[i];
    }
}

/* Step 2 at a block of pixels of date t, before its gaps have been filled. out [bands, BLOCK] */
static void level_block(const job *j, int t, const int *pixels, float *out)
{
    float step1[CLV_SPREAD_PLANES * BLOCK];
    clv_field_interpolate(j->f, t, false, pixels, step1);
    apply_level(j->level + (size_t)t * j->f->bands * (j->f->bands + 1), j->f->bands, step1, out);
}

/* The same afterwards: the gaps hold it. */
static void filled_level_block(const job *j, int t, const int *pixels, float *out)
{
    const uint8_t *gap = j->f->gap + (size_t)t * j->f->n;
    int gaps = 0;
    for (int i = 0; i < BLOCK; i++)
        gaps += gap[pixels[i]];
    if (gaps < BLOCK)
        level_block(j, t, pixels, out);
    for (int c = 0; c < j->f->bands && gaps; c++) {
        const float *x = clv_field_plane(j->f, t, c);
        for (int i = 0; i < BLOCK; i++)
            if (gap[pixels[i]])
                out[c * BLOCK + i] = x[pixels[i]];
    }
}

static void identity_level(job *j, int t)
{
    int bands = j->f->bands;
    float *level = j->level + (size_t)t * bands * (bands + 1);
    memset(level, 0, (size_t)bands * (bands + 1) * sizeof *level);
    for (int c = 0; c < bands; c++)
        level[c * (bands + 1) + c] = 1;
}

/* Samples of date t that another date shows as well. 0 when they are too few. */
static int pick_level_samples(job *j, int t)
{
    const clv_field *f = j->f;
    int count = 0;
    for (int i = 0; i < f->n; i++) {
        j->scratch[i] = j->learn[(size_t)t * f->n + i] && clv_field_elsewhere(f, t, i);
        count += j->scratch[i];
    }
    if (count < j->options->min_pixels || count < 1)
        return 0;
    return clv_pick_samples(j->scratch, f->width, f->height, count, j->options->sample_pixels, j->samples);
}

/* Memory of a regression: rows of features and targets, coefficients, weights, misfits. */
typedef struct regression {
    clv_ridge ridge;
    float *values;      /* [regressors + targets, padded] */
    const float **rows; /* pointers into values */
    double *shrink, *toward;
} regression;

static bool hold_regression(clv_prior_work *w, const clv_prior_options *options, int regressors, int targets, int samples,
                            regression *r)
{
    int padded = (samples + BLOCK - 1) / BLOCK * BLOCK, all = regressors + targets;
    size_t coefficients = (size_t)regressors * targets;
    r->values = clv_buffer_hold(&w->features, (size_t)all, (size_t)padded, sizeof *r->values);
    r->rows = clv_buffer_hold(&w->rows, (size_t)all, 1, sizeof *r->rows);
    double *model = clv_buffer_hold(&w->model, 2 * coefficients + (size_t)regressors, 1, sizeof *model);
    float *root = clv_buffer_hold(&w->weights, (size_t)targets, (size_t)padded, sizeof *root);
    float *left = clv_buffer_hold(&w->left, (size_t)targets, (size_t)padded, sizeof *left);
    if (!r->values || !r->rows || !model || !root || !left)
        return false;
    for (int i = 0; i < all; i++)
        r->rows[i] = r->values + (size_t)i * padded;
    r->toward = model + coefficients;
    r->shrink = r->toward + coefficients;
    memset(r->toward, 0, coefficients * sizeof *r->toward);
    r->ridge = (clv_ridge){.samples = samples,
                           .padded = padded,
                           .rows = r->rows,
                           .regressors = regressors,
                           .y = r->rows + regressors,
                           .targets = targets,
                           .shrink = r->shrink,
                           .toward = r->toward,
                           .passes = PASSES,
                           .share = options->share_weights,
                           .median_step = options->sample_pixels > 0 ? 4 : 1,
                           .b = model,
                           .root = root,
                           .left = left};
    return true;
}

static void set_ones(float *row, int n)
{
    for (int i = 0; i < n; i++)
        row[i] = 1;
}

static void gather_targets(const job *j, int t, int padded, float *values)
{
    for (int s = 0; s < padded; s += BLOCK) {
        clv_runs runs;
        clv_field_runs(j->samples + s, &runs);
        for (int c = 0; c < j->f->bands; c++)
            clv_field_gather(clv_field_plane(j->f, t, c), &runs, values + (size_t)c * padded + s);
    }
}

static bool learn_level(job *j, int t)
{
    int bands = j->f->bands, n = bands + 1;
    identity_level(j, t);
    int samples = pick_level_samples(j, t);
    regression r;
    if (!samples)
        return true;
    if (!hold_regression(j->work, j->options, n, bands, samples, &r))
        return false;
    int padded = pad_list(j->samples, samples);
    for (int s = 0; s < padded; s += BLOCK) {
        float block[CLV_SPREAD_PLANES * BLOCK];
        clv_field_interpolate(j->f, t, false, j->samples + s, block);
        for (int c = 0; c < bands; c++)
            memcpy(r.values + (size_t)c * padded + s, block + c * BLOCK, BLOCK * sizeof *block);
    }
    set_ones(r.values + (size_t)bands * padded, padded);
    gather_targets(j, t, padded, r.values + (size_t)n * padded);
    for (int k = 0; k < n; k++)
        r.shrink[k] = LEVEL_SHRINK;
    for (int c = 0; c < bands; c++)
        r.toward[c * n + c] = 1;
    if (!clv_robust_ridge(&j->work->ridge, &r.ridge))
        return false;
    float *level = j->level + (size_t)t * bands * n;
    for (int k = 0; k < bands * n; k++)
        level[k] = (float)r.ridge.b[k];
    return true;
}

/* Puts step 2 into the gaps of date t. */
static void fill_with_level(job *j, int t)
{
    clv_field *f = j->f;
    int count = list_rect(f->gap + (size_t)t * f->n, f->width, whole(f), j->pixels);
    if (!count)
        return;
    pad_list(j->pixels, count);
    for (int s = 0; s < count; s += BLOCK) {
        float block[CLV_SPREAD_PLANES * BLOCK];
        level_block(j, t, j->pixels + s, block);
        int end = count - s < BLOCK ? count - s : BLOCK;
        for (int c = 0; c < f->bands; c++) {
            float *x = clv_field_own(f, t, c);
            for (int i = 0; i < end; i++)
                x[j->pixels[s + i]] = block[c * BLOCK + i];
        }
    }
}

/* ---- Step 3: regression on all dates ----------------------------------------------------------- */

/* Regressors of a date: `lead` bands of every other date, its own step 2 in all bands, the constant; behind these, for each
 * further band, that band of every other date. */
typedef struct layout {
    int others, lead, bands;
    int common; /* others * lead + bands + 1 */
    int all;    /* with the further bands' */
} layout;

static layout layout_of(const job *j)
{
    layout l = {.others = j->f->dates - 1, .bands = j->f->bands};
    l.lead = j->options->share_weights && l.bands > LEAD_BANDS ? LEAD_BANDS : l.bands;
    l.common = l.others * l.lead + l.bands + 1;
    l.all = l.common + l.others * (l.bands - l.lead);
    return l;
}

/* A block's regressors, `stride` floats from row to row. */
static void gather_features(const job *j, const layout *l, int t, const int *pixels, float *rows, size_t stride)
{
    clv_runs runs;
    clv_field_runs(pixels, &runs);
    for (int c = 0; c < l->bands; c++)
        for (int u = 0, k = 0; u < j->f->dates; u++) {
            if (u == t)
                continue;
            int row = c < l->lead ? k * l->lead + c : l->common + (c - l->lead) * l->others + k;
            clv_field_gather(clv_field_plane(j->f, u, c), &runs, rows + row * stride);
            k++;
        }
    float own[CLV_SPREAD_PLANES * BLOCK];
    int first = l->others * l->lead;
    filled_level_block(j, t, pixels, own);
    for (int c = 0; c < l->bands; c++)
        memcpy(rows + (first + c) * stride, own + c * BLOCK, BLOCK * sizeof *own);
    set_ones(rows + (first + l->bands) * stride, BLOCK);
}

/* What step 3 has learned of a date. */
typedef struct model {
    layout l;
    float *lead;    /* [lead, common] */
    float *further; /* [bands - lead, common + others] */
    double limit;   /* residuals beyond are clipped before they are spread */
} model;

static bool hold_model(job *j, model *m)
{
    const layout *l = &m->l;
    size_t lead = (size_t)l->lead * l->common, further = (size_t)(l->bands - l->lead) * (l->common + l->others);
    m->lead = clv_buffer_hold(&j->work->coefficients, lead + further, 1, sizeof *m->lead);
    m->further = m->lead ? m->lead + lead : NULL;
    return m->lead && clv_buffer_hold(&j->work->block, (size_t)l->all, BLOCK, sizeof(float));
}

static void fill_shrink(const job *j, const layout *l, int n, double *shrink)
{
    int own = l->others * l->lead;
    for (int k = 0; k < n; k++)
        shrink[k] = j->options->strength * VARIANCE;
    for (int c = 0; c < l->bands; c++)
        shrink[own + c] *= OWN_SHRINK;
    shrink[own + l->bands] = CONSTANT_SHRINK;
}

/* The bands behind the leading ones: the weights are there, the common part of the equations is shared. Only the rows that a
 * band adds, the other dates in this band and its target, are multiplied anew. */
static bool learn_further_bands(job *j, const regression *r, model *m)
{
    const layout *l = &m->l;
    int n = l->common + l->others, added = l->others + 1, padded = r->ridge.padded;
    clv_ridge_work *ridge = &j->work->ridge;
    double *store = clv_buffer_hold(&j->work->products,
                                    (size_t)l->common * l->common + (size_t)added * (n + 1) + (size_t)n * (n + 5), 1,
                                    sizeof *store);
    const float **rows = malloc((size_t)(n + 1) * sizeof *rows);
    bool done = false;
    if (!store || !rows)
        goto cleanup;
    double *common = store, *extra = common + (size_t)l->common * l->common, *gram = extra + (size_t)added * (n + 1);
    double *right = gram + (size_t)n * n, *shrink = right + n, *toward = shrink + n, *b = toward + n;
    memcpy(rows, r->rows, (size_t)l->common * sizeof *rows);
    if (!clv_weighted_products(ridge, rows, l->common, rows, l->common, r->ridge.root, padded, common))
        goto cleanup;
    double weight = common[(size_t)l->common * l->common - 1]; /* the constant with itself */
    fill_shrink(j, l, n, shrink);
    for (int c = l->lead; c < l->bands; c++) {
        for (int k = 0; k < l->others; k++)
            rows[l->common + k] = r->rows[l->common + (c - l->lead) * l->others + k];
        rows[n] = r->values + (size_t)(l->all + c) * padded;
        if (!clv_weighted_products(ridge, rows + l->common, added, rows, n + 1, r->ridge.root, padded, extra))
            goto cleanup;
        for (int i = 0; i < l->common; i++)
            memcpy(gram + (size_t)i * n, common + (size_t)i * l->common, (size_t)l->common * sizeof *gram);
        for (int i = 0; i < l->others; i++)
            for (int k = 0; k < n; k++)
                gram[(size_t)(l->common + i) * n + k] = gram[(size_t)k * n + l->common + i] = extra[(size_t)i * (n + 1) + k];
        memcpy(right, extra + (size_t)l->others * (n + 1), (size_t)n * sizeof *right);
        memset(toward, 0, (size_t)n * sizeof *toward);
        toward[l->others * l->lead + c] = 1;
        if (!clv_ridge_solve(ridge, gram, n, right, 1, shrink, toward, weight, b))
            goto cleanup;
        for (int k = 0; k < n; k++)
            m->further[(size_t)(c - l->lead) * n + k] = (float)b[k];
    }
    done = true;
cleanup:
    free(rows);
    return done;
}

/* What a residual may be: a few times the usual one, of all bands together. */
static bool find_limit(job *j, const regression *r, model *m)
{
    size_t count = (size_t)r->ridge.samples * r->ridge.targets;
    float *all = clv_buffer_hold(&j->work->residual, count, 1, sizeof *all);
    if (!all)
        return false;
    int n = 0;
    for (int c = 0; c < r->ridge.targets; c++)
        for (int s = 0; s < r->ridge.samples; s += r->ridge.median_step)
            all[n++] = fabsf(r->ridge.left[(size_t)c * r->ridge.padded + s]);
    m->limit = 2 * (1.5 * clv_median(all, n) + 1e-3);
    return true;
}

static bool learn_date(job *j, int t, model *m)
{
    const layout *l = &m->l;
    int samples = clv_pick_samples(j->learn + (size_t)t * j->f->n, j->f->width, j->f->height, j->learned[t],
                                   j->options->sample_pixels, j->samples);
    int padded = pad_list(j->samples, samples);
    regression r;
    if (!hold_model(j, m) || !hold_regression(j->work, j->options, l->all, l->bands, samples, &r))
        return false;
    for (int s = 0; s < padded; s += BLOCK)
        gather_features(j, l, t, j->samples + s, r.values + s, (size_t)padded);
    gather_targets(j, t, padded, r.values + (size_t)l->all * padded);
    r.ridge.regressors = l->common;
    r.ridge.targets = l->lead;
    fill_shrink(j, l, l->common, r.shrink);
    for (int c = 0; c < l->lead; c++)
        r.toward[(size_t)c * l->common + l->others * l->lead + c] = 1;
    if (!clv_robust_ridge(&j->work->ridge, &r.ridge) || !find_limit(j, &r, m))
        return false;
    for (int k = 0; k < l->lead * l->common; k++)
        m->lead[k] = (float)r.ridge.b[k];
    return l->lead == l->bands || learn_further_bands(j, &r, m);
}

CLV_HOT static void add_rows(const float *b, int count, const float *rows, float *sum)
{
    for (int k = 0; k < count; k++)
        for (int i = 0; i < BLOCK; i++)
            sum[i] += b[k] * rows[(size_t)k * BLOCK + i];
}

/* The model at a block of pixels of date t. out [bands, BLOCK] */
static void predict_block(const job *j, const model *m, int t, const int *pixels, float *out)
{
    const layout *l = &m->l;
    float *rows = j->work->block.data;
    gather_features(j, l, t, pixels, rows, BLOCK);
    memset(out, 0, (size_t)l->bands * BLOCK * sizeof *out);
    for (int c = 0; c < l->lead; c++)
        add_rows(m->lead + (size_t)c * l->common, l->common, rows, out + (size_t)c * BLOCK);
    for (int c = l->lead; c < l->bands; c++) {
        const float *b = m->further + (size_t)(c - l->lead) * (l->common + l->others);
        float *sum = out + (size_t)c * BLOCK;
        add_rows(b, l->common, rows, sum);
        add_rows(b + l->common, l->others, rows + (size_t)(l->common + (c - l->lead) * l->others) * BLOCK, sum);
    }
}

/* ---- Step 4: what is left around a gap, carried into it ---------------------------------------- */

/* The part of the stack whose residuals reach the listed pixels. */
static clv_rect reach_of(const clv_field *f, const int *pixels, int count)
{
    int x0 = f->width, x1 = 0, y0 = pixels[0] / f->width, y1 = pixels[count - 1] / f->width;
    for (int i = 0; i < count; i++) {
        int x = pixels[i] % f->width;
        x0 = x < x0 ? x : x0;
        x1 = x > x1 ? x : x1;
    }
    clv_rect r = {x0 - CLV_SPREAD_REACH, y0 - CLV_SPREAD_REACH, x1 - x0 + 1 + 2 * CLV_SPREAD_REACH,
                  y1 - y0 + 1 + 2 * CLV_SPREAD_REACH};
    return clv_rect_intersect(r, whole(f));
}

/* Residuals of the learnable pixels of date t in `part`, made ready for spreading. */
static bool gather_residuals(job *j, const model *m, int t, clv_rect part)
{
    const clv_field *f = j->f;
    size_t area = (size_t)part.width * part.height;
    float *left = clv_buffer_hold(&j->work->residual, area * (size_t)f->bands + (area + 3) / 4, 1, sizeof *left);
    if (!left || !clv_spread_begin(&j->work->spread, part.width, part.height, f->bands))
        return false;
    uint8_t *known = (uint8_t *)(left + area * (size_t)f->bands);
    memset(known, 0, area);
    int count = list_rect(j->learn + (size_t)t * f->n, f->width, part, j->samples);
    if (count)
        pad_list(j->samples, count);
    float limit = (float)m->limit;
    for (int s = 0; s < count; s += BLOCK) {
        float block[CLV_SPREAD_PLANES * BLOCK];
        predict_block(j, m, t, j->samples + s, block);
        int end = count - s < BLOCK ? count - s : BLOCK;
        for (int i = 0; i < end; i++) {
            int p = j->samples[s + i];
            size_t at = (size_t)(p / f->width - part.y) * part.width + (p % f->width - part.x);
            known[at] = 1;
            for (int c = 0; c < f->bands; c++) {
                float d = clv_field_plane(f, t, c)[p] - block[c * BLOCK + i];
                left[c * area + at] = d < -limit ? -limit : d > limit ? limit : d;
            }
        }
    }
    clv_spread_fill(&j->work->spread, known, left);
    return true;
}

static float in_range(double v)
{
    return v > 0 ? v < LARGEST ? (float)v : LARGEST : 0.0f; /* NaN becomes 0 */
}

static float *out_plane(const job *j, int t, int c)
{
    return j->out + ((size_t)t * j->f->bands + c) * j->roi.width * j->roi.height;
}

static void write_pixel(job *j, int t, int pixel, int c, double value)
{
    int x = pixel % j->f->width - j->roi.x, y = pixel / j->f->width - j->roi.y;
    out_plane(j, t, c)[(size_t)y * j->roi.width + x] = in_range(value);
}

static bool predict_list(job *j, const model *m, int t, int count)
{
    const clv_field *f = j->f;
    clv_rect part = reach_of(f, j->pixels, count);
    if (!gather_residuals(j, m, t, part))
        return false;
    pad_list(j->pixels, count);
    for (int s = 0; s < count; s += BLOCK) {
        float block[CLV_SPREAD_PLANES * BLOCK];
        predict_block(j, m, t, j->pixels + s, block);
        int end = count - s < BLOCK ? count - s : BLOCK;
        for (int i = 0; i < end; i++) {
            double sum[CLV_SPREAD_PLANES];
            int p = j->pixels[s + i];
            double total = clv_spread_at(&j->work->spread, p % f->width - part.x, p / f->width - part.y, false, sum);
            for (int c = 0; c < f->bands; c++)
                write_pixel(j, t, p, c, block[c * BLOCK + i] + sum[c] / (total + SPREAD_REST));
        }
    }
    return true;
}

/* ---- A call ------------------------------------------------------------------------------------ */

static void write_observed(job *j, const clv_stack *stack, int t)
{
    const uint8_t *gap = j->f->gap + (size_t)t * j->f->n;
    for (int c = 0; c < j->f->bands; c++) {
        const float *x = stack->x + ((size_t)t * j->f->bands + c) * j->f->n;
        float *out = out_plane(j, t, c);
        for (int y = 0; y < j->roi.height; y++) {
            size_t from = (size_t)(y + j->roi.y) * j->f->width + j->roi.x;
            for (int i = 0; i < j->roi.width; i++)
                if (!gap[from + i])
                    out[(size_t)y * j->roi.width + i] = x[from + i];
        }
    }
}

/* The listed pixels of date t get what `block` says of them. */
typedef void (*block_function)(const job *j, int t, const int *pixels, float *out);

static void write_list(job *j, int t, int count, block_function predict)
{
    if (count)
        pad_list(j->pixels, count);
    for (int s = 0; s < count; s += BLOCK) {
        float block[CLV_SPREAD_PLANES * BLOCK];
        predict(j, t, j->pixels + s, block);
        for (int i = 0; i < BLOCK && s + i < count; i++)
            for (int c = 0; c < j->f->bands; c++)
                write_pixel(j, t, j->pixels[s + i], c, block[c * BLOCK + i]);
    }
}

static void interpolate_gaps(const job *j, int t, const int *pixels, float *out)
{
    clv_field_interpolate(j->f, t, true, pixels, out);
}

static void interpolate_others(const job *j, int t, const int *pixels, float *out)
{
    clv_field_interpolate(j->f, t, false, pixels, out);
}

static void blend_dates(const job *j, int t, const int *pixels, float *out)
{
    (void)t;
    clv_missing_block(j->f, j->time_weights, pixels, out);
}

/* Step 2 where too little of a date is seen to learn from; smoothed in time when that is asked for. */
static void predict_missing(job *j, int t, int count)
{
    const clv_field *f = j->f;
    double *linear = j->time_weights, *line = linear + f->dates;
    if (j->options->smooth && j->share < 0)
        j->share = clv_missing_share(f, j->usable, j->time_weights);
    if (!j->options->smooth || !clv_missing_weights(f->days, j->usable, f->dates, t, linear, line)) {
        write_list(j, t, count, filled_level_block);
        return;
    }
    for (int u = 0; u < f->dates; u++)
        linear[u] += j->share * (line[u] - linear[u]);
    write_list(j, t, count, blend_dates);
}

static int list_targets(job *j, int t, bool full)
{
    return list_rect(full ? NULL : j->f->gap + (size_t)t * j->f->n, j->f->width, j->roi, j->pixels);
}

static bool predict_date(job *j, const clv_stack *stack, int t)
{
    if (!j->options->full)
        write_observed(j, stack, t);
    int count = list_targets(j, t, j->options->full);
    if (!count)
        return true;
    if (!j->usable[t]) {
        predict_missing(j, t, count);
        return true;
    }
    model m = {.l = layout_of(j)};
    if (!learn_date(j, t, &m))
        return false;
    return predict_list(j, &m, t, list_targets(j, t, j->options->full));
}

static bool begin_job(job *j, const clv_stack *stack)
{
    clv_prior_work *w = j->work;
    j->f = &w->field;
    if (!clv_field_load(j->f, stack))
        return false;
    size_t n = (size_t)j->f->n, dates = (size_t)stack->dates, bands = (size_t)stack->bands;
    j->learn = clv_buffer_hold(&w->learn, dates, n, 1);
    j->learned = clv_buffer_hold(&w->learned, dates, 1, sizeof *j->learned);
    j->level = clv_buffer_hold(&w->level, dates, bands * (bands + 1), sizeof *j->level);
    j->scratch = clv_buffer_hold(&w->scratch, n, 1, 1);
    j->pixels = clv_buffer_hold(&w->pixels, n + BLOCK, 1, sizeof *j->pixels);
    j->samples = clv_buffer_hold(&w->samples, n + BLOCK, 1, sizeof *j->samples);
    j->usable = clv_buffer_hold(&w->usable, dates, 1, 1);
    j->time_weights = clv_buffer_hold(&w->time_weights, dates, 2, sizeof *j->time_weights);
    j->share = -1;
    return j->learn && j->learned && j->level && j->scratch && j->pixels && j->samples && j->usable && j->time_weights;
}

/* Steps 1 and 2 of every date that has a gap anywhere: the other dates are regressed on them. */
static bool fill_all(job *j, const uint8_t *wanted)
{
    clv_field *f = j->f;
    for (int t = 0; t < f->dates; t++) {
        const uint8_t *gap = f->gap + (size_t)t * f->n;
        bool target = j->options->full && (!wanted || wanted[t]);
        j->usable[t] = 1;
        if (!target && !memchr(gap, 1, (size_t)f->n))
            continue;
        j->learned[t] = clv_learnable(gap, f->width, f->height, j->options->rim, j->options->min_pixels,
                                      j->learn + (size_t)t * f->n, j->scratch);
        j->usable[t] = j->learned[t] >= j->options->min_pixels && j->learned[t] >= LEAST_PIXELS;
        if (!clv_field_surround(f, t, false, &j->work->spread, &j->work->dense) || !learn_level(j, t))
            return false;
        fill_with_level(j, t);
    }
    return true;
}

clv_status clv_prior(clv_context *ctx, clv_prior_work *work, const clv_prior_options *options, const clv_stack *stack,
                     clv_rect roi, const uint8_t *wanted, float *out)
{
    clv_status status = check_stack(ctx, stack, roi);
    if (status != CLV_OK)
        return status;
    job j = {.work = work, .options = options, .roi = roi, .out = out};
    if (!begin_job(&j, stack) || !fill_all(&j, wanted))
        return out_of_memory(ctx);
    for (int t = 0; t < stack->dates; t++)
        if ((!wanted || wanted[t]) && !predict_date(&j, stack, t))
            return out_of_memory(ctx);
    return CLV_OK;
}

clv_status clv_interpolate(clv_context *ctx, clv_prior_work *work, const clv_stack *stack, clv_rect roi,
                           const uint8_t *wanted, bool full, float *out)
{
    clv_status status = check_stack(ctx, stack, roi);
    if (status != CLV_OK)
        return status;
    job j = {.work = work, .roi = roi, .out = out};
    if (!begin_job(&j, stack))
        return out_of_memory(ctx);
    for (int t = 0; t < stack->dates; t++) {
        if (wanted && !wanted[t])
            continue;
        if (!full)
            write_observed(&j, stack, t);
        int count = list_targets(&j, t, full);
        if (!count)
            continue;
        if (!clv_field_surround(j.f, t, !full, &work->spread, &work->dense))
            return out_of_memory(ctx);
        write_list(&j, t, count, full ? interpolate_others : interpolate_gaps);
    }
    return CLV_OK;
}
