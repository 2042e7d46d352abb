/* SPDX-License-Identifier: MIT */
#include "learn/pictures.h"

#include <math.h>

#include "learn/dataset/train_list.h"

static clv_status parse(clv_context *ctx, const char *text, clv_train_list **list)
{
    clv_clear_error(ctx);
    return clv_train_list_parse(ctx, "list.txt", "/data", text, strlen(text), list);
}

static void test_items(void **state)
{
    clv_context *ctx = clv_context_new();
    clv_train_list *list = NULL;
    (void)state;
    assert_int_equal(parse(ctx,
                           "# a comment\n"
                           "\n"
                           "series alps/*_BGRN.tif scl=alps/*_SCL.tif weight=2.5 use=20220602,20220605\r\n"
                           "labels \"with blank.tif\" mask.tif shadow=unknown hold=yes # the rest is comment\n"
                           "clear a.tif b.tif tr=10 pixel=10 place=roofs\n"
                           "\tpair clear.tif cloudy.tif scale=0.0001 offset=-0.1 b=3,2,1,4\n"
                           "series x.tif labels=difference\n"
                           "pair a.tif b.tif classes=c.tif",
                           &list),
                     CLV_OK);
    assert_int_equal(list->count, 6);
    assert_int_equal(list->items[5].source, CLV_LABELS_DIFFERENCE);
    assert_string_equal(list->items[5].label_paths[0], "c.tif");
    const clv_train_item *series = &list->items[0];
    assert_int_equal(series->kind, CLV_ITEM_SERIES);
    assert_int_equal(series->source, CLV_LABELS_SCL);
    assert_int_equal(series->label_count, 1);
    assert_string_equal(series->label_paths[0], "alps/*_SCL.tif");
    assert_string_equal(series->use, "20220602,20220605");
    assert_string_equal(series->place, "alps");
    assert_true(series->weight == 2.5);
    assert_int_equal(series->line, 3);
    const clv_train_item *labels = &list->items[1];
    assert_string_equal(labels->paths[0], "with blank.tif");
    assert_true(labels->hold && labels->shadow_unknown);
    assert_int_equal(labels->source, CLV_LABELS_MASK);
    const clv_train_item *clear = &list->items[2];
    assert_int_equal(clear->path_count, 2);
    assert_int_equal(clear->source, CLV_LABELS_CLEAR);
    assert_string_equal(clear->place, "roofs");
    assert_true(clear->tr == 10 && clear->pixel == 10);
    const clv_train_item *pair = &list->items[3];
    assert_int_equal(pair->source, CLV_LABELS_DIFFERENCE);
    assert_int_equal(pair->band_count, 4);
    assert_int_equal(pair->bands[0], 3);
    assert_true(pair->scale == 0.0001 && pair->offset == -0.1);
    assert_true(isnan(list->items[4].scale));
    assert_int_equal(list->items[4].source, CLV_LABELS_DIFFERENCE);
    clv_train_list_free(list);
    clv_context_free(ctx);
}

static void test_bad_lines(void **state)
{
    static const struct {
        const char *text, *says;
    } bad[] = {
        {"", "nothing to train on"},
        {"# only a comment\n", "nothing to train on"},
        {"scene a.tif", "unknown kind \"scene\""},
        {"series", "names no files"},
        {"series a.tif", "where its labels come from"},
        {"series a.tif labels=maybe", "clear or difference"},
        {"series a.tif scl=b.tif mask=c.tif", "not several"},
        {"series a.tif scl=b.tif classes=c.tif", "not several"},
        {"pair a.tif b.tif classes=c.tif classes=d.tif", "given twice"},
        {"clear a.tif classes=c.tif", "for series, pair and labels only"},
        {"series a.tif labels=clear use=2022-06-02", "YYYYMMDD"},
        {"series a.tif labels=clear use=20220602,", "YYYYMMDD"},
        {"labels a.tif", "needs two files, 1 given"},
        {"pair a.tif b.tif c.tif", "needs two files, 3 given"},
        {"clear", "names no files"},
        {"clear a.tif scl=b.tif", "for series only"},
        {"cube", "cube names no files"},
        {"shapes", "shapes names no files"},
        {"cube a.npz labels=network", "for series only"},
        {"clear a.tif weight=-1", "weight=-1"},
        {"clear a.tif weight=1,5", "weight=1,5"},
        {"clear a.tif weight=nan", "weight=nan"},
        {"clear a.tif tr=0", "tr=0"},
        {"clear a.tif hold=maybe", "yes or no"},
        {"clear a.tif shadow=none", "known or unknown"},
        {"clear a.tif colour=red", "unknown setting colour="},
        {"clear a.tif weight=", "has no value"},
        {"clear \"a.tif", "quote is not closed"},
        {"clear a.tif b=1,2", "band numbers"},
        {"clear a.tif b=1,2,3,4,5", "band numbers"},
        {"clear a.tif b=1,2,3,", "band numbers"},
        {"clear a.tif b=0,1,2", "band numbers"},
    };
    clv_context *ctx = clv_context_new();
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        clv_train_list *list = (clv_train_list *)1;
        if (parse(ctx, bad[i].text, &list) != CLV_ERROR_FORMAT || !strstr(clv_context_error(ctx), bad[i].says))
            fail_msg("\"%s\" gave \"%s\"", bad[i].text, clv_context_error(ctx));
        assert_null(list);
        assert_null(strchr(clv_context_error(ctx), '\n'));
        assert_int_equal(strncmp(clv_context_error(ctx), "list.txt", 8), 0);
    }
    clv_context_free(ctx);
}

