/* SPDX-License-Identifier: MIT
 *
 * image/metrics. With arguments PREDICTED TRUTH SCOPE BANDS WIDTH HEIGHT (raw files, float32 and uint8) the program
 * prints the figures instead, for tests/cli/metrics.py to compare with numpy.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "image/metrics.h"

static bool near(double a, double b)
{
    return fabs(a - b) < 1e-6;
}

static void figures_by_hand(void **state)
{
    (void)state;
    const float truth[] = {0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f}, predicted[] = {0.1f, 0.3f, 0.3f, 0.2f, 0.5f, 0.6f};
    const uint8_t scope[] = {1, 1, 0};
    clv_errors e = {0};
    clv_errors_add(&e, predicted, truth, 2, 3, 3, scope, 1); /* differences 0, 0.1 and -0.2, 0 */
    assert_int_equal(e.values, 4);
    assert_true(near(clv_errors_rmse(&e), sqrt(0.05 / 4)));
    assert_true(near(clv_errors_mae(&e), 0.3 / 4));
    assert_true(near(clv_errors_psnr(&e), 10 * log10(4 / 0.05)));
    /* Pixel 0: (0.1, 0.2) against (0.1, 0.4); pixel 1: (0.3, 0.5) against (0.2, 0.5). */
    const double a = atan2(0.4, 0.1) - atan2(0.2, 0.1), b = atan2(0.5, 0.2) - atan2(0.5, 0.3);
    assert_true(fabs(clv_errors_sam(&e) - (a + b) / 2 * 180 / 3.14159265358979) < 1e-4);
}

static void parts_join_to_the_whole(void **state)
{
    (void)state;
    float a[64], b[64];
    uint8_t scope[64];
    for (int i = 0; i < 64; i++) {
        a[i] = (float)(i * 37 % 64) / 64;
        b[i] = (float)(i * 11 % 64) / 64;
        scope[i] = (uint8_t)(i % 3);
    }
    clv_errors whole = {0}, one = {0}, two = {0};
    clv_errors_add(&whole, a, b, 1, 64, 64, scope, 2);
    clv_errors_add(&one, a, b, 1, 30, 30, scope, 2);
    clv_errors_add(&two, a + 30, b + 30, 1, 34, 34, scope + 30, 2);
    clv_errors_join(&one, &two);
    assert_int_equal(one.values, whole.values);
    assert_true(near(clv_errors_rmse(&one), clv_errors_rmse(&whole)));
    assert_true(near(clv_errors_sam(&one), clv_errors_sam(&whole)));
}

static void nothing_has_no_figures(void **state)
{
    (void)state;
    const clv_errors none = {0};
    assert_true(isnan(clv_errors_rmse(&none)) && isnan(clv_errors_mae(&none)) && isnan(clv_errors_psnr(&none)));
    assert_true(isnan(clv_errors_sam(&none)));
    const float dark[] = {0, 0}, same[] = {0.5f, 0.5f};
    const uint8_t scope[] = {1, 1};
    clv_errors e = {0};
    clv_errors_add(&e, dark, same, 1, 2, 2, scope, 1);
    assert_true(isnan(clv_errors_sam(&e))); /* black has no direction */
    e = (clv_errors){0};
    clv_errors_add(&e, same, same, 1, 2, 2, scope, 1);
    assert_true(isinf(clv_errors_psnr(&e)));
}

static void similarity_of_structures(void **state)
{
    (void)state;
    float a[100], b[100], flat[100];
    for (int i = 0; i < 100; i++) {
        a[i] = (float)(i % 7) / 7;
        b[i] = 1 - a[i];
        flat[i] = 0.5f;
    }
    assert_true(near(clv_ssim(a, a, 10, 10), 1));
    assert_true(clv_ssim(a, b, 10, 10) < 0);
    assert_true(clv_ssim(a, flat, 10, 10) < 0.1 && clv_ssim(a, flat, 10, 10) > -0.1);
    assert_true(near(clv_ssim(a, b, 10, 10), clv_ssim(b, a, 10, 10)));
    assert_true(isnan(clv_ssim(a, b, 4, 25)));
}

static void *read_all(const char *path, size_t size)
{
    void *data = malloc(size);
    FILE *f = fopen(path, "rb");
    if (!data || !f || fread(data, 1, size, f) != size)
        exit(2);
    fclose(f);
    return data;
}

static int print_figures(char **argv)
{
    const int bands = atoi(argv[4]), width = atoi(argv[5]), height = atoi(argv[6]);
    const size_t n = (size_t)width * (size_t)height;
    float *predicted = read_all(argv[1], (size_t)bands * n * sizeof(float));
    float *truth = read_all(argv[2], (size_t)bands * n * sizeof(float));
    uint8_t *scope = read_all(argv[3], n);
    clv_errors e = {0};
    clv_errors_add(&e, predicted, truth, bands, n, n, scope, 1);
    printf("%.12g %.12g %.12g %.12g %.12g\n", clv_errors_psnr(&e), clv_errors_rmse(&e), clv_errors_mae(&e),
           clv_errors_sam(&e), clv_ssim(predicted, truth, width, height));
    free(predicted);
    free(truth);
    free(scope);
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_by_hand),
        cmocka_unit_test(parts_join_to_the_whole),
        cmocka_unit_test(nothing_has_no_figures),
        cmocka_unit_test(similarity_of_structures),
    };
    return argc == 7 ? print_figures(argv) : cmocka_run_group_tests(tests, NULL, NULL);
}
