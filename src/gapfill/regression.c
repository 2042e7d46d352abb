/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "base/cpu_dispatch.h"
#include "base/select.h"
#include "gapfill/job.h"
#include "gapfill/samples.h"
#include "gapfill/shrinkage.h"

#define BLOCK CLV_FIELD_BLOCK
#define VARIANCE 0.02 /* reflectance squared: unit of the ridge strength */
#define CONSTANT_SHRINK 1e-6
#define LEAD_BANDS 4 /* red, green, blue, NIR: what further bands are regressed on */

void clv_model_buffers_free(clv_model_buffers *buffers)
{
    clv_buffer_free(&buffers->coefficients);
    clv_buffer_free(&buffers->products);
    clv_buffer_free(&buffers->pointers);
    clv_buffer_free(&buffers->block);
    clv_buffer_free(&buffers->without);
    clv_buffer_free(&buffers->error);
}

static clv_regressors layout_of(const clv_gapfill_job *j)
{
    clv_regressors l = {.others = j->f->dates - 1, .bands = j->f->bands};
    l.lead = j->options->share_weights && l.bands > LEAD_BANDS ? LEAD_BANDS : l.bands;
    l.common = l.others * l.lead + l.bands + 1;
    l.all = l.common + l.others * (l.bands - l.lead);
    return l;
}

/* A block's regressors, `stride` floats from row to row. */
static void gather_features(const clv_gapfill_job *j, const clv_regressors *l, int t, const int *pixels, float *rows,
                            size_t stride)
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
    clv_radiometric_fit_block(j, t, pixels, own);
    for (int c = 0; c < l->bands; c++)
        memcpy(rows + (first + c) * stride, own + c * BLOCK, BLOCK * sizeof *own);
    clv_regression_set_ones(rows + (first + l->bands) * stride, BLOCK);
}

static bool hold_model(clv_gapfill_job *j, clv_regression_model *m)
{
    const clv_regressors *l = &m->l;
    size_t lead = (size_t)l->lead * l->common, further = (size_t)(l->bands - l->lead) * (l->common + l->others);
    m->lead = clv_buffer_hold(&j->work->model.coefficients, lead + further, 1, sizeof *m->lead);
    m->further = m->lead ? m->lead + lead : NULL;
    m->without = NULL;
    if (j->options->shrinkage) {
        m->without = clv_buffer_hold(&j->work->model.without, CLV_SAMPLE_PARTS, lead, sizeof *m->without);
        m->error = clv_buffer_hold(&j->work->model.error, (size_t)l->lead, 1, sizeof *m->error);
        if (!m->without || !m->error)
            return false;
    }
    return m->lead && clv_buffer_hold(&j->work->model.block, (size_t)l->all, BLOCK, sizeof(float));
}

static void fill_shrink(const clv_gapfill_job *j, const clv_regressors *l, int n, double *shrink)
{
    int own = l->others * l->lead;
    for (int k = 0; k < n; k++)
        shrink[k] = j->options->strength * VARIANCE;
    for (int c = 0; c < l->bands; c++)
        shrink[own + c] *= j->options->own_share;
    shrink[own + l->bands] = CONSTANT_SHRINK;
}

/* Equations of one band behind the leading ones. */
typedef struct equations {
    double *common; /* [common, common] products of the common regressors, the same for all bands */
    double *added;  /* [others + 1, n + 1] of the band's own rows with all rows */
    double *gram;   /* [n, n], n = common + others */
    double *right, *shrink, *toward, *b; /* [n] */
    const float **rows;                  /* [n + 1] regressors and target */
} equations;

static bool hold_equations(clv_gapfill_job *j, const clv_regressors *l, equations *e)
{
    size_t common = (size_t)l->common, n = common + (size_t)l->others, added = (size_t)l->others + 1;
    e->common = clv_buffer_hold(&j->work->model.products, common * common + added * (n + 1) + n * n + 4 * n, 1,
                                sizeof *e->common);
    e->rows = clv_buffer_hold(&j->work->model.pointers, n + 1, 1, sizeof *e->rows);
    if (!e->common || !e->rows)
        return false;
    e->added = e->common + common * common;
    e->gram = e->added + added * (n + 1);
    e->right = e->gram + n * n;
    e->shrink = e->right + n;
    e->toward = e->shrink + n;
    e->b = e->toward + n;
    return true;
}

/* Combines the common products and those of the band's own rows. */
static void assemble(const clv_regressors *l, const equations *e, int band)
{
    int common = l->common, n = common + l->others;
    for (int i = 0; i < common; i++)
        memcpy(e->gram + (size_t)i * n, e->common + (size_t)i * common, (size_t)common * sizeof *e->gram);
    for (int i = 0; i < l->others; i++)
        for (int k = 0; k < n; k++) {
            double product = e->added[(size_t)i * (n + 1) + k];
            e->gram[(size_t)(common + i) * n + k] = product;
            e->gram[(size_t)k * n + common + i] = product;
        }
    memcpy(e->right, e->added + (size_t)l->others * (n + 1), (size_t)n * sizeof *e->right);
    memset(e->toward, 0, (size_t)n * sizeof *e->toward);
    e->toward[l->others * l->lead + band] = 1;
}

/* The bands behind the leading ones use their weights and share the common part of the equations: only the products of
 * the rows that a band adds, the other dates in this band and its target, are calculated. */
