/* SPDX-License-Identifier: MIT
 * place: pictures and labels as they come into memory, on files made here.
 */
#include "learn/pictures.h"

#include <math.h>

#include "learn/dataset/place.h"

#define SIDE 48 /* pixels of 10 m; places are of 20 m */

static clv_places *open_text(clv_context *ctx, const char *folder, const char *text)
{
    clv_train_list *list = NULL;
    clv_places *places = NULL;
    clv_clear_error(ctx);
    if (clv_train_list_parse(ctx, "list", folder, text, strlen(text), &list) == CLV_OK &&
        clv_train_list_expand(ctx, list) == CLV_OK)
        clv_places_open(ctx, list, &places);
    clv_train_list_free(list);
    return places;
}

/* Five dates of one ground; date 2 has a bright square of 24x24 pixels, date 3 nothing but cloud. */
static void write_series(const char *folder)
{
    double *ground = make_ground(SIDE, 3), *copy = malloc(4 * SIDE * SIDE * sizeof *copy);
    double *mask = calloc(SIDE * SIDE, sizeof *mask);
    char name[64];
    for (int t = 0; t < 5; t++) {
        memcpy(copy, ground, 4 * SIDE * SIDE * sizeof *copy);
        memset(mask, 0, SIDE * SIDE * sizeof *mask);
        for (int i = 0; i < SIDE * SIDE; i++) {
            bool square = t == 2 && i / SIDE >= 12 && i / SIDE < 36 && i % SIDE >= 12 && i % SIDE < 36;
            if (square || t == 3) {
                mask[i] = 1;
                for (int c = 0; c < 4; c++)
                    copy[c * SIDE * SIDE + i] += 3000;
            }
        }
        snprintf(name, sizeof name, "s_2022060%d.tif", t + 1);
        write_raster(folder, name, 4, SIDE, 10, copy);
        snprintf(name, sizeof name, "m_2022060%d.tif", t + 1);
        write_raster(folder, name, 1, SIDE, 10, mask);
    }
    free(ground);
    free(copy);
    free(mask);
}

static int count_label(const clv_place *place, int t, uint8_t label)
{
    int n = place->width * place->height, count = 0;
    for (int i = 0; i < n; i++)
        count += place->label[t * n + i] == label;
    return count;
}

static void test_series_with_masks(void **state)
{
    clv_context *ctx = clv_context_new();
    char *folder = make_folder();
    (void)state;
    write_series(folder);
    clv_places *places =
        open_text(ctx, folder, "series s_*.tif mask=m_*.tif place=here weight=2 use=20220603,20220604\n");
    if (!places)
        fail_msg("%s", clv_context_error(ctx));
    assert_int_equal(places->count, 1);
    const clv_place *p = &places->items[0];
    assert_string_equal(p->name, "here");
    assert_int_equal(p->dates, 5);
    assert_int_equal(p->width, SIDE / 2);
    assert_true(p->has_nir && fabs(p->pixel_m - 20) < 0.1);
    assert_int_equal(p->use[0], CLV_USE_NONE);
    assert_int_equal(p->use[2], CLV_USE_LABELS);
    assert_int_equal(count_label(p, 2, 1), 144);
    assert_int_equal(count_label(p, 2, 0), 24 * 24 - 144);
    assert_int_equal(count_label(p, 3, 1), 24 * 24);
    /* The reference is the ground, untouched by the two clouded dates of five. */
    int n = p->width * p->height;
    for (int i = 0; i < 4 * n; i++)
        assert_true(fabsf(p->reference[i] - p->x[i]) < 1e-6f);
    /* Red comes first: the mean of its four fine pixels. */
    assert_true(p->x[0] > 0.05f && p->x[0] < 0.15f && p->x[3 * n] > 0.15f);
    clv_places_free(places);
    remove_folder(folder);
    clv_context_free(ctx);
}

static void test_difference_finds_the_same(void **state)
{
    clv_context *ctx = clv_context_new();
    char *folder = make_folder();
    (void)state;
    write_series(folder);
    clv_places *places =
        open_text(ctx, folder, "series s_*.tif labels=difference\npair s_20220601.tif s_20220603.tif hold=yes\n");
    if (!places)
        fail_msg("%s", clv_context_error(ctx));
    assert_int_equal(places->count, 2);
    assert_int_equal(count_label(&places->items[0], 2, 1), 144);
    assert_int_equal(count_label(&places->items[0], 0, 0), 24 * 24);
    const clv_place *pair = &places->items[1];
    assert_true(pair->hold && pair->dates == 2);
    assert_int_equal(pair->use[0], CLV_USE_GROUND);
    assert_int_equal(pair->use[1], CLV_USE_LABELS);
    assert_int_equal(count_label(pair, 1, 1), 144);
    clv_places_free(places);
    remove_folder(folder);
    clv_context_free(ctx);
}

