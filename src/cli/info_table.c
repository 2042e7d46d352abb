/* SPDX-License-Identifier: MIT */
#include "cli/info_table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "formats/json.h"

enum { TEXT = 256, COLUMNS = 8 };

/* Makes the text of a column for one date; "" when there is nothing to say. */
typedef void (*cell_fn)(const clv_json *date, char text[TEXT]);

/* Characters a terminal shows for UTF-8 text. */
static int shown_width(const char *text)
{
    int n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xC0) != 0x80;
    return n;
}

/* File names can hold anything; a line of the table stays one line. */
static void copy_line(char text[TEXT], const char *value)
{
    snprintf(text, TEXT, "%s", value);
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 127)
            *c = '?';
}

static void cell_date(const clv_json *date, char text[TEXT])
{
    copy_line(text, clv_json_string(clv_json_get(date, "date"), "unknown"));
    text[10] = '\0';
}

static void share(const clv_json *date, const char *key, char text[TEXT])
{
    const double value = clv_json_number(clv_json_get(date, key), NAN);
    const bool mask = strcmp(clv_json_string(clv_json_get(date, "cloud_share_from"), ""), "mask") == 0;
    if (!clv_json_get(date, key))
        text[0] = '\0';
    else if (isnan(value))
        snprintf(text, TEXT, "-");
    else
        snprintf(text, TEXT, "%s%.0f %%", strcmp(key, "cloud_share") == 0 && !mask ? "~" : "", 100 * value);
}

static void cell_cloud(const clv_json *date, char text[TEXT])
{
    share(date, "cloud_share", text);
}

static void cell_nodata(const clv_json *date, char text[TEXT])
{
    share(date, "nodata_share", text);
}

static void cell_grid(const clv_json *date, char text[TEXT])
{
    copy_line(text, clv_json_string(clv_json_get(clv_json_get(date, "grid"), "text"), ""));
}

static void cell_bands(const clv_json *date, char text[TEXT])
{
    const clv_json *bands = clv_json_get(date, "bands");
    char line[TEXT] = "";
    for (int i = 0; i < clv_json_count(bands); i++) {
        const size_t used = strlen(line);
        snprintf(line + used, TEXT - used, "%s%s", i ? " " : "",
                 clv_json_string(clv_json_get(clv_json_at(bands, i), "name"), "?"));
    }
    copy_line(text, line);
}

/* Names of the bands that are not filled. */
static void cell_copied(const clv_json *date, char text[TEXT])
{
    const clv_json *names = clv_json_get(date, "bands_copied");
    char line[TEXT] = "";
    for (int i = 0; i < clv_json_count(names); i++) {
        const size_t used = strlen(line);
        snprintf(line + used, TEXT - used, "%s%s", i ? " " : "", clv_json_string(clv_json_at(names, i), "?"));
    }
    copy_line(text, line);
}

/* "UInt16 x 1/10000 - 0.1" */
static void cell_scale(const clv_json *date, char text[TEXT])
{
    const clv_json *band = clv_json_at(clv_json_get(date, "bands"), 0);
    const double scale = clv_json_number(clv_json_get(band, "scale"), NAN);
    const double offset = clv_json_number(clv_json_get(band, "offset"), 0);
    const double inverse = 1 / scale;
    char factor[CLV_NUMBER_SIZE + 2], shift[CLV_NUMBER_SIZE + 4] = "", digits[CLV_NUMBER_SIZE];
    if (scale < 1 && fabs(inverse - round(inverse)) < 1e-6 * inverse) {
        clv_number_format(round(inverse), digits);
        snprintf(factor, sizeof factor, "1/%s", digits);
    } else {
        clv_number_format(scale, digits);
        snprintf(factor, sizeof factor, "%s", digits);
    }
    if (offset != 0) {
        clv_number_format(fabs(offset), digits);
        snprintf(shift, sizeof shift, " %c %s", offset < 0 ? '-' : '+', digits);
    }
    snprintf(text, TEXT, "%s x %s%s", clv_json_string(clv_json_get(band, "type"), "?"), factor, shift);
}

static void cell_file(const clv_json *date, char text[TEXT])
{
    const char *source = clv_json_string(clv_json_get(date, "source"), ""), *slash = strrchr(source, '/');
    copy_line(text, slash && slash[1] ? slash + 1 : source);
}

typedef struct column {
    const char *title;
    cell_fn fill;
    bool right;  /* aligned to the right */
    bool always; /* a column even when all dates agree */
} column;

static const column columns[COLUMNS] = {
    {"date", cell_date, false, true},    {"cloud", cell_cloud, true, true},   {"nodata", cell_nodata, true, true},
    {"grid", cell_grid, false, false},   {"bands", cell_bands, false, false}, {"copied", cell_copied, false, false},
    {"scale", cell_scale, false, false}, {"file", cell_file, false, true},
};

static void pad(const char *text, int width, bool right)
{
    const int gap = width - shown_width(text);
    printf("%*s%s%*s", right ? gap : 0, "", text, right ? 0 : gap, "");
}

