/* SPDX-License-Identifier: MIT
 *
 * clv_fill() in one page: fills what was not observed in a series that lies in memory.
 *
 *     fill_arrays
 *     fill_arrays REFLECTANCE MASK DATES BANDS HEIGHT WIDTH DAY... OUTPUT
 *
 * Without arguments a small series is made up. With them it is read from two files without a header, in the byte order
 * of the machine: float32 [dates, bands, height, width] and uint8 [dates, height, width], non-zero = not observed; one
 * day number for each date follows, then the file that the filled series is written to, as the first.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <clearvision/clearvision.h>

typedef struct series {
    int dates, bands, height, width;
    size_t pixels, values; /* of all dates: in a band, in all bands */
    float *reflectance;
    uint8_t *mask, *source;
    int32_t *days;
} series;

static int allocate(series *s)
{
    s->pixels = (size_t)s->dates * (size_t)s->height * (size_t)s->width;
    s->values = s->pixels * (size_t)s->bands;
    s->reflectance = calloc(s->values, sizeof *s->reflectance);
    s->mask = calloc(s->pixels, 1);
    s->source = calloc(s->pixels, 1);
    s->days = calloc((size_t)s->dates, sizeof *s->days);
    return s->reflectance && s->mask && s->source && s->days;
}

static void release(series *s)
{
    free(s->reflectance);
    free(s->mask);
    free(s->source);
    free(s->days);
}

/* Fields that turn green at different times; at every date a cloud hides another place. */
static int make_up(series *s)
{
    *s = (series){.dates = 6, .bands = 4, .height = 96, .width = 96};
    if (!allocate(s))
        return 0;
    for (int t = 0; t < s->dates; t++) {
        s->days[t] = 10 * t;
        for (int i = 0; i < s->height * s->width; i++) {
            const int x = i % s->width, y = i / s->width, field = (x / 12 * 7 + y / 12 * 13) % 5;
            const float green = 0.5f + 0.5f * sinf(0.4f * (float)(t + field));
            const float colour[4] = {0.12f - 0.06f * green, 0.08f + 0.02f * green, 0.06f, 0.2f + 0.2f * green};
            const int dx = x - 16 * t, dy = y - 48;
            const int cloud = dx * dx + dy * dy < 15 * 15;
            s->mask[t * s->height * s->width + i] = (uint8_t)cloud;
            for (int c = 0; c < s->bands; c++)
                s->reflectance[(t * s->bands + c) * s->height * s->width + i] = cloud ? 0.8f : colour[c];
        }
    }
    return 1;
}

static int read_file(const char *path, void *data, size_t size)
{
    FILE *file = fopen(path, "rb");
    const int whole = file && fread(data, 1, size, file) == size && fgetc(file) == EOF;
    if (file)
        fclose(file);
    if (!whole)
        fprintf(stderr, "%s: cannot be read, or is not %zu bytes long\n", path, size);
    return whole;
}

static int read_series(int argc, char **argv, series *s)
{
    *s = (series){.dates = atoi(argv[3]), .bands = atoi(argv[4]), .height = atoi(argv[5]), .width = atoi(argv[6])};
    if (s->dates < 1 || s->bands < 1 || s->height < 1 || s->width < 1 || argc != 8 + s->dates) {
        fprintf(stderr, "sizes and days do not go together\n");
        return 0;
    }
    if (!allocate(s))
        return 0;
    for (int t = 0; t < s->dates; t++)
        s->days[t] = atoi(argv[7 + t]);
    return read_file(argv[1], s->reflectance, s->values * sizeof *s->reflectance) &&
           read_file(argv[2], s->mask, s->pixels);
}

static void report(const series *s)
{
    const size_t plane = (size_t)s->height * (size_t)s->width;
    for (int t = 0; t < s->dates; t++) {
        size_t count[4] = {0}; /* by class of source */
        for (size_t i = 0; i < plane; i++)
            count[s->source[(size_t)t * plane + i]]++;
        printf("day %d: %zu pixels observed, %zu filled, %zu of them where no date shows the ground\n", (int)s->days[t],
               count[1], count[2] + count[3], count[3]);
    }
}

static int write_series(const char *path, const series *s)
{
    FILE *file = fopen(path, "wb");
    const int whole = file && fwrite(s->reflectance, sizeof *s->reflectance, s->values, file) == s->values;
    if ((file && fclose(file) != 0) || !whole) {
        fprintf(stderr, "%s: cannot be written\n", path);
        return 0;
    }
    return 1;
}

int main(int argc, char **argv)
{
    series s = {0};
    if (argc != 1 && argc < 10) {
        fprintf(stderr, "usage: %s [REFLECTANCE MASK DATES BANDS HEIGHT WIDTH DAY... OUTPUT]\n", argv[0]);
        return 1;
    }
    int ok = argc == 1 ? make_up(&s) : read_series(argc, argv, &s);

    clv_context *ctx = clv_context_new();
    clv_fill_options options;
    clv_fill_options_init(&options);
    options.method = CLV_METHOD_GAUSSIAN;
    if (ok && ctx) { /* in place; the deviation is not asked for */
        ok = clv_fill(ctx, s.dates, s.bands, s.height, s.width, s.reflectance, s.mask, s.days, &options, s.reflectance,
                      s.source, NULL) == CLV_OK;
        if (ok)
            report(&s);
        else
            fprintf(stderr, "%s\n", clv_context_error(ctx));
    }
    if (ok && argc > 1)
        ok = write_series(argv[argc - 1], &s);
    clv_context_free(ctx);
    release(&s);
    return ok && ctx ? 0 : 1;
}
