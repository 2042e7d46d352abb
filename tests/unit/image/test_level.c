/* SPDX-License-Identifier: MIT
 * level: constants told from cloud, haze, snow and growth on simulated ground.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "image/level.h"

enum { DATES = 12, BANDS = 4, PIXELS = 3000 };

/* Dates under test; reflectance in the order red, green, blue, NIR. */
typedef struct fixture {
    float x[DATES * BANDS * PIXELS];
    uint8_t state[DATES * PIXELS];
    double offset[DATES];
    uint8_t trust[DATES];
    clv_level found[DATES];
    int dates;
} fixture;

static uint32_t seed;

static float uniform(void)
{
    seed = seed * 1664525u + 1013904223u;
    return (float)(seed >> 8) / (float)(1u << 24);
}

static float *at(fixture *f, int t, int c)
{
    return f->x + ((size_t)t * BANDS + (size_t)c) * PIXELS;
}

/* Woods, fields, bare soil and some water; each date with noise and light of its own. */
static fixture *ground(int dates)
{
    static const float kinds[4][BANDS] = {{0.02f, 0.04f, 0.025f, 0.28f},
                                          {0.06f, 0.08f, 0.05f, 0.38f},
                                          {0.17f, 0.13f, 0.09f, 0.24f},
                                          {0.02f, 0.03f, 0.035f, 0.015f}};
    fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    f->dates = dates;
    seed = 7;
    float truth[BANDS][PIXELS];
    for (int i = 0; i < PIXELS; i++) {
        const int kind = i % 10 < 4 ? 0 : i % 10 < 7 ? 1 : i % 10 < 9 ? 2 : 3;
        const float vigour = 0.7f + 0.6f * uniform();
        for (int c = 0; c < BANDS; c++)
            truth[c][i] = kinds[kind][c] * vigour;
    }
    for (int t = 0; t < dates; t++)
        for (int c = 0; c < BANDS; c++) {
            const float light = 0.97f + 0.06f * uniform(), haze = 0.006f * uniform();
            for (int i = 0; i < PIXELS; i++)
                at(f, t, c)[i] = truth[c][i] * light + haze + 0.008f * (uniform() - 0.5f);
        }
    return f;
}

static void add(fixture *f, int t, float constant)
{
    for (int i = 0; i < BANDS * PIXELS; i++)
        at(f, t, 0)[i] += constant;
}

static void multiply(fixture *f, int t, float factor)
{
    for (int i = 0; i < BANDS * PIXELS; i++)
        at(f, t, 0)[i] *= factor;
}

/* Thick cloud over a share of the date. */
static void cloud(fixture *f, int t, float share)
{
    for (int i = 0; i < (int)(share * PIXELS); i++) {
        const float bright = 0.35f + 0.5f * uniform();
        for (int c = 0; c < BANDS; c++)
            at(f, t, c)[i] = bright + 0.02f * uniform();
    }
}

/* Haze or cirrus over all of the date, nearly as even as air can be. */
static void veil(fixture *f, int t, float share)
{
    for (int i = 0; i < PIXELS; i++) {
        const float here = share * (0.95f + 0.1f * uniform());
        for (int c = 0; c < BANDS; c++)
            at(f, t, c)[i] = (1 - here) * at(f, t, c)[i] + here * 0.6f;
    }
}

static void judge(fixture *f)
{
    const clv_level_scene scene = {.dates = f->dates,
                                   .bands = BANDS,
                                   .pixels = PIXELS,
                                   .x = f->x,
                                   .state = f->state,
                                   .offset = f->offset,
                                   .trust = f->trust};
    assert_true(clv_levels_find(&scene, f->found));
}

/* States of all dates as letters: ? unknown, = fits, + and - offset, d doubtful, c another constant, x factor. */
static void expect(fixture *f, const char *letters)
{
    char found[DATES + 1] = "";
    judge(f);
    for (int t = 0; t < f->dates; t++) {
        const clv_level *l = &f->found[t];
        found[t] = l->state == CLV_LEVEL_OFFSET ? (l->steps > 0 ? '+' : '-') : "?=.dcx"[l->state];
    }
    assert_string_equal(found, letters);
}

