/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* mallopt(), prctl(), GDAL's VSIStatBufL is a struct stat64 */
#include "raster/damage_probe.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <cpl_conv.h>
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <gdal.h>

#include "base/alloc.h"
#include "raster/gdal_errors.h"
#include "raster/hdf5_quiet.h"
#include "raster/paths.h"

#define STUCK_SECONDS 2.4                 /* of a processor without getting on; no step of a sound file takes so long */
#define BUSY_SECONDS 6.0                  /* the same by the clock, where others have the processor */
#define LARGEST_BLOCK ((GUInt64)64 << 20) /* bytes: larger ones are not read, as they take longer */
#define LOCKED_SECONDS 3.0 /* without a processor, before anything is opened: another thread's lock was inherited */
#define LOCKED_TRIES 3
#define SLOW_SECONDS 120.0 /* without getting on, whatever for: a disk, a network */
#define DATA_SECONDS 2.0   /* of a processor, for blocks of pixels */
#define MORE_MEMORY ((rlim_t)8 << 30)
#define MAX_DEPTH 8
#define MAX_ARRAYS 4096
#define MAX_AXES 32
#define MAX_TEXTS 1000

/* ---- Which files ------------------------------------------------------------------------------------- */

static char *text_of(const char *from, size_t length)
{
    return clv_format("%.*s", (int)length, from);
}

/* The file behind NETCDF:"a.nc":B04, HDF5:a.h5://x and the like; a path itself. free(); NULL: no file. */
static char *file_of(const char *name)
{
    const char *colon = strchr(name, ':'), *slash = strchr(name, '/'), *quote = strchr(name, '"');
    if (clv_path_look(name) != CLV_PATH_NONE || !colon || (slash && slash < colon && !quote))
        return clv_path_look(name) == CLV_PATH_FILE ? clv_strdup(name) : NULL;
    if (quote && strchr(quote + 1, '"'))
        return text_of(quote + 1, (size_t)(strchr(quote + 1, '"') - quote - 1));
    for (size_t n = strlen(colon + 1); n > 0; n--) {
        char *part = colon[1 + n] == ':' || colon[1 + n] == '\0' ? text_of(colon + 1, n) : NULL;
        if (part && clv_path_look(part) == CLV_PATH_FILE)
            return part;
        free(part);
    }
    return NULL;
}

/* HDF5 may begin behind a block of the user's, of 512 bytes or a power of two times as many. */
static bool is_such_format(const char *path)
{
    static const char hdf5[] = "\211HDF\r\n\032\n", hdf4[] = "\016\003\023\001";
    static const vsi_l_offset begins[] = {0, 512, 1024, 2048, 4096, 8192};
    bool found = false;
    VSILFILE *file = VSIFOpenL(path, "rb");
    for (size_t i = 0; file && i < sizeof begins / sizeof *begins && !found; i++) {
        char head[8] = "";
        if (VSIFSeekL(file, begins[i], SEEK_SET) != 0 || VSIFReadL(head, 1, sizeof head, file) != sizeof head)
            break;
        found = memcmp(head, hdf5, 8) == 0 || (i == 0 && memcmp(head, hdf4, 4) == 0) ||
                (i == 0 && memcmp(head, "CDF", 3) == 0 && (head[3] == 1 || head[3] == 2 || head[3] == 5));
        if (i == 0 && !found && (memcmp(head, "II", 2) == 0 || memcmp(head, "MM", 2) == 0))
            break; /* TIFF, which most files are */
    }
    if (file)
        VSIFCloseL(file);
    return found;
}

/* ---- In the child ------------------------------------------------------------------------------------ */

static int progress_pipe = -1;

static void get_on(void)
{
    (void)!write(progress_pipe, "", 1); /* a full pipe says it too */
}

static double processor_seconds(clockid_t clock)
{
    struct timespec t;
    return clock_gettime(clock, &t) == 0 ? (double)t.tv_sec + 1e-9 * (double)t.tv_nsec : 0;
}

static void read_attributes(GDALAttributeH *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        GDALAttributeReadAsString(list[i]);
        get_on();
    }
}

