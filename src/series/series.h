/* SPDX-License-Identifier: MIT
 *
 * series: the acquisitions of one area over time, put on one working grid. What the pipeline reads from.
 *
 * clv_series_open() opens every input, splits it into dates (one raster per date; one raster with all dates as bands;
 * products and files of one band each, joined; folders and text files naming inputs; EarthNet cubes, context and
 * target joined), finds bands, scale, dates and nodata (sentinel2/ and dataset.h; every decision is kept as text for
 * `info`), sorts by date and chooses the working grid: the reference's (first input or -ref), coarsened by the integer
 * factor that brings it nearest to 20 m when it is finer; where it may, extended by whole pixels over all dates.
 *
 * Channels are in role order: red, green, blue, NIR when there, then the other spectral bands in the input's order.
 * AUX bands (SCL, QA, alpha, masks) are not channels; writers copy them.
 *
 * Implemented by series.c (opening, by the steps of build_private.h), series_extent.c, series_cut.c, series_read.c
 * (windows of a date), native_missing.c, date_masks.c (masks), date_files.c (the dataset behind a date) and
 * build_channels.c (bands that dates lack).
 *
 * Threads: each date has its own dataset handles: different dates may be read from different threads at the same time,
 * one date from one thread at a time.
 */
#ifndef CLV_SERIES_SERIES_H
#define CLV_SERIES_SERIES_H

#include "base/context.h"
#include "image/level.h"
#include "image/windows.h"
#include "products/date_facts.h"
#include "raster/grid.h"
#include "sentinel2/radiometry.h"
#include "sentinel2/roles.h"

#define CLV_OTHER_NODATA 3

typedef struct clv_band {
    int index; /* 1-based number in the date's dataset */
    int place; /* 0-based among the bands of its date */
    clv_role role;
    char name[64]; /* description, or a role's name */
    bool named;    /* the file has the name */
    char pair[8];  /* the Sentinel-2 band of these wavelengths ("B8A"), "" unknown */
    clv_pixel_type type;
    double scale, offset; /* reflectance = DN * scale + offset */
    bool has_nodata; /* nodata marks missing pixels: declared by the file, by -srcnodata, or 0 (UInt16), -9999 (Int16);
                        with facts.all_zero a 0 marks them only where every channel is 0: dark places are clipped to 0
                        too */
    bool declares_nodata; /* the file itself carries the value: an output gets it too */
    double nodata;
    double other_nodata[CLV_OTHER_NODATA]; /* further values that mark missing pixels (nodata.h) */
    int other_count;
    double
        empty_share; /* of the raster's middle where the band is 0 and no dark place leads up to it; 0: of no matter */
    bool screened;   /* numbers that no reflectance has mark missing pixels too (band_values.h) */
    bool absent;     /* of a band beyond red, green, blue and NIR: the date has no data in it. Until the channels are
                        chosen,     of which it is none where no date has data in it, and of the bands beyond them */
} clv_band;

typedef struct clv_acquisition {
    char *source;         /* dataset name as GDAL opens it (or the cube's path) */
    char *stem;           /* unique base name for outputs, without extension */
    int input;            /* which input (0-based, after text files are expanded) it came from */
    int step;             /* which date within that input, 0-based */
    clv_date_facts facts; /* owned */
    double days;
    clv_band *bands;        /* [channels], role order; behind them the date's others */
    int bands_found;        /* all of them: those beyond the channels are not in every date, and in no output */
    clv_grid grid;          /* its output's grid: its own, with -tr the working grid; with a crop the part of it */
    bool warped;            /* does not fit the working grid: read through the warper */
    int factor, xoff, yoff; /* when not warped: working pixel (i, j) covers native pixels xoff + i*factor .. */
    char grid_how[160];
    clv_level level;     /* compared with the other dates (level_check.h) */
    double level_taken;  /* change of the bands' offsets that followed, in reflectance */
    char level_how[160]; /* "" where it was not looked at */
    clv_rect extent;     /* pixels of the working grid that the date can show; may reach beyond it */
} clv_acquisition;

/* What the working grid covers. -ref and -tr limit it to the reference's extent in any case. */
typedef enum clv_extent {
    CLV_EXTENT_REFERENCE, /* the extent of the first input or of -ref */
    CLV_EXTENT_ALL        /* all dates, which must overlap, directly or through others */
} clv_extent;

typedef struct clv_series {
    int dates, channels;
    clv_acquisition *acquisitions; /* [dates], ascending in time */
    clv_grid grid;                 /* working grid; with a crop the part that is read */
    clv_rect core;                 /* the part of it that the outputs need; without a crop all of it */
    clv_rect window;               /* the crop, else all, in pixels of the reference's native grid; begins left of or
                                      above that where the working grid does */
    int window_factor;             /* of those pixels in a working pixel */
    int inputs;                    /* inputs after expansion */
    bool single_stack;             /* all dates came from one raster's bands */
    bool has_nir;                  /* channel 3 is NIR */
    bool has_masks;                /* a mask from the user or the product is known for at least one date */
    bool masks_cover_all;          /* ... for every date */
    clv_mask_mode mask_mode;
    bool extended;  /* the working grid reaches beyond the first input's extent */
    clv_rect first; /* ... which lies here on it; may reach beyond a crop */
    struct clv_series_private *private_data;
} clv_series;

