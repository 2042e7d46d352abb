/* SPDX-License-Identifier: MIT
 *
 * The list of grounds: its settings, files that are missing, lines that are wrong.
 */
#include "learn/pictures.h"

#include <math.h>

#include "learn/evaluate/ground_list.h"

static clv_status parse(clv_context *ctx, const char *folder, const char *text, clv_ground_list **list)
{
    const char *const folders[] = {"/nowhere", folder};
    clv_clear_error(ctx);
    return clv_ground_list_parse(ctx, "list.txt", folders, 2, text, list);
}

static void settings(void **state)
{
    clv_context *ctx = clv_context_new();
    clv_ground_list *list = NULL;
    char *folder = make_folder();
    const double values[16 * 16] = {0};
    (void)state;
    write_raster(folder, "a=1.tif", 1, 16, 10, values);
    write_raster(folder, "b.tif", 1, 16, 10, values);
    assert_int_equal(parse(ctx, folder,
                           "# comment\n\n"
                           "single *.tif name=\"two pictures\" flagged=0.01 tr=10\r\n"
                           "stable b.tif name=snow make=snow,cloud amount=0.5 on=1,-1 dates=5 found=0.8\n"
                           "series *.tif use=20220602 name=water area=water size=64 seed=3 shadow=-\n"
                           "land name=soft make=cloud on=all count=3 f1_shadow=0.5\n"
                           "labels b.tif none*.tif name=labels f1=0.9\n",
                           &list),
                     CLV_OK);
    assert_int_equal(list->count, 5);
    const clv_ground_line *l = list->lines;
    assert_int_equal(l[0].line, 3);
    assert_string_equal(l[0].name, "two pictures");
    assert_int_equal(l[0].measure, CLV_MEASURE_FLAGGED);
    assert_true(l[0].limit == 0.01 && l[0].dates == 1 && l[0].size == 128 && !l[0].seed && !l[0].missing);
    assert_int_equal(l[0].source->items[0].path_count, 2);
    assert_true(l[0].source->items[0].tr == 10);
    assert_int_equal(l[1].maker_count, 2);
    assert_string_equal(l[1].makers[1]->name, "cloud");
    assert_true(l[1].amount == 0.5 && l[1].on_count == 2 && l[1].on[1] == -1 && l[1].dates == 5);
    assert_true(l[2].water && l[2].size == 64 && l[2].seed == 3 && isnan(l[2].limit));
    assert_string_equal(l[2].source->items[0].use, "20220602");
    assert_true(l[3].on_all && !l[3].source && l[3].count == 3);
    assert_true(l[3].amount == clv_grounds_maker_named("cloud")->amount);
    assert_int_equal(l[3].measure, CLV_MEASURE_F1_SHADOW);
    assert_string_equal(l[4].missing, "no file none*.tif");
    assert_null(l[4].source);
    clv_ground_list_free(list);
    remove_folder(folder);
    clv_context_free(ctx);
}

static void bad_lines_are_named(void **state)
{
    static const struct {
        const char *text, *says;
    } bad[] = {
        {"", "names no grounds"},
        {"sea name=a flagged=1", "no such kind"},
        {"land flagged=0.1", "has no name"},
        {"land name=a", "nothing is wanted"},
        {"land name=a flagged=0.1 found=0.2", "one thing is measured"},
        {"land name=a flagged=2", "from 0 to 1"},
        {"land name=a flagged=0.1 make=rain", "there are snow"},
        {"land name=a flagged=0.1 make=snow,snow,snow,snow,snow", "at most four"},
        {"land name=a flagged=0.1 make=snow amount=7", "from 0.3 to 1.1"},
        {"land name=a flagged=0.1 make=snow on=0", "numbers of dates"},
        {"land name=a flagged=0.1 make=snow on=1,x", "numbers of dates"},
        {"land name=a flagged=0.1 on=1", "belong to make="},
        {"land name=a flagged=0.1 dates=0", "from 1 to 100"},
        {"land name=a flagged=0.1 size=2000", "from 32 to 1024"},
        {"land name=a flagged=0.1 area=land", "must be water"},
        {"land name=a found=0.1", "no cloud to be found"},
        {"land name=a make=salt found=0.1", "no cloud to be found"},
        {"land name=a make=cloud flagged=0.1", "clouds are to be found"},
        {"land name=a rmse=0.1", "belongs to make="},
        {"land a.tif name=a flagged=0.1", "takes no files"},
        {"single name=a flagged=0.1", "names no files"},
        {"series a.tif name=a flagged=0.1 dates=4", "for stable and land"},
        {"single a.tif name=a flagged=0.1 count=4", "for land"},
        {"labels a.tif b.tif name=a f1=0.1 make=snow", "takes no make="},
        {"land name=a flagged=0.1 colour=red", "no such setting"},
        {"land name= flagged=0.1", "has no value"},
        {"land name=\"a flagged=0.1", "a quote is not closed"},
    };
    clv_context *ctx = clv_context_new();
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        clv_ground_list *list = (clv_ground_list *)1;
        if (parse(ctx, "/nowhere", bad[i].text, &list) != CLV_ERROR_FORMAT ||
            !strstr(clv_context_error(ctx), bad[i].says))
            fail_msg("\"%s\" gave \"%s\"", bad[i].text, clv_context_error(ctx));
        assert_null(list);
        assert_null(strchr(clv_context_error(ctx), '\n'));
        assert_int_equal(strncmp(clv_context_error(ctx), "list.txt", 8), 0);
    }
    clv_context_free(ctx);
}

/* What the training list's parser refuses is reported at the ground's own line. */
static void lines_keep_their_number(void **state)
{
    clv_context *ctx = clv_context_new();
    clv_ground_list *list = NULL;
    char *folder = make_folder();
    const double values[16 * 16] = {0};
    (void)state;
    write_raster(folder, "b.tif", 1, 16, 10, values);
    assert_int_equal(parse(ctx, folder, "\n\nsingle b.tif name=a flagged=0.1 b=1,2\n", &list), CLV_ERROR_FORMAT);
    assert_non_null(strstr(clv_context_error(ctx), "list.txt:3: b=1,2"));
    remove_folder(folder);
    clv_context_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(settings), cmocka_unit_test(bad_lines_are_named),
                                       cmocka_unit_test(lines_keep_their_number)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