static GUInt64 common_factor(GUInt64 a, GUInt64 b)
{
    while (b != 0) {
        const GUInt64 rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* One value of each block makes the library find and unpack it. The order spreads over the array what time allows. */
static void read_blocks(GDALMDArrayH array, double until)
{
    size_t axes = 0, blocks_axes = 0;
    GDALDimensionH *dims = GDALMDArrayGetDimensions(array, &axes);
    GUInt64 *block = GDALMDArrayGetBlockSize(array, &blocks_axes), counts[MAX_AXES], total = 1;
    GDALExtendedDataTypeH type = GDALMDArrayGetDataType(array);
    GUInt64 bytes = type ? GDALExtendedDataTypeGetSize(type) : 0;
    const bool numbers = type && GDALExtendedDataTypeGetClass(type) == GEDTC_NUMERIC;
    if (!type || !dims || axes > MAX_AXES || blocks_axes != axes)
        return;
    for (size_t i = 0; i < axes; i++) {
        const GUInt64 size = GDALDimensionGetSize(dims[i]);
        const GUInt64 step = block && block[i] > 0 ? block[i] : i + 1 < axes ? 1 : size;
        counts[i] = step > 0 ? (size + step - 1) / step : 0;
        if (counts[i] == 0 || total > ((GUInt64)1 << 40) / counts[i])
            return;
        total *= counts[i];
        bytes = bytes <= LARGEST_BLOCK / step ? bytes * step : LARGEST_BLOCK + 1;
    }
    if (bytes > LARGEST_BLOCK && block && block[0] > 0)
        return;
    GUInt64 stride = (GUInt64)(0.618 * (double)total) + 1;
    while (common_factor(total, stride) != 1) /* so that each block comes once */
        stride++;
    for (GUInt64 k = 0, at = 0; k < total && processor_seconds(CLOCK_PROCESS_CPUTIME_ID) < until;
         k++, at = (at + stride) % total) {
        GUInt64 start[MAX_AXES], left = at;
        size_t count[MAX_AXES];
        double value[8] = {0};
        for (size_t i = axes; i-- > 0; left /= counts[i]) {
            start[i] = left % counts[i] * (block && block[i] > 0 ? block[i] : 1);
            count[i] = 1;
        }
        if (!numbers && k >= MAX_TEXTS)
            break;
        if (GDALExtendedDataTypeGetSize(type) <= sizeof value)
            GDALMDArrayRead(array, start, count, NULL, NULL, type, value, NULL, 0);
        get_on();
    }
}

static void read_array(GDALMDArrayH array, double until)
{
    size_t count = 0;
    GDALAttributeH *list = GDALMDArrayGetAttributes(array, &count, NULL);
    read_attributes(list, count);
    GDALMDArrayGetUnit(array);
    get_on();
    read_blocks(array, until);
}

/* Each array's fair part of the time that is left. */
static void read_group(GDALGroupH group, int depth, int *arrays, bool data)
{
    size_t count = 0;
    GDALAttributeH *list = GDALGroupGetAttributes(group, &count, NULL);
    read_attributes(list, count);
    char **names = GDALGroupGetMDArrayNames(group, NULL), **groups = GDALGroupGetGroupNames(group, NULL);
    get_on();
    for (int i = 0; names && names[i]; i++) {
        GDALMDArrayH array = GDALGroupOpenMDArray(group, names[i], NULL);
        get_on();
        const double now = processor_seconds(CLOCK_PROCESS_CPUTIME_ID);
        *arrays += data ? -1 : 1;
        if (array)
            read_array(array, data ? now + DATA_SECONDS / (*arrays + 1 > 8 ? *arrays + 1 : 8) : 0);
    }
    for (int i = 0; groups && groups[i] && depth > 0; i++) {
        GDALGroupH inner = GDALGroupOpenGroup(group, groups[i], NULL);
        get_on();
        if (inner)
            read_group(inner, depth - 1, arrays, data);
    }
}

/* Formats without that interface, and what the raster interface asks for besides. */
static void read_raster(const char *name, bool inner)
{
    GDALDatasetH dataset = GDALOpenEx(name, GDAL_OF_RASTER | GDAL_OF_READONLY, NULL, NULL, NULL);
    get_on();
    const double until = processor_seconds(CLOCK_PROCESS_CPUTIME_ID) + DATA_SECONDS / 8;
    for (int b = 1; dataset && inner && b <= GDALGetRasterCount(dataset); b++) {
        GDALRasterBandH band = GDALGetRasterBand(dataset, b);
        double value;
        for (int y = 0; y < GDALGetRasterBandYSize(band) && processor_seconds(CLOCK_PROCESS_CPUTIME_ID) < until;
             y += 16) {
            if (GDALRasterIO(band, GF_Read, 0, y, 1, 1, &value, 1, 1, GDT_Float64, 0, 0) != CE_None)
                break;
            get_on();
        }
    }
    char **list = dataset ? GDALGetMetadata(dataset, "SUBDATASETS") : NULL;
    for (int i = 1; inner && i <= 64; i++) {
        char key[40];
        snprintf(key, sizeof key, "SUBDATASET_%d_NAME", i);
        const char *below = CSLFetchNameValue(list, key);
        GDALDatasetH sub = below ? GDALOpenEx(below, GDAL_OF_RASTER | GDAL_OF_READONLY, NULL, NULL, NULL) : NULL;
        get_on();
        if (sub && GDALGetRasterCount(sub) > 0) {
            double value;
            (void)!GDALRasterIO(GDALGetRasterBand(sub, 1), GF_Read, 0, 0, 1, 1, &value, 1, 1, GDT_Float64, 0, 0);
            get_on();
        }
    }
}

/* The memory that a sound file never takes; sizes in damaged ones may. */
static void limit_memory(void)
{
    unsigned long long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    const bool known = file && fscanf(file, "%llu", &pages) == 1;
    if (file)
        fclose(file);
    struct rlimit now;
    const rlim_t wanted = (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE) + MORE_MEMORY;
    if (known && getrlimit(RLIMIT_AS, &now) == 0 && (now.rlim_cur == RLIM_INFINITY || now.rlim_cur > wanted)) {
        now.rlim_cur = wanted;
        setrlimit(RLIMIT_AS, &now);
    }
}

/* Nothing of it is seen, and nothing stays of it: it is left without tidying up. */
static void read_all(const char *path, int pipe_end)
{
    static const int reset[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};
    static const int not_ours[] = {SIGALRM, SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2}; /* the parent decides */
    const struct rlimit none = {0, 0};
    sigset_t all;
    for (size_t i = 0; i < sizeof reset / sizeof *reset; i++)
        signal(reset[i], SIG_DFL);
    for (size_t i = 0; i < sizeof not_ours / sizeof *not_ours; i++)
        signal(not_ours[i], SIG_IGN);
    sigemptyset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
#ifdef PR_SET_PDEATHSIG
    prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
#ifdef M_PERTURB
    mallopt(M_PERTURB, 0xA5); /* what is used without having been set, or after it was freed, shows */
#endif
    setrlimit(RLIMIT_CORE, &none);
    limit_memory();
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (null >= 0) {
        dup2(null, 1);
        dup2(null, 2);
    }
    progress_pipe = pipe_end;
    fcntl(progress_pipe, F_SETFL, O_NONBLOCK);
    clv_gdal_errors errors;
    clv_hdf5_quiet_from_now();
    clv_gdal_errors_begin(&errors);
    GDALDatasetH dataset = GDALOpenEx(path, GDAL_OF_MULTIDIM_RASTER | GDAL_OF_READONLY, NULL, NULL, NULL);
    get_on();
    GDALGroupH root = dataset ? GDALDatasetGetRootGroup(dataset) : NULL;
    int arrays = 0;
    if (root)
        read_group(root, MAX_DEPTH, &arrays, false);
    if (root)
        read_group(root, MAX_DEPTH, &arrays, true);
    read_raster(path, !root);
    if (root)
        GDALGroupRelease(root);
    if (dataset)
        GDALClose(dataset);
    _exit(0);
}

/* ---- In the parent ----------------------------------------------------------------------------------- */

typedef enum verdict { SOUND, DAMAGED, LOCKED } verdict;

static double wall_seconds(void)
{
    return processor_seconds(CLOCK_MONOTONIC);
}

/* Until the pipe's other end is closed, or the child does not get on. */
static verdict watch(clv_context *ctx, pid_t child, int from, bool *ended)
{
    clockid_t clock;
    const bool has_clock = clock_getcpuclockid(child, &clock) == 0;
    double wall = wall_seconds(), used = 0;
    bool opened = false;
    *ended = false;
    while (clv_check_cancel(ctx) == CLV_OK) {
        char bytes[4096];
        struct pollfd wait = {.fd = from, .events = POLLIN};
        const int got = poll(&wait, 1, 50);
        const ssize_t n = got > 0 ? read(from, bytes, sizeof bytes) : -1;
        const double now = wall_seconds(), processor = has_clock ? processor_seconds(clock) : now - wall;
        if (n == 0) {
            *ended = true;
            return SOUND;
        }
        if (n > 0) {
            opened = true;
            wall = now;
            used = has_clock ? processor : 0;
        } else if (processor - used > STUCK_SECONDS ||
                   (processor - used > STUCK_SECONDS / 3 && now - wall > BUSY_SECONDS)) {
            return DAMAGED;
        } else if (!opened && processor < 0.3 && now - wall > LOCKED_SECONDS) {
            return LOCKED;
        } else if (now - wall > SLOW_SECONDS) {
            return SOUND;
        }
    }
    return SOUND;
}

static verdict try_once(clv_context *ctx, const char *path)
{
    int ends[2], state = 0;
    if (pipe(ends) != 0)
        return SOUND;
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    const pid_t child = fork();
    if (child == 0)
        read_all(path, ends[1]);
    close(ends[1]);
    bool ended = false;
    verdict found = child > 0 ? watch(ctx, child, ends[0], &ended) : SOUND;
    close(ends[0]);
    if (child < 0)
        return SOUND;
    if (!ended)
        kill(child, SIGKILL);
    pid_t got;
    do
        got = waitpid(child, &state, 0);
    while (got < 0 && errno == EINTR);
    if (ended && got == child && WIFSIGNALED(state))
        found = DAMAGED;
    return found;
}

/* What is known of files that have been looked at. */
typedef struct known {
    struct known *next;
    GIntBig size, time;
    bool damaged;
    char path[];
} known;

static known *first_known;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static const known *find(const char *path, const VSIStatBufL *info)
{
    const known *k = first_known;
    while (k &&
           !(strcmp(k->path, path) == 0 && k->size == (GIntBig)info->st_size && k->time == (GIntBig)info->st_mtime))
        k = k->next;
    return k;
}

static void remember(const char *path, const VSIStatBufL *info, bool damaged)
{
    known *k = malloc(sizeof *k + strlen(path) + 1);
    if (!k)
        return;
    k->size = (GIntBig)info->st_size;
    k->time = (GIntBig)info->st_mtime;
    k->damaged = damaged;
    strcpy(k->path, path);
    k->next = first_known;
    first_known = k;
}

static clv_status look_at(clv_context *ctx, const char *path)
{
    VSIStatBufL info;
    if (clv_path_is_remote(path) || VSIStatL(path, &info) != 0 || !VSI_ISREG(info.st_mode))
        return CLV_OK;
    pthread_mutex_lock(&lock);
    const known *k = find(path, &info);
    bool damaged = k && k->damaged, such = k || is_such_format(path);
    if (such)
        clv_hdf5_quiet_from_now();
    if (such && !k) {
        GDALAllRegister(); /* before the fork, once for all */
        verdict found = LOCKED;
        for (int i = 0; i < LOCKED_TRIES && found == LOCKED; i++)
            found = try_once(ctx, path);
        damaged = found == DAMAGED;
        if (clv_check_cancel(ctx) == CLV_OK)
            remember(path, &info, damaged);
    }
    pthread_mutex_unlock(&lock);
    if (clv_check_cancel(ctx) != CLV_OK)
        return CLV_ERROR_CANCELLED;
    return damaged ? clv_fail(ctx, CLV_ERROR_FORMAT,
                              "%s: is damaged: the library that reads this format crashes or hangs; get the file anew",
                              path)
                   : CLV_OK;
}

clv_status clv_damage_probe(clv_context *ctx, const char *name)
{
    clv_gdal_errors errors;
    if (clv_path_is_remote(name)) /* not even asked whether it is there: GDAL would remember a server's refusal */
        return CLV_OK;
    clv_gdal_errors_begin(&errors);
    char *path = file_of(name);
    clv_gdal_errors_end(&errors);
    const clv_status status = path ? look_at(ctx, path) : CLV_OK;
    free(path);
    return status;
}