static bool fit_further_bands(clv_gapfill_job *j, const clv_regression *r, clv_regression_model *m)
{
    const clv_regressors *l = &m->l;
    int common = l->common, n = common + l->others, padded = r->ridge.padded;
    clv_ridge_work *ridge = &j->work->regression.ridge;
    equations e;
    if (!hold_equations(j, l, &e))
        return false;
    memcpy(e.rows, r->rows, (size_t)common * sizeof *e.rows);
    if (!clv_weighted_products(ridge, e.rows, common, e.rows, common, r->ridge.root, padded, e.common))
        return false;
    double weight = e.common[(size_t)common * common - 1]; /* the constant with itself */
    fill_shrink(j, l, n, e.shrink);
    for (int c = l->lead; c < l->bands; c++) {
        memcpy(e.rows + common, r->rows + common + (c - l->lead) * l->others, (size_t)l->others * sizeof *e.rows);
        e.rows[n] = r->rows[l->all + c];
        if (!clv_weighted_products(ridge, e.rows + common, l->others + 1, e.rows, n + 1, r->ridge.root, padded,
                                   e.added))
            return false;
        assemble(l, &e, c);
        if (!clv_ridge_solve(ridge, e.gram, n, e.right, 1, e.shrink, e.toward, weight, e.b))
            return false;
        for (int k = 0; k < n; k++)
            m->further[(size_t)(c - l->lead) * n + k] = (float)e.b[k];
    }
    return true;
}

/* Residuals are limited to three times their median over all bands, and a little. */
static bool find_limit(clv_gapfill_job *j, const clv_regression *r, clv_regression_model *m)
{
    size_t count = (size_t)r->ridge.samples * r->ridge.targets;
    float *all = clv_buffer_hold(&j->work->scratch_values, count, 1, sizeof *all);
    if (!all)
        return false;
    int n = 0;
    for (int c = 0; c < r->ridge.targets; c++)
        for (int s = 0; s < r->ridge.samples; s += r->ridge.median_step)
            all[n++] = fabsf(r->ridge.residual[(size_t)c * r->ridge.padded + s]);
    m->limit = 2 * (1.5 * clv_median(all, n) + 1e-3);
    return true;
}

bool clv_regression_learn(clv_gapfill_job *j, int t, clv_regression_model *m)
{
    m->l = layout_of(j);
    m->trust = (float)clv_shrinkage_trust(j->options, j->set.train_count[t]);
    const clv_regressors *l = &m->l;
    int samples = clv_pick_samples(j->set.train_mask + (size_t)t * j->f->n, j->f->width, j->f->height,
                                   j->set.train_count[t], j->options->sample_pixels, j->set.samples);
    int ends[CLV_SAMPLE_PARTS];
    if (j->options->shrinkage)
        clv_part_samples(j->set.samples, samples, j->f->width, j->set.halves, ends);
    int padded = clv_pixels_pad(j->set.samples, samples);
    clv_regression r;
    if (!hold_model(j, m) || !clv_regression_hold(&j->work->regression, j->options, l->all, l->bands, samples, &r))
        return false;
    for (int s = 0; s < padded; s += BLOCK)
        gather_features(j, l, t, j->set.samples + s, r.values + s, (size_t)padded);
    clv_regression_gather_targets(j->f, t, j->set.samples, padded, r.values + (size_t)l->all * padded);
    r.ridge.regressors = l->common;
    r.ridge.targets = l->lead;
    fill_shrink(j, l, l->common, r.shrink);
    for (int c = 0; c < l->lead; c++)
        r.toward[(size_t)c * l->common + l->others * l->lead + c] = 1;
    if (m->without) {
        r.ridge.parts = CLV_SAMPLE_PARTS;
        r.ridge.ends = ends;
        r.ridge.without = clv_buffer_hold(&j->work->model.products, (size_t)l->lead * (size_t)l->common,
                                          CLV_SAMPLE_PARTS, sizeof *r.ridge.without);
        if (!r.ridge.without)
            return false;
    }
    if (!clv_robust_ridge(&j->work->regression.ridge, &r.ridge) || !find_limit(j, &r, m))
        return false;
    if (m->without)
        clv_shrinkage_learn(&r, m);
    for (int k = 0; k < l->lead * l->common; k++)
        m->lead[k] = (float)r.ridge.b[k];
    return l->lead == l->bands || fit_further_bands(j, &r, m);
}

void clv_regression_block(const clv_gapfill_job *j, const clv_regression_model *m, int t, const int *pixels,
                          bool shrunk, float *out)
{
    const clv_regressors *l = &m->l;
    float *rows = j->work->model.block.data;
    gather_features(j, l, t, pixels, rows, BLOCK);
    memset(out, 0, (size_t)l->bands * BLOCK * sizeof *out);
    for (int c = 0; c < l->lead; c++)
        clv_ridge_add_rows(m->lead + (size_t)c * l->common, l->common, rows, out + (size_t)c * BLOCK);
    for (int c = l->lead; c < l->bands; c++) {
        const float *b = m->further + (size_t)(c - l->lead) * (l->common + l->others);
        float *sum = out + (size_t)c * BLOCK;
        clv_ridge_add_rows(b, l->common, rows, sum);
        clv_ridge_add_rows(b + l->common, l->others, rows + (size_t)(l->common + (c - l->lead) * l->others) * BLOCK,
                           sum);
    }
    if (shrunk && m->without)
        clv_shrinkage_block(m, rows, out);
}
