/* SPDX-License-Identifier: MIT */
#include "image/byte_areas.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

#define BLOCK CLV_BYTE_AREAS_BLOCK
#define AROUND CLV_BYTE_AREAS_AROUND
#define HALO (BLOCK + 2 * AROUND) /* rows that are looked at at once, at most */

#define LEAST_PIXELS 24
#define LEAST_EDGES 16
#define LEAST_RIM 8       /* pixels along the rim, of small pictures */
#define MOST_RIM 32       /* ... of large ones */
#define RIM_PART 8        /* ... of the shorter side */
#define STEP 4            /* from 0 to the brightest band beside it: less is noise of dark ground */
#define STEP_PART 3       /* ... the ground AROUND pixels further on is at most so many times as bright */
#define WHITE_STEP 25     /* from 255 to every band beside it */
#define SHARP 0.5         /* of an area's edges are */
#define STRAIGHT 0.5      /* of the blocks that an edge cuts it cuts straight */
#define SOME_STRAIGHT 0.2 /* ... of 0 where nothing else in the area is dark: outlines of fields and basins */
#define WHITE_CUTS 3      /* so many blocks tell */
#define MANY_CUTS 6       /* with so many nothing else has to tell that 255 is no cloud ... */
#define ALL_STRAIGHT 0.9  /* ... where so many are straight: the ground beside it may be cloud itself */
#define SMOOTH 45         /* pairs of neighbours in a block that an outline cuts: of dark places it is more ragged */
#define ALL_OF_ANY 0.95   /* where one band is 0 so are all: dark places are clipped in some first */
#define FEWEST_ROWS 4     /* of a block that the edge crosses, to tell whether it is straight */
#define SAME_SIDE 8       /* pixels of a block on each side of the edge, at least */
#define OFF_LINE 1.0      /* pixels from a straight line that rounding explains */

typedef struct clv_byte_block {
    uint16_t all, any;     /* pixels where all bands have the value, where some band has */
    uint16_t edges, sharp; /* pairs of neighbours of which one has it in all bands */
    uint16_t rim;          /* pixels along the picture's rim */
    uint16_t size;         /* pixels of the block */
    bool cut, straight;
} block;

const uint8_t clv_byte_areas_value[CLV_BYTE_AREAS_VALUES] = {0, 255};

clv_byte_areas *clv_byte_areas_new(int bands, int width, int height)
{
    clv_byte_areas *a = calloc(1, sizeof *a);
    if (!a)
        return NULL;
    a->bands = bands < CLV_BYTE_AREAS_BANDS ? bands : CLV_BYTE_AREAS_BANDS;
    a->width = width;
    a->height = height;
    a->columns = (width + BLOCK - 1) / BLOCK;
    a->rows = (height + BLOCK - 1) / BLOCK;
    const size_t n = (size_t)a->columns * (size_t)a->rows;
    bool room = true;
    for (int k = 0; k < CLV_BYTE_AREAS_VALUES; k++)
        room = (a->blocks[k] = clv_alloc_array(n, 1, sizeof *a->blocks[k])) && room;
    a->in = clv_alloc_array(n, 1, 1);
    a->work = clv_alloc_array((size_t)width, HALO, 1);
    if (room && a->in && a->work)
        return a;
    clv_byte_areas_free(a);
    return NULL;
}

static void free_work(clv_byte_areas *a)
{
    for (int k = 0; k < CLV_BYTE_AREAS_VALUES; k++) {
        free(a->blocks[k]);
        a->blocks[k] = NULL;
    }
    free(a->work);
    a->work = NULL;
}

void clv_byte_areas_free(clv_byte_areas *a)
{
    if (!a)
        return;
    free_work(a);
    free(a->in);
    free(a);
}

/* ---- One block ------------------------------------------------------------------------------------ */

/* Rows of the picture in work. */
typedef struct view {
    const clv_byte_areas *areas;
    const uint8_t *const *planes;
    const uint8_t *all; /* [count, width]: all bands have the value */
    int top, count;
    uint8_t value;
} view;

static size_t place(const view *v, int x, int y)
{
    return (size_t)(y - v->top) * (size_t)v->areas->width + (size_t)x;
}

static bool is_outside(const view *v, int x, int y)
{
    return x < 0 || y < v->top || x >= v->areas->width || y >= v->top + v->count || v->all[place(v, x, y)];
}

/* How far the band that is furthest (of 255: nearest) lies from the value. */
static int step_of(const view *v, int x, int y)
{
    int most = 0, least = 255;
    for (int b = 0; b < v->areas->bands; b++) {
        const int apart = abs(v->planes[b][place(v, x, y)] - v->value);
        most = apart > most ? apart : most;
        least = apart < least ? apart : least;
    }
    return v->value == 0 ? most : least;
}

/* Whether 255 ends at pixels that are 0 in all bands, which are no data themselves or may be: that says nothing of it,
 * as a saturated cloud ends sharply and straight at the end of a swath. (0 beside 255 is no dark ground.) */
static bool is_beyond(const view *v, int x, int y)
{
    for (int b = 0; b < v->areas->bands; b++)
        if (v->planes[b][place(v, x, y)] != 0)
            return false;
    return v->value == 255;
}

