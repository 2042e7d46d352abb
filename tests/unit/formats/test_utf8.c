/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "formats/utf8.h"

#include <string.h>

/* Every character there and back; what lies between the characters is refused. */
static void test_utf8(void **state)
{
    (void)state;
    for (uint32_t code = 0; code <= 0x10FFFF; code++) {
        char text[4];
        uint32_t back = 0;
        int n = clv_utf8_encode(code, text);
        if (code >= 0xD800 && code <= 0xDFFF) {
            assert_int_equal(clv_utf8_decode(text, (size_t)n, &back), 0);
            continue;
        }
        assert_int_equal(clv_utf8_decode(text, (size_t)n, &back), n);
        assert_int_equal(back, code);
        assert_int_equal(clv_utf8_decode(text, (size_t)n - 1, &back), 0);
        if (n > 1)
            assert_int_equal(clv_utf8_decode(text + 1, (size_t)n - 1, &back), 0);
    }
    static const char *const overlong[] = {
        "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80",
        "\xFF",     "\xC3(",    "\xE2\x82("};
    uint32_t code;
    for (size_t i = 0; i < sizeof overlong / sizeof overlong[0]; i++)
        assert_int_equal(clv_utf8_decode(overlong[i], strlen(overlong[i]), &code), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_utf8),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