static void dates_of_one_level_fit(void **state)
{
    (void)state;
    fixture *f = ground(6);
    expect(f, "======");
    for (int t = 0; t < 6; t++) {
        assert_true(fabs(f->found[t].difference) < 0.02);
        assert_int_equal(f->found[t].compared, 5);
    }
    free(f);
}

static void an_offset_left_in_is_found(void **state)
{
    (void)state;
    fixture *f = ground(6);
    add(f, 2, 0.1f);
    expect(f, "==+===");
    assert_float_equal(f->found[2].difference, 0.1, 0.015);
    assert_int_equal(f->found[2].steps, 1);
    free(f);
    f = ground(3); /* one of three, two of three */
    add(f, 0, 0.1f);
    expect(f, "+==");
    add(f, 1, 0.1f);
    expect(f, "++=");
    free(f);
    f = ground(8); /* half of them, by turns and in a row */
    for (int t = 0; t < 8; t += 2)
        add(f, t, 0.1f);
    expect(f, "+=+=+=+=");
    free(f);
    f = ground(8);
    for (int t = 3; t < 8; t++)
        add(f, t, 0.1f);
    expect(f, "===+++++");
    free(f);
}

static void an_offset_subtracted_twice_is_found(void **state)
{
    (void)state;
    fixture *f = ground(6);
    add(f, 4, -0.1f);
    f->offset[4] = -0.1;
    expect(f, "====-=");
    free(f);
    f = ground(6); /* of most dates, of all */
    for (int t = 0; t < 6; t++) {
        f->offset[t] = -0.1;
        if (t != 3)
            add(f, t, -0.1f);
    }
    expect(f, "---=--");
    add(f, 3, -0.1f);
    expect(f, "------");
    free(f);
}

static void clouds_do_not_hide_it(void **state)
{
    (void)state;
    fixture *f = ground(8);
    for (int t = 0; t < 8; t++)
        if (t != 2 && t != 6)
            cloud(f, t, 0.6f);
    add(f, 2, 0.1f);
    expect(f, "==+=====");
    free(f);
    f = ground(8); /* masked pixels are left out: what is there does not count */
    for (int t = 0; t < 8; t++) {
        cloud(f, t, 0.5f);
        memset(f->state + t * PIXELS, CLV_LEVEL_MASKED, PIXELS / 2);
    }
    add(f, 5, 0.1f);
    expect(f, "=====+==");
    free(f);
}

static void cloud_haze_snow_and_growth_are_no_constant(void **state)
{
    (void)state;
    fixture *f = ground(6);
    cloud(f, 1, 1);
    expect(f, "=?====");
    for (int t = 0; t < 6; t++)
        cloud(f, t, 1);
    expect(f, "??????");
    free(f);
    for (int percent = 12; percent <= 24; percent += 2) {
        f = ground(6);
        veil(f, 3, (float)percent / 100);
        judge(f);
        for (int t = 0; t < 6; t++)
            assert_true(f->found[t].state <= CLV_LEVEL_FITS);
        free(f);
    }
    f = ground(6); /* snow */
    for (int i = 0; i < PIXELS; i++)
        for (int c = 0; c < BANDS; c++)
            at(f, 0, c)[i] = 0.6f + 0.3f * uniform();
    expect(f, "?=====");
    free(f);
    f = ground(6); /* near infrared rises by a third from date to date, without more contrast elsewhere */
    for (int t = 0; t < 6; t++)
        for (int i = 0; i < PIXELS; i++)
            at(f, t, 3)[i] += 0.02f * (float)t + 0.02f * uniform();
    judge(f);
    for (int t = 0; t < 6; t++)
        assert_true(f->found[t].state <= CLV_LEVEL_FITS);
    free(f);
}

