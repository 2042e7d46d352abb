/* SPDX-License-Identifier: MIT */
#include "series/same_day_numbers.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "series/band_values.h"

#define NEAR_ONE 1e-9      /* of a ratio of two scales */
#define NEAR_INTEGER 0.005 /* DN: -0.1 / 0.0001 is not quite -1000 */

/* The one number that marks missing pixels; false where none or several do. */
static bool one_nodata(const clv_band *band, double *value)
{
    if (band->has_nodata + band->other_count != 1)
        return false;
    *value = band->has_nodata ? band->nodata : band->other_nodata[0];
    return true;
}

static bool same_nodata(const clv_band *a, const clv_band *b)
{
    bool same = a->has_nodata == b->has_nodata && (!a->has_nodata || a->nodata == b->nodata || isnan(a->nodata));
    for (int k = 0; k < a->other_count && same; k++) /* found by the pixels */
        same = a->other_count == b->other_count && a->other_nodata[k] == b->other_nodata[k];
    /* A source of the joined raster has one such value. */
    return same && a->other_count == b->other_count && a->has_nodata + a->other_count <= 1;
}

bool clv_day_numbers_differ(const clv_dataset_acquisition *a, const clv_dataset_acquisition *b)
{
    for (int c = 0; c < a->channels; c++)
        if (a->bands[c].scale != b->bands[c].scale || a->bands[c].offset != b->bands[c].offset ||
            !same_nodata(&a->bands[c], &b->bands[c]))
            return true;
    return false;
}

int clv_day_reference(clv_dataset *const *pieces, int count)
{
    int lowest = 0;
    for (int i = 1; i < count && !clv_type_is_real(pieces[0]->acquisition[0].bands[0].type); i++) {
        const clv_band *own = &pieces[i]->acquisition[0].bands[0], *low = &pieces[lowest]->acquisition[0].bands[0];
        if (own->offset / own->scale < low->offset / low->scale - NEAR_INTEGER)
            lowest = i;
    }
    return lowest;
}

clv_day_change clv_day_change_of(const clv_dataset_acquisition *piece, const clv_dataset_acquisition *reference,
                                 int channel)
{
    const clv_band *own = &piece->bands[channel], *to = &reference->bands[channel];
    clv_day_change change = {.ratio = own->scale / to->scale, .add = (own->offset - to->offset) / to->scale};
    if (fabs(change.ratio - 1) < NEAR_ONE)
        change.ratio = 1;
    if (!clv_type_is_real(own->type) && fabs(change.add - floor(change.add + 0.5)) < NEAR_INTEGER)
        change.add = floor(change.add + 0.5);
    double value, other;
    bool zero = one_nodata(own, &value) && value == 0 && piece->facts.all_zero;
    bool stays = change.add == 0 && one_nodata(to, &other) && other == 0;
    change.zero_counts = zero && !stays && !clv_type_is_real(own->type);
    return change;
}

const char *clv_day_cannot_convert(clv_dataset *const *pieces, int count, int reference)
{
    const clv_dataset_acquisition *to = &pieces[reference]->acquisition[0];
    for (int i = 0; i < count; i++)
        for (int c = 0; c < to->channels; c++) {
            const clv_dataset_acquisition *from = &pieces[i]->acquisition[0];
            const clv_band *own = &from->bands[c];
            const clv_day_change change = clv_day_change_of(from, &pieces[reference]->acquisition[0], c);
            double a, b;
            if (!same_nodata(own, &to->bands[c]) && !(one_nodata(own, &a) && one_nodata(&to->bands[c], &b)))
                return CLV_DAY_OTHER_NODATA;
            if (clv_type_is_real(own->type) || (change.ratio == 1 && change.add == 0))
                continue;
            /* Rounding, and values beyond the type, would be wrong pixels. */
            if (change.ratio != 1 || change.add != floor(change.add) || change.add < 0 || own->type == CLV_TYPE_BYTE ||
                own->type == CLV_TYPE_INT8)
                return CLV_DAY_OTHER_SCALES;
        }
    return "";
}

