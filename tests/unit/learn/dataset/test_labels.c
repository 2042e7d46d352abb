/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "learn/dataset/labels.h"

#define SIDE 16
#define N (SIDE * SIDE)

typedef struct scene {
    float x[4 * N], reference[4 * N];
    uint8_t missing[N], label[N], scl[N];
} scene;

/* Meadow, the same in picture and reference. */
static clv_picture calm(scene *s)
{
    static const float meadow[4] = {0.05f, 0.08f, 0.04f, 0.30f};
    memset(s, 0, sizeof *s);
    for (int c = 0; c < 4; c++)
        for (int i = 0; i < N; i++)
            s->x[c * N + i] = s->reference[c * N + i] = meadow[c];
    return (clv_picture){s->x, s->reference, s->missing, SIDE, SIDE, true};
}

static void brighten(scene *s, int i, float by)
{
    for (int c = 0; c < 4; c++)
        s->x[c * N + i] += by;
}

static void test_scl_classes(void **state)
{
    static const uint8_t expected[12] = {255, 255, 255, 2, 0, 0, 0, 255, 1, 1, 255, 0};
    (void)state;
    for (int c = 0; c < 12; c++)
        assert_int_equal(clv_label_of_scl((uint8_t)c), expected[c]);
    assert_int_equal(clv_label_of_scl(200), 255);
}

static void test_scl_is_checked(void **state)
{
    static scene s;
    clv_picture p = calm(&s);
    (void)state;
    static const uint8_t scl[8] = {9, 9, 4, 4, 10, 10, 3, 3};
    memcpy(s.scl, scl, 8);
    for (int i = 0; i < N; i++)
        s.label[i] = clv_label_of_scl(s.scl[i]);
    brighten(&s, 1, 0.3f);
    brighten(&s, 3, 0.2f);
    brighten(&s, 5, 0.05f);
    for (int c = 0; c < 4; c++)
        s.x[c * N + 7] *= 0.5f;
    clv_labels_check_scl(&p, s.scl, s.label);
    assert_int_equal(s.label[0], 255); /* a roof that Sen2Cor took for cloud */
    assert_int_equal(s.label[1], 1);
    assert_int_equal(s.label[2], 0);
    assert_int_equal(s.label[3], 255); /* a cloud that it missed */
    assert_int_equal(s.label[4], 255); /* cirrus that nobody sees */
    assert_int_equal(s.label[5], 1);   /* cirrus that one sees */
    assert_int_equal(s.label[6], 255); /* shadow that is not dark */
    assert_int_equal(s.label[7], 2);
}

static void test_classes_are_checked(void **state)
{
    static scene s;
    clv_picture p = calm(&s);
    (void)state;
    static const uint8_t classes[7] = {1, 2, 2, 0, 0, 2, 255};
    memcpy(s.label, classes, 7);
    for (int c = 0; c < 4; c++)
        s.x[c * N + 2] *= 0.5f;
    for (int i = 5 * SIDE; i < 9 * SIDE; i++)
        brighten(&s, i, 0.3f); /* a cloud that the classes miss, and that they call shadow */
    memset(s.label + 7 * SIDE, 2, 2 * SIDE);
    brighten(&s, 4, 0.042f);
    assert_int_equal(clv_labels_check_classes(&p, 25, s.label), 0);
    assert_int_equal(s.label[0], 255); /* no brighter than the other dates */
    assert_int_equal(s.label[1], 255); /* no darker */
    assert_int_equal(s.label[2], 2);
    assert_int_equal(s.label[3], 0);
    assert_int_equal(s.label[4], 255); /* a veil */
    assert_int_equal(s.label[6], 255);
    assert_int_equal(s.label[6 * SIDE + 3], 1);
    assert_int_equal(s.label[8 * SIDE + 3], 1);
}

static void test_shadows_are_taken(void **state)
{
    (void)state;
    const uint8_t classes[6] = {2, 2, 0, 1, 255, 0};
    uint8_t label[6] = {0, 1, 0, 0, 0, 1};
    static const uint8_t expected[6] = {2, 1, 0, 255, 255, 1};
    clv_labels_take_shadows(classes, 6, label);
    assert_memory_equal(label, expected, 6);
}

static void test_scl_without_reference(void **state)
{
    static scene s;
    clv_picture p = calm(&s);
    (void)state;
    p.reference = NULL;
    memset(s.scl, 9, N);
    memset(s.label, 1, N);
    s.missing[3] = 1;
    clv_labels_check_scl(&p, s.scl, s.label);
    assert_int_equal(s.label[0], 1);
    assert_int_equal(s.label[3], 255);
}

static void test_difference(void **state)
{
    static scene s;
    clv_picture p = calm(&s);
    (void)state;
    for (int y = 2; y < 8; y++)
        for (int x = 2; x < 8; x++)
            brighten(&s, y * SIDE + x, 0.3f);
    brighten(&s, 12 * SIDE + 12, 0.3f); /* a speck */
    brighten(&s, 12 * SIDE + 3, 0.03f); /* between */
    s.x[12 * SIDE + 5] += 0.15f;        /* bare soil: red only */
    s.x[3 * N + 12 * SIDE + 7] *= 0.6f; /* darker in NIR */
    s.missing[0] = 1;
    assert_int_equal(clv_labels_of_difference(&p, 9, s.label), 0);
    assert_int_equal(s.label[3 * SIDE + 3], 1);
    assert_int_equal(s.label[12 * SIDE + 12], 255);
    assert_int_equal(s.label[12 * SIDE + 3], 255);
    assert_int_equal(s.label[12 * SIDE + 5], 255);
    assert_int_equal(s.label[12 * SIDE + 7], 255);
    assert_int_equal(s.label[0], 255);
    assert_int_equal(s.label[N - 1], 0);
    int clouds = 0;
    for (int i = 0; i < N; i++)
        clouds += s.label[i] == 1;
    assert_int_equal(clouds, 36);
}

