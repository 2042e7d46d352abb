/* SPDX-License-Identifier: MIT */
#include "pipeline/info/info_advice.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

enum { FEWEST = 5 };

CLV_PRINTF(3, 4) static void say(clv_check *check, clv_check_state state, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(check->text, sizeof check->text, format, args);
    va_end(args);
    check->state = state;
    check->advice[0] = '\0';
}

static void advise(clv_check *check, const char *advice)
{
    snprintf(check->advice, sizeof check->advice, "%s", advice);
}

/* Dates that remove processes together unless -window says another number. */
static int dates_together(void)
{
    clv_remove_options options;
    clv_remove_options_init(&options);
    return options.window;
}

static void check_dates(const clv_series *s, clv_check *c)
{
    const int most = dates_together();
    c->name = "dates";
    if (s->dates == 1) {
        say(c, CLV_CHECK_WARNING,
            "1 date: clouds can be found, but there is no other date to see the ground under "
            "them");
        advise(c, "Add acquisitions of the same place, 5 to 10 in all.");
    } else if (s->dates < FEWEST) {
        say(c, CLV_CHECK_WARNING, "%d dates: few; what changes between them is estimated from little", s->dates);
        advise(c, "Add acquisitions before and after, 5 to 10 in all.");
    } else if (s->dates <= most) {
        say(c, CLV_CHECK_OK, "%d dates", s->dates);
    } else {
        say(c, CLV_CHECK_OK, "%d dates: more than %d are processed in a window that slides in time", s->dates, most);
    }
}

static void check_time(const clv_series *s, clv_check *c)
{
    double longest = 0;
    int after = 0;
    for (int t = 1; t < s->dates; t++) {
        const double step = s->acquisitions[t].days - s->acquisitions[t - 1].days;
        if (step > longest) {
            longest = step;
            after = t;
        }
    }
    c->name = "time";
    const double span = s->acquisitions[s->dates - 1].days - s->acquisitions[0].days;
    if (longest <= 45) {
        say(c, CLV_CHECK_OK, "%.0f days from first to last, at most %.0f between two dates", span, longest);
        return;
    }
    char before[32], behind[32];
    clv_date_format(&s->acquisitions[after - 1].facts.date, before);
    clv_date_format(&s->acquisitions[after].facts.date, behind);
    say(c, CLV_CHECK_NOTE, "%.0f days without a picture, from %.10s to %.10s: land changes in that time", longest,
        before, behind);
    advise(c, "Add dates between them where there are any.");
}

static void check_cloud(const clv_series *s, const clv_series_sample *sample, clv_check *c)
{
    int clouded = 0, blind = 0, known = 0;
    double sum = 0;
    for (int t = 0; t < s->dates; t++) {
        const double cloud = sample->dates[t].cloud;
        if (isnan(cloud))
            continue;
        known++;
        sum += cloud;
        clouded += cloud > 0.5;
        blind += cloud > 0.97;
    }
    c->name = "cloud";
    if (known == 0) {
        say(c, CLV_CHECK_WARNING, "No date has any data in the sample that was read");
        advise(c, "Check the nodata value (-srcnodata) and that the dates show the same place (-ref).");
    } else if (2 * clouded > known) {
        say(c, CLV_CHECK_WARNING, "%d of %d dates are more than half clouded", clouded, known);
        advise(c, "Add clearer dates, so that at most half of them are clouded.");
    } else if (blind > 0) {
        say(c, CLV_CHECK_NOTE, "%.0f %% of the series is clouded; %d of %d dates show%s nothing but cloud",
            100 * sum / known, blind, known, blind == 1 ? "s" : "");
        advise(c, "A date that shows nothing is predicted from its neighbours in time alone; leave it out if you do "
                  "not need it.");
    } else {
        say(c, CLV_CHECK_OK, "%.0f %% of the series is clouded", 100 * sum / known);
    }
}