/* False for a date of which a crop shows nothing. */
static inline bool clv_acquisition_shown(const clv_acquisition *date)
{
    return date->grid.width > 0;
}

/* Pixels of the working grid under date t and `margin` pixels around them. */
static inline clv_rect clv_series_area(const clv_series *series, int t, int margin)
{
    const clv_rect e = series->acquisitions[t].extent;
    return clv_rect_intersect((clv_rect){e.x - margin, e.y - margin, e.width + 2 * margin, e.height + 2 * margin},
                              (clv_rect){0, 0, series->grid.width, series->grid.height});
}

/* Whether a band of date t's dataset is reflectance that other dates lack: it cannot be filled, and is in no output
 * but a stack that is like the one raster of all dates. Bands without a name, whose values looked like reflectance in
 * some dates only, are copied. */
bool clv_series_lacks(const clv_series *series, int t, int band);

/* On the reference's extent. */
clv_status clv_series_open(clv_context *ctx, const char *const *inputs, int count, const clv_input_options *options,
                           clv_series **out);
/* The same, for work that looks `margin` working pixels around what it writes: with a crop the working grid is larger
 * than the crop by at least that where the dataset goes on, and begins at a multiple of CLV_WINDOW_ALIGNMENT of the
 * whole dataset's, so that windows lie where they would lie without the crop. dilation: its pixels of this grid come on
 * top of the margin; NULL: none. */
clv_status clv_series_open_around(clv_context *ctx, const char *const *inputs, int count,
                                  const clv_input_options *options, clv_extent extent, int margin,
                                  const clv_detect_settings *dilation, clv_series **out);
void clv_series_free(clv_series *series);

/* Window of the working grid (inside it) of date t. x [channels, h, w] reflectance (0 where missing), missing [h, w]: 1
 * where any of the first three channels or NIR is nodata (integer nodata 0: where all channels are) or outside the
 * date's raster; a working pixel is missing when all native pixels in it are, else it is the mean of the others. x may
 * be NULL (mask only). */
clv_status clv_series_read(clv_context *ctx, clv_series *series, int t, clv_rect window, float *x, uint8_t *missing);

/* The same with more about the pixels: missing holds bits of clv_missing_bits. x of a channel is 0 where all native
 * pixels of the working pixel are missing in that channel, else the mean of those that are not. Without x the bits are
 * those of red, green, blue and NIR. */
enum clv_missing_bits {
    CLV_MISSING_CORE = 1,   /* red, green, blue or NIR is missing: clv_series_read()'s 1 */
    CLV_MISSING_PARTLY = 2, /* some channels are missing, others are there */
    CLV_MISSING_NATIVE = 4  /* a native pixel in it is missing in some channel */
};
clv_status clv_series_read_bits(clv_context *ctx, clv_series *series, int t, clv_rect window, float *x,
                                uint8_t *missing);

/* Native pixels of a window of the date's OWN grid that are missing. raw [channels]: what clv_series_read_raw() gave
 * for the window. missing [h, w]: enum clv_native_missing. */
enum clv_native_missing {
    CLV_NATIVE_THERE,
    CLV_NATIVE_MISSING, /* in all channels */
    CLV_NATIVE_PARTLY,  /* in some, by their values */
    CLV_NATIVE_DEAD     /* in some, by their values or a 0 */
};
clv_status clv_series_native_missing(clv_context *ctx, clv_series *series, int t, clv_rect window,
                                     const void *const *raw, uint8_t *missing);
/* Whether that can be anything but 0. */
bool clv_series_may_miss(const clv_series *series, int t);

/* The known masks (-mask, -scl, the product's own) of date t on the working grid: 0 = not flagged, 1 = cloud or not to
 * be used, 2 = shadow (SCL), 4 = no data by a fill code (SCL's 0), also where the bands show values. A working pixel is
 * cloud or shadow when any mask pixel in it is, 4 when all of them are. All 0 when none is known. */
clv_status clv_series_read_mask(clv_context *ctx, clv_series *series, int t, clv_rect window, uint8_t *mask);

/* The same apart: own [h, w] of the masks that came with the data (an SCL, a quality mask, found by themselves), given
 * [h, w] of those that the user named with -mask and -scl. */
clv_status clv_series_read_masks(clv_context *ctx, clv_series *series, int t, clv_rect window, uint8_t *own,
                                 uint8_t *given);
/* Whether a mask came with date t. */
bool clv_series_has_own_mask(const clv_series *series, int t);

/* Raw values, in the band's own type, of channel c of date t in a window of the date's OWN grid (inside it). */
clv_status clv_series_read_raw(clv_context *ctx, clv_series *series, int t, int c, clv_rect window, void *raw);

/* The part of that dataset that date t's output covers. */
clv_rect clv_series_source(clv_series *series, int t, GDALDatasetH dataset);
/* Where the output of date t lies on the working grid but its native pixels fit it: native pixel (*x + i * *step, *y +
 * j * *step), perhaps outside the raster, is the nearest to output pixel (i, j). False for other dates. */
bool clv_series_steps(const clv_series *series, int t, int *x, int *y, int *step);
/* The dataset behind date t (for metadata); owned by the series. */
GDALDatasetH clv_series_dataset(clv_series *series, int t);

#endif