static void test_dark_is_dropped(void **state)
{
    static scene s;
    clv_picture p = calm(&s);
    (void)state;
    s.label[4] = 1;
    for (int i = 0; i < 10; i++)
        s.x[3 * N + i] = 0.1f;
    assert_int_equal(clv_labels_drop_dark(&p, s.label), 0);
    assert_int_equal(s.label[0], 255);
    assert_int_equal(s.label[4], 1); /* cloud stays cloud */
    assert_int_equal(s.label[20], 0);
}

static void test_shadows_are_parted(void **state)
{
    static scene s;
    clv_picture p = calm(&s);
    (void)state;
    memset(s.label, 1, 8);
    brighten(&s, 1, 0.2f);
    for (int c = 0; c < 4; c++)
        s.x[c * N + 2] *= 0.5f;
    s.x[3 * N + 3] *= 0.5f; /* darker in NIR, brighter in blue: thin cloud over growing land */
    s.x[2 * N + 3] += 0.05f;
    s.x[3 * N + 9] *= 0.5f; /* clear stays clear */
    for (int c = 0; c < 4; c++)
        s.x[c * N + 4] *= 0.5f;
    s.missing[4] = 1;
    clv_labels_part_shadows(&p, s.label);
    static const uint8_t expected[10] = {1, 1, 2, 1, 1, 1, 1, 1, 0, 0};
    assert_memory_equal(s.label, expected, sizeof expected);
    p.reference = NULL;
    s.label[2] = 1;
    clv_labels_part_shadows(&p, s.label);
    assert_int_equal(s.label[2], 1);
}

static void test_rims(void **state)
{
    static scene s;
    clv_picture p = calm(&s);
    (void)state;
    memset(s.label, 255, N);
    s.label[8 * SIDE + 8] = 1;
    s.label[8 * SIDE + 9] = 0;
    s.missing[8 * SIDE + 7] = 1;
    assert_int_equal(clv_labels_add_rims(&p, s.label), 0);
    assert_int_equal(s.label[8 * SIDE + 10], 1);
    assert_int_equal(s.label[6 * SIDE + 8], 1);
    assert_int_equal(s.label[8 * SIDE + 11], 255);
    assert_int_equal(s.label[8 * SIDE + 9], 0);   /* known to be clear */
    assert_int_equal(s.label[8 * SIDE + 7], 255); /* missing */
}

static void test_rims_are_dropped(void **state)
{
    static scene s;
    clv_picture p = calm(&s);
    (void)state;
    for (int i = 0; i < N; i++)
        s.label[i] = i % SIDE < 8 ? 1 : i % SIDE < 12 ? 0 : 255;
    s.label[5] = 2;
    s.missing[3 * SIDE + 7] = 1;
    assert_int_equal(clv_labels_drop_rims(&p, 2, s.label), 0);
    static const uint8_t expected[SIDE] = {1, 1, 1, 1, 1, 1, 255, 255, 0, 0, 0, 0, 255, 255, 255, 255};
    assert_memory_equal(s.label + 8 * SIDE, expected, SIDE);
    assert_int_equal(s.label[5], 2);            /* shadow stays */
    assert_int_equal(s.label[3 * SIDE + 7], 1); /* nobody looks at it */
}

static void test_veil(void **state)
{
    (void)state;
    assert_int_equal(clv_label_of_veil(0.0f, 0.0f), 0);
    assert_int_equal(clv_label_of_veil(0.9f, 0.9f), 1);
    assert_int_equal(clv_label_of_veil(0.05f, 0.9f), 255);
    assert_int_equal(clv_label_of_veil(0.0f, 0.5f), 2);
    assert_int_equal(clv_label_of_veil(0.0f, 0.15f), 255);
}

static void test_votes(void **state)
{
    static const struct {
        int votes[4];
        uint8_t label;
    } cases[] = {{{4, 0, 0, 0}, 0}, {{2, 2, 0, 0}, 1}, {{2, 1, 1, 0}, 0},  {{0, 1, 1, 2}, 255},
                 {{1, 1, 1, 1}, 1}, {{2, 0, 2, 0}, 2}, {{0, 0, 0, 1}, 255}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(clv_label_of_votes(cases[i].votes), cases[i].label);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scl_classes),
        cmocka_unit_test(test_scl_is_checked),
        cmocka_unit_test(test_classes_are_checked),
        cmocka_unit_test(test_shadows_are_taken),
        cmocka_unit_test(test_scl_without_reference),
        cmocka_unit_test(test_difference),
        cmocka_unit_test(test_dark_is_dropped),
        cmocka_unit_test(test_shadows_are_parted),
        cmocka_unit_test(test_rims),
        cmocka_unit_test(test_rims_are_dropped),
        cmocka_unit_test(test_veil),
        cmocka_unit_test(test_votes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