static void dark_water_has_no_level_below_zero(void **state)
{
    (void)state;
    fixture *f = ground(5);
    for (int t = 0; t < 5; t++)
        for (int c = 0; c < BANDS; c++)
            for (int i = 0; i < PIXELS; i++)
                at(f, t, c)[i] = 0.03f - 0.008f * (float)c + 0.01f * (uniform() - 0.5f);
    expect(f, "=====");
    add(f, 1, 0.1f);
    expect(f, "=+===");
    free(f);
}

static void other_constants_and_factors_are_told_apart(void **state)
{
    (void)state;
    fixture *f = ground(6);
    add(f, 2, 0.055f);
    expect(f, "==c===");
    assert_float_equal(f->found[2].difference, 0.055, 0.015);
    free(f);
    f = ground(6);
    add(f, 2, 0.35f);
    expect(f, "==c===");
    free(f);
    f = ground(6);
    multiply(f, 4, 2);
    expect(f, "====x=");
    assert_float_equal(f->found[4].factor, 2, 0.1);
    multiply(f, 4, 10000.0f / 65535 / 2);
    expect(f, "====x=");
    assert_float_equal(f->found[4].factor, 10000.0 / 65535, 0.01);
    free(f);
}

static void two_dates_are_not_enough(void **state)
{
    (void)state;
    fixture *f = ground(2);
    add(f, 1, 0.1f);
    expect(f, "=d");
    free(f);
    f = ground(1);
    expect(f, "?");
    free(f);
}

static void bright_ground_follows_the_many(void **state)
{
    (void)state;
    fixture *f = ground(6);
    for (int t = 0; t < 6; t++)
        add(f, t, 0.15f);
    add(f, 3, 0.1f);
    expect(f, "===+==");
    add(f, 1, 0.1f);
    add(f, 5, 0.1f);
    judge(f);
    for (int t = 0; t < 6; t++)
        assert_int_not_equal(f->found[t].state, CLV_LEVEL_OFFSET);
    free(f);
}

static void what_the_user_says_stands(void **state)
{
    (void)state;
    fixture *f = ground(6);
    add(f, 2, 0.1f);
    f->trust[2] = CLV_LEVEL_TRUST_USER;
    judge(f);
    assert_int_equal(f->found[2].state, CLV_LEVEL_FITS);
    free(f);
}

static void a_cloudy_date_follows_a_run_that_it_lies_in(void **state)
{
    (void)state;
    fixture *f = ground(9);
    for (int t = 4; t < 9; t++)
        add(f, t, 0.1f);
    cloud(f, 6, 1);
    cloud(f, 1, 1);
    expect(f, "=?==+++++");
    assert_int_equal(f->found[6].compared, 0);
    assert_true(isnan(f->found[6].difference));
    free(f);
    f = ground(9); /* by turns: nothing is concluded */
    for (int t = 0; t < 9; t += 2)
        add(f, t, 0.1f);
    cloud(f, 3, 1);
    expect(f, "+=+?+=+=+");
    free(f);
}

/* Fields that were sown, grew and were cut: the same kinds of ground, elsewhere. */
static void move_ground(fixture *f, int t)
{
    float was[PIXELS];
    for (int c = 0; c < BANDS; c++) {
        memcpy(was, at(f, t, c), sizeof was);
        for (int i = 0; i < PIXELS; i++)
            at(f, t, c)[i] = was[(i + 5) % PIXELS];
    }
}