/* Outwards from a pixel of an area: the ground begins at once, nothing leads up to the value. */
static void add_edge(const view *v, int x, int y, int dx, int dy, block *b)
{
    if (is_outside(v, x + dx, y + dy) || is_beyond(v, x + dx, y + dy))
        return;
    int far = 1;
    while (far < AROUND && !is_outside(v, x + (far + 1) * dx, y + (far + 1) * dy))
        far++;
    const int step = step_of(v, x + dx, y + dy);
    b->edges++;
    if (v->value == 0)
        b->sharp += step >= STEP && STEP_PART * step >= step_of(v, x + far * dx, y + far * dy);
    else
        b->sharp += step >= WHITE_STEP;
}

/* Where each line of the block (row, or column: across) passes from one side of the edge to the other; false where one
 * does so more than once or the other way round than the one before. Returns in *lines how many pass. */
static bool find_passes(const view *v, clv_rect r, bool across, double *at, double *line, int *lines)
{
    const int length = across ? r.height : r.width, count = across ? r.width : r.height;
    int way = 0;
    *lines = 0;
    for (int j = 0; j < count; j++) {
        int passes = 0, here = 0;
        for (int i = 1; i < length; i++) {
            const int x = r.x + (across ? j : i), y = r.y + (across ? i : j);
            const int now = v->all[place(v, x, y)], before = v->all[place(v, x - !across, y - across)];
            if (now == before)
                continue;
            if (++passes > 1 || (way && way != now - before))
                return false;
            way = now - before;
            here = i;
        }
        if (passes == 0)
            continue;
        at[*lines] = here;
        line[(*lines)++] = j;
    }
    return true;
}

static bool lie_on_line(const double *x, const double *y, int n)
{
    double mx = 0, my = 0, xx = 0, xy = 0;
    for (int i = 0; i < n; i++) {
        mx += x[i] / n;
        my += y[i] / n;
    }
    for (int i = 0; i < n; i++) {
        xx += (x[i] - mx) * (x[i] - mx);
        xy += (x[i] - mx) * (y[i] - my);
    }
    for (int i = 0; i < n; i++)
        if (fabs(y[i] - my - (xx > 0 ? xy / xx : 0) * (x[i] - mx)) > OFF_LINE)
            return false;
    return true;
}

static void judge_cut(const view *v, clv_rect r, block *b)
{
    double at[BLOCK], line[BLOCK];
    const int n = r.width * r.height;
    if (b->all < SAME_SIDE || n - b->all < SAME_SIDE)
        return;
    for (int y = r.y; y < r.y + r.height; y++)
        for (int x = r.x; x < r.x + r.width; x++)
            if (is_beyond(v, x, y))
                return;
    bool enough = false;
    for (int across = 0; across < 2 && !b->straight; across++) {
        int lines = 0;
        const bool once = find_passes(v, r, across, at, line, &lines);
        enough = enough || !once || lines >= FEWEST_ROWS;
        b->straight = once && lines >= FEWEST_ROWS && lie_on_line(line, at, lines);
    }
    b->cut = enough;
}

static void look_at(const view *v, clv_rect r, block *b)
{
    const clv_byte_areas *a = v->areas;
    for (int y = r.y; y < r.y + r.height; y++)
        for (int x = r.x; x < r.x + r.width; x++) {
            bool any = false;
            for (int k = 0; k < a->bands && !any; k++)
                any = v->planes[k][place(v, x, y)] == v->value;
            b->any = (uint16_t)(b->any + any);
            if (!v->all[place(v, x, y)])
                continue;
            b->all++;
            b->rim = (uint16_t)(b->rim + (x == 0 || y == 0 || x == a->width - 1 || y == a->height - 1));
            add_edge(v, x, y, -1, 0, b);
            add_edge(v, x, y, 1, 0, b);
            add_edge(v, x, y, 0, -1, b);
            add_edge(v, x, y, 0, 1, b);
        }
    b->size = (uint16_t)(r.width * r.height);
    if (b->all > 0)
        judge_cut(v, r, b);
}

void clv_byte_areas_look(clv_byte_areas *a, int row, const uint8_t *const *planes, int top, int count)
{
    const size_t n = (size_t)a->width * (size_t)count;
    for (int k = 0; k < CLV_BYTE_AREAS_VALUES; k++) {
        const view v = {a, planes, a->work, top, count, clv_byte_areas_value[k]};
        bool some = false;
        for (size_t i = 0; i < n; i++) {
            bool all = true;
            for (int b = 0; b < a->bands && all; b++)
                all = planes[b][i] == v.value;
            a->work[i] = all;
            some = some || all;
        }
        for (int column = 0; column < a->columns && some; column++) {
            const clv_rect r = clv_rect_intersect((clv_rect){column * BLOCK, row * BLOCK, BLOCK, BLOCK},
                                                  (clv_rect){0, 0, a->width, a->height});
            look_at(&v, r, &a->blocks[k][(size_t)row * (size_t)a->columns + (size_t)column]);
        }
    }
}

/* ---- Areas ---------------------------------------------------------------------------------------- */

