/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "gapfill/methods.h"

static void each_method_is_found_by_its_name(void **state)
{
    (void)state;
    for (int i = 0; i < CLV_METHODS; i++) {
        const clv_method_info *m = &clv_method_table[i];
        assert_int_equal(m->method, i);
        assert_int_equal(clv_method_find(m->name), i);
        assert_ptr_equal(clv_method_names[i], m->name);
        assert_ptr_equal(clv_method_texts[i], m->text);
        assert_ptr_equal(clv_method_manuals[i], m->manual);
        assert_true(strlen(m->label) > 0 && strlen(m->text) > 0 && strlen(m->manual) > 0);
    }
    assert_null(clv_method_names[CLV_METHODS]);
    assert_int_equal(clv_method_find("no_such"), -1);
    assert_int_equal(clv_method_find("linear"), CLV_METHOD_LINEAR);
    assert_true(clv_method_table[CLV_METHOD_CLEAR].uses_weights && !clv_method_table[CLV_METHOD_LINEAR].uses_weights);
}

static void each_fill_method_is_found_by_its_name(void **state)
{
    (void)state;
    for (int i = 0; i < CLV_FILL_METHODS; i++)
        assert_int_equal(clv_fill_find(clv_fill_name((clv_fill_method)i)), i);
    assert_null(clv_fill_names[CLV_FILL_METHODS]);
    assert_int_equal(clv_fill_find("no_such"), CLV_FILL_METHODS);
    assert_int_equal(clv_fill_find("linear"), CLV_FILL_LINEAR);
}

/* What both lists hold has one name: an evaluation measures what `remove` does. */
static void shared_methods_have_one_name(void **state)
{
    (void)state;
    assert_string_equal(clv_fill_name(CLV_FILL_LINEAR), clv_method_name(CLV_METHOD_LINEAR));
    assert_string_equal(clv_fill_name(CLV_FILL_REGRESSION), clv_method_name(CLV_METHOD_REGRESSION));
    assert_string_equal(clv_fill_name(CLV_FILL_GAUSSIAN), clv_method_name(CLV_METHOD_GAUSSIAN));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_method_is_found_by_its_name),
                                       cmocka_unit_test(each_fill_method_is_found_by_its_name),
                                       cmocka_unit_test(shared_methods_have_one_name)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