/* What all dates share is said once above the table; the rest is columns. */
static void print_dates(const clv_json *dates)
{
    const int count = clv_json_count(dates);
    int width[COLUMNS] = {0};
    bool same[COLUMNS];
    char first[TEXT], text[TEXT];
    for (int c = 0; c < COLUMNS; c++) {
        columns[c].fill(clv_json_at(dates, 0), first);
        same[c] = !columns[c].always || first[0] == '\0';
        width[c] = shown_width(columns[c].title);
        for (int t = 0; t < count; t++) {
            columns[c].fill(clv_json_at(dates, t), text);
            same[c] = same[c] && strcmp(text, first) == 0;
            width[c] = shown_width(text) > width[c] ? shown_width(text) : width[c];
        }
        if (same[c] && first[0])
            printf("  %-9s %s\n", columns[c].title, first);
    }
    for (int t = -1; t < count; t++) {
        for (int c = 0; c < COLUMNS; c++) {
            if (same[c])
                continue;
            fputs("  ", stdout);
            if (t >= 0)
                columns[c].fill(clv_json_at(dates, t), text);
            if (c == COLUMNS - 1)
                fputs(t < 0 ? columns[c].title : text, stdout);
            else
                pad(t < 0 ? columns[c].title : text, width[c], columns[c].right);
        }
        putchar('\n');
    }
}

static const char *how(const clv_json *dates, int t, const char *key)
{
    const clv_json *level = clv_json_get(clv_json_at(dates, t), "level");
    if (strcmp(key, "level") == 0)
        return clv_json_string(clv_json_get(level, "how"), "");
    return clv_json_string(clv_json_get(clv_json_get(clv_json_at(dates, t), "how"), key), "");
}

/* Each decision with the dates it holds for: "all", or how many. */
static void print_decisions(const clv_json *dates)
{
    static const char *const keys[] = {"date", "bands", "fill", "scale", "level", "grid", "mask", "nodata"};
    const int count = clv_json_count(dates);
    puts("\nHow that is known:");
    for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++)
        for (int t = 0; t < count; t++) {
            const char *text = how(dates, t, keys[k]);
            int same = 0, earlier = 0;
            for (int u = 0; u < count; u++) {
                const bool equal = strcmp(how(dates, u, keys[k]), text) == 0;
                same += equal;
                earlier += equal && u < t;
            }
            if (*text == '\0' || earlier > 0)
                continue;
            char line[TEXT], day[TEXT];
            copy_line(line, text);
            printf("  %-9s %s", keys[k], line);
            cell_date(clv_json_at(dates, t), day);
            if (same == 1 && count > 1)
                printf(" (%s)", day);
            else if (same < count)
                printf(" (%d dates)", same);
            putchar('\n');
        }
}

static void print_each_decision(const clv_json *dates)
{
    static const char *const keys[] = {"date", "bands", "fill", "scale", "level", "grid", "mask", "nodata"};
    puts("\nHow that is known:");
    for (int t = 0; t < clv_json_count(dates); t++) {
        char text[TEXT];
        cell_file(clv_json_at(dates, t), text);
        printf("  %s\n", text);
        for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++) {
            copy_line(text, how(dates, t, keys[k]));
            if (text[0])
                printf("    %-7s %s\n", keys[k], text);
        }
    }
}

static void print_checks(const clv_json *root)
{
    const clv_json *checks = clv_json_get(root, "checks");
    printf("\n%s\n", clv_json_bool(clv_json_get(root, "suits"), false) ? "The series suits cloud removal:"
                                                                       : "The series does not suit well:");
    for (int i = 0; i < clv_json_count(checks); i++) {
        const clv_json *check = clv_json_at(checks, i);
        const char *state = clv_json_string(clv_json_get(check, "state"), "");
        const char *advice = clv_json_string(clv_json_get(check, "advice"), NULL);
        printf("  %-9s %s.%s%s\n",
               strcmp(state, "ok") == 0     ? "ok"
               : strcmp(state, "note") == 0 ? "note"
                                            : "problem",
               clv_json_string(clv_json_get(check, "text"), ""), advice ? " " : "", advice ? advice : "");
    }
}

void clv_info_table_print(const char *json, const clv_cli_options *cli)
{
    char error[128];
    clv_json *root = json ? clv_json_parse(json, strlen(json), error, sizeof error) : NULL;
    if (!root)
        return;
    const clv_json *dates = clv_json_get(root, "dates");
    const int count = clv_json_count(dates), inputs = (int)clv_json_number(clv_json_get(root, "inputs"), 0);
    printf("%d date%s from %d input%s, processed on %s\n\n", count, count == 1 ? "" : "s", inputs,
           inputs == 1 ? "" : "s", clv_json_string(clv_json_get(clv_json_get(root, "grid"), "text"), "?"));
    const char *extent = clv_json_string(clv_json_get(clv_json_get(root, "extent"), "text"), NULL);
    if (extent)
        printf("  %-9s %s\n", "extent", extent);
    if (count > 0)
        print_dates(dates);
    if (cli->verbose)
        print_each_decision(dates);
    else
        print_decisions(dates);
    print_checks(root);
    const char *worth = clv_json_string(clv_json_get(root, "cloud_share_text"), NULL);
    if (clv_json_get(clv_json_at(dates, 0), "cloud_share"))
        puts("\nShares with ~ are estimates from a sample of the pixels; shadows are not counted, "
             "and lasting snow\ncan pass for cloud.");
    if (worth)
        printf("%s.\n", worth);
    clv_json_free(root);
}