static void check_never(const clv_series_sample *sample, clv_check *c)
{
    c->name = "never";
    if (isnan(sample->never) || sample->never < 0.005) {
        say(c, CLV_CHECK_OK, "All ground is seen by some date");
        return;
    }
    say(c, sample->never < 0.05 ? CLV_CHECK_NOTE : CLV_CHECK_WARNING, "%.1f %% of the ground is seen by no date",
        100 * sample->never);
    advise(c, "It will be filled from its surroundings; add dates that show it. -quality marks it in the result.");
}

static void check_pixel(const clv_series *s, clv_check *c)
{
    const double native = s->acquisitions[0].grid.pixel_m, work = s->grid.pixel_m;
    c->name = "pixel";
    if (work <= 0) {
        say(c, CLV_CHECK_NOTE, "Pixel size unknown: the pictures are not georeferenced");
        advise(c, "They are processed as they are; the method expects about 20 m.");
    } else if (work > 30) {
        say(c, CLV_CHECK_WARNING, "Pixels of %.4g m are coarser than the 20 m that the method is made for", work);
        advise(c, "Use the 10 m or 20 m bands where you can.");
    } else if (native < 0.9 * work) {
        say(c, CLV_CHECK_OK, "Pixels of %.4g m are processed at %.4g m", native, work);
    } else {
        say(c, CLV_CHECK_OK, "Pixels of %.4g m", work);
    }
}

static double median_of(double *values, int n)
{
    for (int i = 1; i < n; i++)
        for (int j = i; j > 0 && values[j] < values[j - 1]; j--) {
            const double swap = values[j];
            values[j] = values[j - 1];
            values[j - 1] = swap;
        }
    return n > 0 ? values[(n - 1) / 2] : NAN;
}

static void check_sharpness(const clv_series *s, const clv_series_sample *sample, clv_check *c)
{
    double sharp[512], repeated[512];
    int n = 0;
    for (int t = 0; t < s->dates && n < 512; t++)
        if (!isnan(sample->dates[t].sharpness) && !isnan(sample->dates[t].repeated)) {
            sharp[n] = sample->dates[t].sharpness;
            repeated[n++] = sample->dates[t].repeated;
        }
    const double middle = median_of(sharp, n), repeats = median_of(repeated, n);
    c->name = "sharpness";
    if (n == 0)
        say(c, CLV_CHECK_NOTE, "Too little clear ground to tell whether the pictures are sharp");
    else if (repeats > CLV_REPEATED_ABOVE)
        say(c, CLV_CHECK_WARNING, "The pictures are enlarged: most pixels repeat their neighbours");
    else if (middle < CLV_BLURRED_BELOW)
        say(c, CLV_CHECK_WARNING,
            "The pictures are blurred or enlarged: they have no detail at their pixel size "
            "(%.2f)",
            middle);
    else
        say(c, CLV_CHECK_OK, "The pictures are sharp at this pixel size (%.2f)", middle);
    if (c->state == CLV_CHECK_WARNING)
        advise(c, "Take the original product; or give its real pixel size with -tr.");
}

static void check_grid(const clv_series *s, clv_check *c)
{
    int warped = 0;
    for (int t = 0; t < s->dates; t++)
        warped += s->acquisitions[t].warped;
    c->name = "grid";
    if (warped == 0) {
        say(c, CLV_CHECK_OK, "All dates lie on one grid; nothing is resampled to bring them together");
    } else {
        say(c, CLV_CHECK_NOTE, "%d of %d dates lie on another grid and are resampled for the comparison in time",
            warped, s->dates);
        advise(c, "Each result still has its input's own grid. -ref chooses the grid that the others are put on.");
    }
}

int clv_series_advice(const clv_series *series, const clv_series_sample *sample, clv_check *checks)
{
    int n = 0;
    check_dates(series, &checks[n++]);
    if (series->dates > 1)
        check_time(series, &checks[n++]);
    if (sample) {
        check_cloud(series, sample, &checks[n++]);
        if (series->dates > 1)
            check_never(sample, &checks[n++]);
    }
    check_pixel(series, &checks[n++]);
    if (sample)
        check_sharpness(series, sample, &checks[n++]);
    check_grid(series, &checks[n++]);
    return n;
}
