/* SPDX-License-Identifier: MIT */
#include "learn/evaluate/score.h"

#include <math.h>

#include "learn/dataset/labels.h"

void clv_score_add(clv_score *score, const uint8_t *label, const float *cloud, const float *shadow, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (label[i] <= CLV_LABEL_SHADOW)
            score->pixels[label[i]][cloud[i] >= 0.5f ? 1 : shadow[i] >= 0.5f ? 2 : 0]++;
}

void clv_score_join(clv_score *score, const clv_score *more)
{
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            score->pixels[i][j] += more->pixels[i][j];
}

typedef struct class_counts {
    int64_t hits, labelled, predicted;
} class_counts;

static class_counts count_class(const clv_score *score, int class_index)
{
    class_counts c = {.hits = score->pixels[class_index][class_index]};
    for (int k = 0; k < 3; k++) {
        c.labelled += score->pixels[class_index][k];
        c.predicted += score->pixels[k][class_index];
    }
    return c;
}

double clv_score_f1(const clv_score *score, int class_index)
{
    const class_counts c = count_class(score, class_index);
    return c.labelled ? 2.0 * (double)c.hits / (double)(c.labelled + c.predicted) : NAN;
}

double clv_score_precision(const clv_score *score, int class_index)
{
    const class_counts c = count_class(score, class_index);
    return c.predicted ? (double)c.hits / (double)c.predicted : NAN;
}

double clv_score_recall(const clv_score *score, int class_index)
{
    const class_counts c = count_class(score, class_index);
    return c.labelled ? (double)c.hits / (double)c.labelled : NAN;
}

double clv_score_false_alarms(const clv_score *score)
{
    const int64_t *clear = score->pixels[CLV_LABEL_CLEAR];
    int64_t all = clear[0] + clear[1] + clear[2];
    return all ? (double)(clear[1] + clear[2]) / (double)all : NAN;
}