static void a_date_that_shares_no_ground_is_told_by_its_percentiles(void **state)
{
    (void)state;
    fixture *f = ground(7);
    move_ground(f, 2);
    expect(f, "==?====");
    free(f);
    f = ground(7);
    move_ground(f, 2);
    add(f, 2, 0.1f);
    expect(f, "==+====");
    assert_int_equal(f->found[2].state, CLV_LEVEL_OFFSET);
    free(f);
    f = ground(7); /* little of it is shown: said, not changed */
    move_ground(f, 2);
    add(f, 2, 0.1f);
    memset(f->state + 2 * PIXELS, CLV_LEVEL_MASKED, PIXELS * 2 / 3);
    expect(f, "==d====");
    free(f);
    f = ground(7); /* a veil of that height takes of the contrast */
    move_ground(f, 2);
    veil(f, 2, 0.2f);
    expect(f, "==?====");
    free(f);
}

/* Early in the season: fields are more alike in green and near infrared. */
static void sprout(fixture *f, int t)
{
    for (int i = 0; i < PIXELS; i++) {
        at(f, t, 1)[i] = 0.07f + 0.55f * (at(f, t, 1)[i] - 0.07f);
        at(f, t, 3)[i] = 0.25f + 0.85f * (at(f, t, 3)[i] - 0.25f);
    }
}

/* A date with less contrast than the others of its season is no veil where its plants are as bright as theirs. */
static void a_rise_that_takes_nothing_of_plants_is_an_offset(void **state)
{
    (void)state;
    for (int date = 0; date < 8; date += 7)
        for (int more = 0; more < 2; more++) {
            fixture *f = ground(8);
            sprout(f, date);
            for (int t = 2; t < 5; t++)
                cloud(f, t, 0.5f + 0.15f * (float)(t - 2));
            judge(f);
            for (int t = 0; t < 8; t++)
                assert_true(f->found[t].state <= CLV_LEVEL_FITS);
            add(f, date, 0.1f);
            if (more)
                add(f, 5, 0.1f);
            judge(f);
            for (int t = 0; t < 8; t++)
                assert_int_equal(f->found[t].state >= CLV_LEVEL_OFFSET, t == date || (more && t == 5));
            assert_true(f->found[date].sure && f->found[date].steps == 1);
            free(f);
        }
    for (int percent = 14; percent <= 24; percent += 2) {
        fixture *f = ground(8);
        sprout(f, 0);
        veil(f, 0, (float)percent / 100);
        judge(f);
        for (int t = 0; t < 8; t++)
            assert_true(f->found[t].state <= CLV_LEVEL_FITS);
        free(f);
    }
}

/* One pair does not tell which of its dates is away; dark ground does. */
static void a_date_told_by_one_pair_is_judged_too(void **state)
{
    (void)state;
    fixture *f = ground(6);
    for (int t = 2; t < 6; t++)
        cloud(f, t, 1);
    add(f, 1, 0.1f);
    expect(f, "=d????");
    assert_int_equal(f->found[1].compared, 1);
    assert_true(f->found[1].sure);
    free(f);
}

/* Near infrared of each kind of ground grows or falls to `share` of what it was; red does the contrary. */
static void grow(fixture *f, int t, float share)
{
    for (int i = 0; i < PIXELS; i++) {
        const float here = 1 + (share - 1) * (0.4f + 0.6f * uniform());
        at(f, t, 3)[i] *= here;
        at(f, t, 0)[i] /= 0.5f + 0.5f * here;
    }
}

/* A series as they are: part of the dates half clouded, one wholly, the ground growing. */
static fixture *season(int dates)
{
    fixture *f = ground(dates);
    for (int t = 0; t < dates; t++) {
        grow(f, t, 0.8f + 0.5f * (float)t / (float)dates);
        move_ground(f, t);
        if (t % 3 == 1)
            cloud(f, t, 0.5f);
    }
    cloud(f, dates - 2, 1);
    return f;
}

static void expect_factor(int dates, int off, float factor)
{
    fixture *f = season(dates);
    multiply(f, off, factor);
    judge(f);
    for (int t = 0; t < dates; t++)
        if (t == off) {
            assert_int_equal(f->found[t].state, CLV_LEVEL_FACTOR);
            assert_true(fabs(log(f->found[t].factor / factor)) < 0.25);
        } else {
            assert_true(f->found[t].state <= CLV_LEVEL_FITS);
        }
    free(f);
}

