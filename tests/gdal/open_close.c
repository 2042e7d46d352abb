/* SPDX-License-Identifier: MIT
 *
 * Opens each dataset and what it lists, reads every band, closes; THREADS of it at the same time. Failures to open are
 * expected of some and only counted. For valgrind and for the sanitizers, which Python and GDAL's programs do not suit.
 *
 *     open_close THREADS DATASET...
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include <cpl_conv.h>
#include <cpl_string.h>
#include <gdal.h>

typedef struct job {
    char **names;
    int opened, failed;
    double sum;
} job;

static void visit(job *j, const char *name, int depth)
{
    GDALDatasetH ds = GDALOpen(name, GA_ReadOnly);
    if (!ds) {
        j->failed++;
        return;
    }
    j->opened++;
    int w = GDALGetRasterXSize(ds), h = GDALGetRasterYSize(ds);
    float *x = malloc((size_t)w * (size_t)h * sizeof *x);
    for (int b = 1; x && b <= GDALGetRasterCount(ds); b++) {
        if (GDALRasterIO(GDALGetRasterBand(ds, b), GF_Read, 0, 0, w, h, x, w, h, GDT_Float32, 0, 0) == CE_None)
            for (int i = 0; i < w * h; i++)
                j->sum += x[i] == x[i] ? x[i] : 0; /* NaN */
    }
    free(x);
    char **list = depth == 0 ? CSLDuplicate(GDALGetMetadata(ds, "SUBDATASETS")) : NULL;
    GDALClose(ds);
    for (int i = 0; list && list[i]; i += 2) {
        const char *value = CPLParseNameValue(list[i], NULL);
        visit(j, value, depth + 1);
    }
    CSLDestroy(list);
}

static void *run(void *arg)
{
    job *j = arg;
    CPLPushErrorHandler(CPLQuietErrorHandler);
    for (char **name = j->names; *name; name++)
        visit(j, *name, 0);
    CPLPopErrorHandler();
    return NULL;
}

int main(int argc, char **argv)
{
    enum { MOST = 16 };
    pthread_t threads[MOST];
    job jobs[MOST];
    int count = argc > 2 ? atoi(argv[1]) : 0, result = 0;
    if (count < 1 || count > MOST)
        return 2;
    GDALAllRegister();
    if (!GDALGetDriverByName("EARTHNET"))
        return 3;
    for (int i = 0; i < count; i++) {
        jobs[i] = (job){argv + 2, 0, 0, 0};
        if (pthread_create(&threads[i], NULL, run, &jobs[i]) != 0)
            return 4;
    }
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    for (int i = 1; i < count; i++)
        if (jobs[i].opened != jobs[0].opened || jobs[i].failed != jobs[0].failed || jobs[i].sum != jobs[0].sum)
            result = 1;
    printf("%d opened, %d not, sum %.9g\n", jobs[0].opened, jobs[0].failed, jobs[0].sum);
    GDALDestroyDriverManager();
    return result;
}
