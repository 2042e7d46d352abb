/* SPDX-License-Identifier: MIT
 * orientation: turned pictures are told, others are not.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "image/orientation.h"

enum { SIDE = 56, WINDOWS = 5, WHOLE = 301, PIXELS = WINDOWS * SIDE * SIDE, CELLS = WINDOWS * 14 * 14 };

static const double places[WINDOWS][2] = {{.5, .5}, {.2, .2}, {.8, .8}, {.8, .2}, {.2, .8}};

typedef struct fixture {
    clv_orientation_window windows[WINDOWS];
    clv_orientation_scene scene;
    float planes[2][PIXELS], scratch[2 * CELLS], own[2 * CELLS], other[2 * CELLS];
    uint8_t use[PIXELS];
} fixture;

static float hash(int x, int y, unsigned salt)
{
    uint32_t h = (uint32_t)x * 374761393u + (uint32_t)y * 668265263u + salt * 2246822519u;
    h = (h ^ (h >> 13)) * 1274126177u;
    return (float)((h ^ (h >> 16)) & 0xffff) / 65536.0F;
}

/* Fields of 60 to 120 metres; salt: of the place. */
static float ground(int x, int y, int feature, unsigned salt)
{
    return 0.05F + 0.2F * hash(x / 5, y / 6, salt + (unsigned)feature);
}

static fixture *new_fixture(void)
{
    fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    for (int j = 0; j < WINDOWS; j++)
        f->windows[j] = (clv_orientation_window){.x = (int)(places[j][0] * (WHOLE - SIDE)),
                                                 .y = (int)(places[j][1] * (WHOLE - SIDE)),
                                                 .width = SIDE,
                                                 .height = SIDE,
                                                 .first = j * SIDE * SIDE,
                                                 .count = SIDE * SIDE};
    f->scene =
        (clv_orientation_scene){.width = WHOLE, .height = WHOLE, .stride = 1, .windows = WINDOWS, .window = f->windows};
    clv_orientation_layout(&f->scene);
    assert_int_equal(f->scene.cells, CELLS);
    return f;
}

/* The ground as a file shows it that is turned; noise: of the date. */
static void show(fixture *f, int turn, unsigned salt, unsigned noise, float *structures)
{
    for (int j = 0; j < WINDOWS; j++)
        for (int i = 0; i < SIDE * SIDE; i++) {
            int x = f->windows[j].x + i % SIDE, y = f->windows[j].y + i / SIDE;
            const int px = x, py = y;
            if (turn & CLV_TURN_EXCHANGED) {
                x = py;
                y = px;
            }
            x = turn & CLV_TURN_COLUMNS ? WHOLE - 1 - x : x;
            y = turn & CLV_TURN_ROWS ? WHOLE - 1 - y : y;
            for (int k = 0; k < 2; k++)
                f->planes[k][f->windows[j].first + i] = ground(x, y, k, salt) + 0.05F * hash(px, py, noise);
            /* a cloud over a quarter */
            f->use[f->windows[j].first + i] = !(noise % 2 == 1 && j == 1);
        }
    const float *const planes[2] = {f->planes[0], f->planes[1]};
    clv_orientation_structures(&f->scene, planes, f->use, f->scratch, structures);
}

static void each_turn_is_told(void **state)
{
    (void)state;
    fixture *f = new_fixture();
    show(f, 0, 1, 100, f->other);
    for (int turn = 0; turn < CLV_TURNS; turn++) {
        show(f, turn, 1, 101, f->own);
        const clv_orientation found = clv_orientation_find(&f->scene, f->own, f->other);
        assert_true(found.known);
        assert_int_equal(found.turn, turn);
    }
    free(f);
}

static void other_ground_is_no_turn(void **state)
{
    (void)state;
    fixture *f = new_fixture();
    show(f, 0, 1, 100, f->other);
    for (unsigned salt = 2; salt < 30; salt++) {
        show(f, 0, salt, salt, f->own);
        assert_false(clv_orientation_find(&f->scene, f->own, f->other).known);
    }
    free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_turn_is_told),
        cmocka_unit_test(other_ground_is_no_turn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