static void a_factor_is_found_among_clouds_and_growth(void **state)
{
    (void)state;
    static const float factors[] = {2, 0.5f, 3, 10, 0.1f, 10000, 0.0001f, 1.8f};
    for (size_t i = 0; i < sizeof factors / sizeof *factors; i++) {
        expect_factor(9, 0, factors[i]); /* first, within, half clouded, last */
        expect_factor(9, 3, factors[i]);
        expect_factor(8, 4, factors[i]);
        expect_factor(6, 5, factors[i]);
    }
    fixture *f = season(9); /* two dates, off unlike */
    multiply(f, 2, 2.2f);
    multiply(f, 5, 0.1f);
    expect(f, "==x==x=?=");
    free(f);
}

/* A gain of one date's own; what parts the dates before it from those after it is rain or a season. */
static void a_small_factor_is_found(void **state)
{
    (void)state;
    static const float factors[] = {0.7f, 1.3f, 0.75f, 1.45f, 0.62f};
    for (size_t i = 0; i < sizeof factors / sizeof *factors; i++)
        for (int off = 1; off < 7; off += 3) {
            fixture *f = ground(8);
            multiply(f, off, factors[i]);
            cloud(f, 5, 0.5f);
            judge(f);
            for (int t = 0; t < 8; t++) {
                assert_int_equal(f->found[t].state == CLV_LEVEL_FACTOR, t == off);
                assert_true(t != off || fabs(log(f->found[t].factor / factors[i])) < 0.06);
            }
            free(f);
        }
    fixture *f = ground(8);
    for (int t = 4; t < 8; t++)
        multiply(f, t, 0.76f);
    judge(f);
    for (int t = 0; t < 8; t++)
        assert_true(f->found[t].state != CLV_LEVEL_FACTOR);
    free(f);
}

static void one_of_three_dates_is_named(void **state)
{
    (void)state;
    for (int off = 0; off < 3; off++) {
        fixture *f = ground(3);
        multiply(f, off, 0.45f);
        judge(f);
        for (int t = 0; t < 3; t++)
            assert_int_equal(f->found[t].state, t == off ? CLV_LEVEL_FACTOR : CLV_LEVEL_FITS);
        free(f);
        f = ground(3);
        add(f, off, 0.25f);
        judge(f);
        for (int t = 0; t < 3; t++)
            assert_int_equal(f->found[t].state, t == off ? CLV_LEVEL_CONSTANT : CLV_LEVEL_FITS);
        free(f);
    }
    fixture *f = ground(3); /* a third that shows nothing: one of two, the less likely one */
    multiply(f, 2, 10);
    cloud(f, 0, 1);
    expect(f, "??x");
    assert_int_equal(f->found[2].compared, 1);
    free(f);
}

static void small_and_negative_constants_are_named(void **state)
{
    (void)state;
    static const float constants[] = {0.06f, -0.04f, -0.07f, 0.3f};
    for (size_t i = 0; i < sizeof constants / sizeof *constants; i++) {
        fixture *f = ground(7);
        cloud(f, 1, 0.4f);
        cloud(f, 5, 0.6f);
        add(f, 3, constants[i]);
        expect(f, "===c===");
        assert_float_equal(f->found[3].difference, constants[i], 0.015);
        free(f);
    }
}