static void test_items_of_prepare(void **state)
{
    clv_context *ctx = clv_context_new();
    clv_train_list *list = NULL;
    (void)state;
    assert_int_equal(parse(ctx,
                           "series a_20220101.tif labels=network licence=MIT\n"
                           "cube de/*.npz \"licence=CC BY 4.0\" hold=yes\n"
                           "shapes clouds.tif pixel=10 place=clouds\n",
                           &list),
                     CLV_OK);
    assert_int_equal(list->count, 3);
    assert_int_equal(list->items[0].source, CLV_LABELS_NETWORK);
    assert_string_equal(list->items[0].licence, "MIT");
    assert_int_equal(list->items[1].kind, CLV_ITEM_CUBE);
    assert_string_equal(list->items[1].licence, "CC BY 4.0");
    assert_string_equal(list->items[1].place, "de");
    assert_int_equal(list->items[2].kind, CLV_ITEM_SHAPES);
    assert_null(list->items[2].licence);
    clv_train_list_free(list);

    const char *const cubes[] = {"x/32UPU/a[1].npz", "x/32UPU/b.npz"};
    assert_int_equal(clv_train_list_of_cubes(ctx, cubes, 2, &list), CLV_OK);
    assert_int_equal(list->count, 1);
    assert_int_equal(list->items[0].path_count, 2);
    assert_string_equal(list->items[0].paths[0], cubes[0]);
    assert_string_equal(list->items[0].place, "32UPU");
    clv_train_list_free(list);
    clv_context_free(ctx);
}

static void test_zero_bytes(void **state)
{
    clv_context *ctx = clv_context_new();
    clv_train_list *list = NULL;
    (void)state;
    assert_int_equal(clv_train_list_parse(ctx, "l", ".", "clear a\0b", 9, &list), CLV_ERROR_FORMAT);
    assert_non_null(strstr(clv_context_error(ctx), "not a text file"));
    clv_context_free(ctx);
}

/* Whatever the bytes are, parsing ends with a list or with one line of text. */
static void test_random_bytes(void **state)
{
    static const char *const words[] = {"series", "clear",      "labels",   "pair",    "a.tif",        " ",
                                        "\n",     "\"",         "scl=",     "b=1,2,3", "use=20220101", "=",
                                        "#",      "weight=1e3", "hold=yes", "\t",      "labels=clear", "\xff"};
    clv_context *ctx = clv_context_new();
    clv_random rng;
    (void)state;
    clv_random_seed(&rng, 5);
    for (int round = 0; round < 3000; round++) {
        char text[512] = "";
        int n = 1 + clv_random_int(&rng, 20);
        for (int i = 0; i < n; i++)
            strcat(text, words[clv_random_int(&rng, (int)(sizeof words / sizeof *words))]);
        clv_train_list *list = NULL;
        clv_status status = parse(ctx, text, &list);
        assert_true((status == CLV_OK) == (list != NULL));
        assert_true(status == CLV_OK || clv_context_error(ctx)[0]);
        clv_train_list_free(list);
    }
    clv_context_free(ctx);
}

static void test_patterns(void **state)
{
    clv_context *ctx = clv_context_new();
    clv_train_list *list = NULL;
    char *folder = make_folder(), path[1024];
    (void)state;
    write_text(folder, "b_2.tif", "");
    write_text(folder, "b_1.tif", "");
    write_text(folder, "m_1.tif", "");
    write_text(folder, "good.txt", "clear b_*.tif\nseries b_1.tif mask=m_*.tif\n");
    write_text(folder, "none.txt", "clear c_*.tif\n");
    write_text(folder, "few.txt", "series b_*.tif mask=m_*.tif\n");
    snprintf(path, sizeof path, "%s/good.txt", folder);
    assert_int_equal(clv_train_list_open(ctx, path, &list), CLV_OK);
    assert_int_equal(list->items[0].path_count, 2);
    assert_non_null(strstr(list->items[0].paths[0], "b_1.tif"));
    assert_non_null(strstr(list->items[0].paths[1], "b_2.tif"));
    clv_train_list_free(list);
    snprintf(path, sizeof path, "%s/none.txt", folder);
    assert_int_equal(clv_train_list_open(ctx, path, &list), CLV_ERROR_OPEN);
    assert_null(list);
    assert_non_null(strstr(clv_context_error(ctx), "none.txt:1:"));
    clv_clear_error(ctx);
    snprintf(path, sizeof path, "%s/few.txt", folder);
    assert_int_equal(clv_train_list_open(ctx, path, &list), CLV_ERROR_FORMAT);
    assert_non_null(strstr(clv_context_error(ctx), "2 pictures but 1 label files"));
    clv_clear_error(ctx);
    snprintf(path, sizeof path, "%s/absent.txt", folder);
    assert_int_not_equal(clv_train_list_open(ctx, path, &list), CLV_OK);
    assert_non_null(strstr(clv_context_error(ctx), "absent.txt"));
    remove_folder(folder);
    clv_context_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_items),      cmocka_unit_test(test_items_of_prepare), cmocka_unit_test(test_bad_lines),
        cmocka_unit_test(test_zero_bytes), cmocka_unit_test(test_random_bytes),     cmocka_unit_test(test_patterns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