static void set_sample(clv_dataset_acquisition *first, const clv_dataset_acquisition *from, clv_day_change change)
{
    first->sample_low = from->sample_low * change.ratio + change.add;
    first->sample_dark = from->sample_dark * change.ratio + change.add;
    first->sample_high = from->sample_high * change.ratio + change.add;
}

void clv_day_take_numbers(clv_dataset *const *pieces, int count)
{
    clv_dataset_acquisition *first = &pieces[0]->acquisition[0];
    const clv_dataset_acquisition *reference = &pieces[clv_day_reference(pieces, count)]->acquisition[0];
    clv_date_facts *f = &first->facts;
    const clv_date_facts *r = &reference->facts;
    bool differ = false;
    for (int i = 1; i < count; i++)
        differ = differ || clv_day_numbers_differ(first, &pieces[i]->acquisition[0]);
    if (!differ)
        return;
    /* The first one's sample of values, or that of a piece whose sample met valid pixels. */
    set_sample(first, first, clv_day_change_of(first, reference, 0));
    for (int i = 1; i < count; i++) {
        const clv_dataset_acquisition *other = &pieces[i]->acquisition[0];
        if (isnan(first->sample_high))
            set_sample(first, other, clv_day_change_of(other, reference, 0));
        f->scale_by_user = f->scale_by_user || other->facts.scale_by_user;
        f->scale_sure = f->scale_sure && other->facts.scale_sure;
        f->scale_told = f->scale_told && other->facts.scale_told;
        first->scale_of_type = first->scale_of_type || other->scale_of_type;
    }
    for (int c = 0; c < first->channels && first != reference; c++) {
        clv_band *band = &first->bands[c];
        const clv_band *to = &reference->bands[c];
        band->scale = to->scale;
        band->offset = to->offset;
        band->has_nodata = to->has_nodata;
        band->declares_nodata = to->declares_nodata;
        band->nodata = to->nodata;
        band->other_count = to->other_count;
        memcpy(band->other_nodata, to->other_nodata, sizeof band->other_nodata);
        band->screened = band->screened || to->screened;
    }
    if (first == reference)
        return;
    f->all_zero = r->all_zero;
    f->zero_joint = r->zero_joint;
    f->zero_lines = r->zero_lines;
    f->nodata_from = r->nodata_from;
    f->nodata_adopted = r->nodata_adopted;
    f->nodata_found_count = r->nodata_found_count;
    memcpy(f->nodata_found, r->nodata_found, sizeof f->nodata_found);
    memcpy(f->nodata_how, r->nodata_how, sizeof f->nodata_how);
    memcpy(f->scale_how, r->scale_how, sizeof f->scale_how);
    first->claimed_offset = reference->claimed_offset;
    first->tags_aside = reference->tags_aside;
    first->by_tags = reference->by_tags;
    first->tags = reference->tags;
}

/* Of the numbers that are stored. */
static double offset_of(const clv_band *band)
{
    const double dn = band->offset / band->scale;
    return fabs(dn - floor(dn + 0.5)) < NEAR_INTEGER ? floor(dn + 0.5) : dn;
}

void clv_day_numbers_text(const clv_dataset_acquisition *a, const clv_dataset_acquisition *b, char *text, size_t size)
{
    double x = NAN, y = NAN;
    char one[CLV_NUMBER_SIZE], other[CLV_NUMBER_SIZE];
    const char *what = "nodata values";
    int c = 0;
    while (c < a->channels - 1 && a->bands[c].scale == b->bands[c].scale && a->bands[c].offset == b->bands[c].offset)
        c++;
    const clv_band *p = &a->bands[c], *q = &b->bands[c];
    if (p->scale != q->scale) {
        what = "scales";
        x = p->scale;
        y = q->scale;
    } else if (p->offset != q->offset) {
        what = "offsets";
        x = offset_of(p);
        y = offset_of(q);
    } else {
        one_nodata(p, &x);
        one_nodata(q, &y);
    }
    clv_number_format(x == 0 ? 0 : x, one);
    clv_number_format(y == 0 ? 0 : y, other);
    snprintf(text, size, "%s %s and %s", what, one, other);
}