static void a_season_is_no_factor(void **state)
{
    (void)state;
    for (int dates = 4; dates <= 12; dates++) {
        fixture *f = season(dates);
        grow(f, 0, 0.3f); /* burnt or harvested */
        veil(f, 1, 0.3f);
        for (int i = 0; i < PIXELS / 2; i++) /* snow on half of it */
            for (int c = 0; c < BANDS; c++)
                at(f, 2, c)[i] = 0.5f + 0.3f * uniform();
        judge(f);
        for (int t = 0; t < dates; t++)
            assert_true(f->found[t].state <= CLV_LEVEL_FITS);
        free(f);
    }
    for (int percent = 10; percent <= 60; percent += 10) { /* glint and veils over water */
        fixture *f = ground(5);
        for (int t = 0; t < 5; t++)
            for (int c = 0; c < BANDS; c++)
                for (int i = 0; i < PIXELS; i++)
                    at(f, t, c)[i] = 0.045f - 0.01f * (float)c + 0.01f * (uniform() - 0.5f);
        veil(f, 2, (float)percent / 100);
        judge(f);
        for (int t = 0; t < 5; t++)
            assert_true(f->found[t].state != CLV_LEVEL_FACTOR && f->found[t].state != CLV_LEVEL_CONSTANT);
        free(f);
    }
}

/* Haze and remains of cloud over all of the date, thicker in some places. */
static void haze(fixture *f, int t, float most)
{
    for (int i = 0; i < PIXELS; i++) {
        const float here = most * (0.5f + 0.5f * sinf((float)i / 97)) + 0.04f * uniform();
        for (int c = 0; c < BANDS; c++)
            at(f, t, c)[i] = (1 - here) * at(f, t, c)[i] + here * (c == 3 ? 0.7f : 0.45f);
    }
}

/* Near infrared of the season: what is bright grows by a share, each place by its own, and red falls. */
static void ripen(fixture *f, int t, float share)
{
    for (int i = 0; i < PIXELS; i++)
        at(f, t, 3)[i] *= 1 + share * (0.5f + uniform());
    for (int i = 0; i < PIXELS; i++)
        at(f, t, 0)[i] *= 1 - 0.6f * share * (0.5f + uniform());
}

static void a_constant_is_told_by_the_visible_bands_of_a_season(void **state)
{
    (void)state;
    static const float constants[] = {0.1f, 0.09f, 0.06f, 0.07f};
    for (size_t i = 0; i < sizeof constants / sizeof *constants; i++)
        for (int off = 0; off < 7; off += 6) {
            fixture *f = ground(7);
            ripen(f, off, 0.4f);
            add(f, off, constants[i]);
            judge(f);
            for (int t = 0; t < 7; t++)
                if (t == off) {
                    assert_int_equal(f->found[t].state,
                                     f->found[t].difference > 0.08 ? CLV_LEVEL_DOUBTFUL : CLV_LEVEL_CONSTANT);
                    assert_float_equal(f->found[t].difference, constants[i], 0.02);
                } else {
                    assert_int_equal(f->found[t].state, CLV_LEVEL_FITS);
                }
            free(f);
        }
}

static void haze_in_a_season_is_neither_constant_nor_factor(void **state)
{
    (void)state;
    for (int percent = 5; percent <= 60; percent += 5)
        for (int season = 0; season < 3; season++) {
            fixture *f = ground(7);
            ripen(f, 0, 0.2f * (float)season);
            haze(f, 0, (float)percent / 100);
            judge(f);
            for (int t = 0; t < 7; t++)
                assert_true(f->found[t].state <= CLV_LEVEL_FITS);
            free(f);
        }
}

/* A season that changes all fields and most woods, each pixel in its own way; a part of the woods stays. */
static void change_ground(fixture *f, int t, int stays)
{
    for (int i = 0; i < PIXELS; i++) {
        if (i % 10 < 4 && i % 20 < stays)
            continue;
        const float green = 0.25f + 1.5f * uniform();
        at(f, t, 0)[i] *= 1.7f - 0.8f * green;
        at(f, t, 1)[i] *= 1.3f - 0.5f * green;
        at(f, t, 2)[i] *= 1.2f - 0.4f * green;
        at(f, t, 3)[i] *= 0.45f + 0.3f * green;
    }
}