static void test_single_pictures(void **state)
{
    clv_context *ctx = clv_context_new();
    char *folder = make_folder();
    (void)state;
    write_series(folder);
    clv_places *places = open_text(
        ctx, folder, "clear s_20220601.tif s_20220602.tif tr=10 weight=3\nlabels s_20220603.tif m_20220603.tif\n");
    if (!places)
        fail_msg("%s", clv_context_error(ctx));
    assert_int_equal(places->count, 3);
    assert_true(places->items[0].weight == 1.5 && places->items[1].weight == 1.5);
    assert_int_equal(places->items[0].width, SIDE);
    assert_int_equal(places->items[0].use[0], CLV_USE_GROUND);
    assert_null(places->items[0].reference);
    assert_int_equal(places->items[2].use[0], CLV_USE_LABELS);
    assert_int_equal(count_label(&places->items[2], 0, 1), 144);
    clv_places_free(places);
    remove_folder(folder);
    clv_context_free(ctx);
}

/* Another detector's classes: what the change contradicts is not believed, and what became brighter is cloud. */
static void test_classes_of_series_pairs_and_labels(void **state)
{
    clv_context *ctx = clv_context_new();
    char *folder = make_folder();
    double *classes = calloc(2 * SIDE * SIDE, sizeof *classes);
    char name[64];
    (void)state;
    write_series(folder);
    for (int t = 1; t <= 5; t++) { /* all shadow in the upper half, which no date shows */
        for (int i = 0; i < SIDE * SIDE; i++)
            classes[i] = i < SIDE * SIDE / 2 ? 2 : 0;
        snprintf(name, sizeof name, "c_2022060%d.tif", t);
        write_raster(folder, name, 1, SIDE, 10, classes);
    }
    /* A band a date: the second one's left half is shadow. */
    for (int i = 0; i < SIDE * SIDE; i++) {
        classes[i] = 0;
        classes[SIDE * SIDE + i] = i % SIDE < SIDE / 2 ? 2 : 0;
    }
    write_raster(folder, "both.tif", 2, SIDE, 10, classes);
    clv_places *places = open_text(ctx, folder,
                                   "series s_*.tif classes=c_*.tif use=20220601,20220603\n"
                                   "pair s_20220601.tif s_20220603.tif classes=c_20220603.tif\n"
                                   "labels s_20220603.tif m_20220603.tif classes=c_20220603.tif\n");
    if (!places)
        fail_msg("%s", clv_context_error(ctx));
    const clv_place *series = &places->items[0], *pair = &places->items[1], *labels = &places->items[2];
    assert_int_equal(series->use[2], CLV_USE_LABELS);
    assert_int_equal(count_label(series, 0, 2), 0); /* nothing is darker */
    assert_int_equal(count_label(series, 0, 0), 24 * 12);
    assert_true(count_label(series, 2, 1) >= 144);
    assert_int_equal(pair->use[0], CLV_USE_GROUND);
    assert_int_equal(pair->use[1], CLV_USE_LABELS);
    assert_true(count_label(pair, 1, 1) >= 144);
    assert_int_equal(count_label(labels, 0, 1), 144);
    assert_int_equal(count_label(labels, 0, 2), 24 * 12 - 72);
    clv_places_free(places);

    assert_null(open_text(ctx, folder, "series s_*.tif classes=both.tif\n"));
    assert_non_null(strstr(clv_context_error(ctx), "5 pictures but 1 label files"));
    free(classes);
    remove_folder(folder);
    clv_context_free(ctx);
}

static void test_labels_that_do_not_fit(void **state)
{
    clv_context *ctx = clv_context_new();
    char *folder = make_folder();
    double *mask = calloc(70 * 70, sizeof *mask);
    (void)state;
    write_series(folder);
    write_raster(folder, "odd.tif", 1, 70, 10, mask);
    write_text(folder, "text.tif", "no raster");
    assert_null(open_text(ctx, folder, "labels s_20220601.tif odd.tif\n"));
    assert_non_null(strstr(clv_context_error(ctx), "odd.tif: 70x70 labels do not lie on a picture of 24x24"));
    CPLPushErrorHandler(CPLQuietErrorHandler);
    assert_null(open_text(ctx, folder, "labels s_20220601.tif text.tif\n"));
    CPLPopErrorHandler();
    assert_non_null(strstr(clv_context_error(ctx), "text.tif"));
    free(mask);
    remove_folder(folder);
    clv_context_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_series_with_masks),      cmocka_unit_test(test_difference_finds_the_same),
        cmocka_unit_test(test_single_pictures),        cmocka_unit_test(test_classes_of_series_pairs_and_labels),
        cmocka_unit_test(test_labels_that_do_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