typedef struct sums {
    long all, any, edges, sharp, rim, cut, straight;
} sums;

static bool is_no_data(const clv_byte_areas *a, uint8_t value, const sums *s)
{
    const int side = a->width < a->height ? a->width : a->height, part = side / RIM_PART;
    const int rim = part < LEAST_RIM ? LEAST_RIM : part > MOST_RIM ? MOST_RIM : part;
    const double cut = (double)s->cut, straight = (double)s->straight, edges = (double)s->edges;
    const bool sharp = (double)s->sharp >= SHARP * edges;
    if (s->all < LEAST_PIXELS || s->rim < rim)
        return false;
    if (value != 0)
        return s->edges >= LEAST_EDGES && ((sharp && s->cut >= WHITE_CUTS && straight >= STRAIGHT * cut) ||
                                           (s->cut >= MANY_CUTS && straight >= ALL_STRAIGHT * cut));
    const bool clean =
        (double)s->all >= ALL_OF_ANY * (double)s->any && edges <= SMOOTH * cut && straight >= SOME_STRAIGHT * cut;
    return sharp && (s->edges == 0 || (s->cut > 0 && straight >= STRAIGHT * cut) || clean);
}

/* Marks of the blocks of one value that belong to no area yet. */
enum { PART = 1, WHOLE = 2 /* filled, or cut by a straight edge */ };

/* The blocks of one area, from one on: taken off `open` into list. What else is white or dark beside an area goes on in
 * blocks that are neither filled nor cut straight: through = WHOLE stops there. */
static int gather(const clv_byte_areas *a, uint8_t *open, int from, uint8_t through, int *list)
{
    int count = 0, done = 0;
    uint8_t *taken = a->work;
    list[count++] = from;
    taken[from] = 1;
    while (done < count) {
        const int at = list[done++], x = at % a->columns, y = at / a->columns;
        if (open[at] < through)
            continue;
        for (int j = y > 0 ? y - 1 : 0; j <= y + 1 && j < a->rows; j++)
            for (int i = x > 0 ? x - 1 : 0; i <= x + 1 && i < a->columns; i++) {
                const int next = j * a->columns + i;
                if (!open[next] || taken[next])
                    continue;
                taken[next] = 1;
                list[count++] = next;
            }
    }
    return count;
}

static void judge_areas(clv_byte_areas *a, int k, uint8_t through, uint8_t *open, int *list)
{
    const int n = a->columns * a->rows;
    memset(a->work, 0, (size_t)n);
    for (int i = 0; i < n; i++) {
        if (open[i] < through || a->work[i])
            continue;
        sums s = {0};
        const int count = gather(a, open, i, through, list);
        for (int j = 0; j < count; j++) {
            const block *b = &a->blocks[k][list[j]];
            s.all += b->all;
            s.any += b->any;
            s.edges += b->edges;
            s.sharp += b->sharp;
            s.rim += b->rim;
            s.cut += b->cut;
            s.straight += b->cut && b->straight;
        }
        const bool none = is_no_data(a, clv_byte_areas_value[k], &s);
        a->found[k] = a->found[k] || none;
        for (int j = 0; j < count; j++) {
            a->in[list[j]] |= (uint8_t)(none << k);
            open[list[j]] = none ? 0 : open[list[j]];
        }
    }
}

bool clv_byte_areas_decide(clv_byte_areas *a, const bool *told, bool *memory)
{
    const int n = a->columns * a->rows;
    uint8_t *open = clv_alloc_array((size_t)n, 1, 1);
    int *list = clv_alloc_array((size_t)n, 1, sizeof *list);
    free(a->work);
    a->work = clv_alloc_array((size_t)n, 1, 1);
    *memory = open && list && a->work;
    for (int k = 0; k < CLV_BYTE_AREAS_VALUES && *memory; k++) {
        for (int i = 0; i < n; i++) {
            const block *b = &a->blocks[k][i];
            open[i] = told[k] || b->all == 0 ? 0 : b->straight || b->all == b->size ? WHOLE : PART;
        }
        judge_areas(a, k, WHOLE, open, list);
        judge_areas(a, k, PART, open, list);
    }
    free(open);
    free(list);
    free_work(a);
    return a->found[0] || a->found[1];
}

void clv_byte_areas_mark(const clv_byte_areas *a, clv_rect area, const uint8_t *const *planes, uint8_t *missing,
                         size_t stride, uint8_t value)
{
    for (int y = 0; y < area.height; y++) {
        const uint8_t *in = a->in + (size_t)((area.y + y) / BLOCK) * (size_t)a->columns;
        for (int x = 0; x < area.width; x++) {
            const size_t i = (size_t)y * (size_t)area.width + (size_t)x;
            const uint8_t first = planes[0][i], bits = in[(area.x + x) / BLOCK];
            bool all =
                (first == clv_byte_areas_value[0] && (bits & 1)) || (first == clv_byte_areas_value[1] && (bits & 2));
            for (int b = 1; b < a->bands && all; b++)
                all = planes[b][i] == first;
            if (all)
                missing[(size_t)y * stride + (size_t)x] |= value;
        }
    }
}