static void few_woods_tell_a_level(void **state)
{
    (void)state;
    static const float constants[] = {0.1f, 0.13f, 0.07f, 0.16f};
    static const float factors[] = {2.1f, 0.45f};
    for (int i = 0; i < 6; i++)
        for (int off = 0; off < 3; off += 2) {
            fixture *f = ground(3);
            change_ground(f, off, 4);
            if (i < 4)
                add(f, off, constants[i]);
            else
                multiply(f, off, factors[i - 4]);
            judge(f);
            for (int t = 0; t < 3; t++)
                if (t != off) {
                    assert_int_equal(f->found[t].state, CLV_LEVEL_FITS);
                } else if (i < 4) {
                    assert_true(f->found[t].state >= CLV_LEVEL_OFFSET && f->found[t].sure);
                    assert_float_equal(f->found[t].difference, constants[i], 0.02);
                } else {
                    assert_int_equal(f->found[t].state, CLV_LEVEL_FACTOR);
                    assert_true(f->found[t].sure && fabs(log(f->found[t].factor / factors[i - 4])) < 0.1);
                }
            free(f);
        }
    fixture *f = ground(3); /* the same ground without a change of level */
    change_ground(f, 2, 4);
    expect(f, "===");
    free(f);
}

static void one_band_alone_is_told(void **state)
{
    (void)state;
    for (int band = 0; band < 3; band++)
        for (int kind = 0; kind < 4; kind++) {
            fixture *f = ground(4);
            const int off = band + kind > 3 ? 0 : band;
            ripen(f, 3, 0.1f);
            for (int i = 0; i < PIXELS && kind < 3; i++)
                at(f, off, band)[i] = kind == 0   ? at(f, off, band)[i] + 0.12f
                                      : kind == 1 ? at(f, off, band)[i] + 0.07f
                                                  : at(f, off, band)[i] * 10;
            judge(f);
            for (int t = 0; t < 4; t++)
                assert_int_equal(f->found[t].band, t == off && kind < 3 ? band + 1 : 0);
            if (kind < 2)
                assert_float_equal(f->found[off].band_difference, kind == 0 ? 0.12 : 0.07, 0.015);
            else if (kind == 2)
                assert_float_equal(log10(f->found[off].band_factor), 1, 0.1);
            free(f);
        }
    fixture *f = ground(4); /* a veil is none */
    haze(f, 1, 0.2f);
    judge(f);
    for (int t = 0; t < 4; t++)
        assert_int_equal(f->found[t].band, 0);
    free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_of_one_level_fit),
        cmocka_unit_test(an_offset_left_in_is_found),
        cmocka_unit_test(an_offset_subtracted_twice_is_found),
        cmocka_unit_test(clouds_do_not_hide_it),
        cmocka_unit_test(cloud_haze_snow_and_growth_are_no_constant),
        cmocka_unit_test(dark_water_has_no_level_below_zero),
        cmocka_unit_test(other_constants_and_factors_are_told_apart),
        cmocka_unit_test(two_dates_are_not_enough),
        cmocka_unit_test(bright_ground_follows_the_many),
        cmocka_unit_test(what_the_user_says_stands),
        cmocka_unit_test(a_cloudy_date_follows_a_run_that_it_lies_in),
        cmocka_unit_test(a_rise_that_takes_nothing_of_plants_is_an_offset),
        cmocka_unit_test(a_date_told_by_one_pair_is_judged_too),
        cmocka_unit_test(a_date_that_shares_no_ground_is_told_by_its_percentiles),
        cmocka_unit_test(a_factor_is_found_among_clouds_and_growth),
        cmocka_unit_test(a_small_factor_is_found),
        cmocka_unit_test(one_of_three_dates_is_named),
        cmocka_unit_test(small_and_negative_constants_are_named),
        cmocka_unit_test(a_season_is_no_factor),
        cmocka_unit_test(a_constant_is_told_by_the_visible_bands_of_a_season),
        cmocka_unit_test(haze_in_a_season_is_neither_constant_nor_factor),
        cmocka_unit_test(few_woods_tell_a_level),
        cmocka_unit_test(one_band_alone_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
