/* SPDX-License-Identifier: MIT */
#include "base/select.h"

static void sort_few(float *a, int n)
{
    for (int i = 1; i < n; i++) {
        float v = a[i];
        int j = i;
        for (; j > 0 && a[j - 1] > v; j--)
            a[j] = a[j - 1];
        a[j] = v;
    }
}

static float middle_of_three(float a, float b, float c)
{
    if (a > b) {
        float t = a;
        a = b;
        b = t;
    }
    return c < a ? a : c > b ? b : c;
}

/* Hoare's selection; short ranges are sorted. */
float clv_select(float *a, int n, int k)
{
    int low = 0, high = n - 1;
    while (high - low > 16) {
        float pivot = middle_of_three(a[low], a[low + (high - low) / 2], a[high]);
        int i = low, j = high;
        while (i <= j) {
            while (a[i] < pivot)
                i++;
            while (a[j] > pivot)
                j--;
            if (i <= j) {
                float t = a[i];
                a[i++] = a[j];
                a[j--] = t;
            }
        }
        if (k <= j)
            high = j;
        else if (k >= i)
            low = i;
        else
            return a[k];
    }
    sort_few(a + low, high - low + 1);
    return a[k];
}

double clv_median(float *a, int n)
{
    double upper = clv_select(a, n, n / 2);
    if (n % 2)
        return upper;
    float lower = a[0];
    for (int i = 1; i < n / 2; i++)
        lower = a[i] > lower ? a[i] : lower;
    return 0.5 * (lower + upper);
}
