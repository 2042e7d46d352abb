/* SPDX-License-Identifier: MIT
 *
 * net: the networks behind a C ABI. The implementation is the shared module clearvision_net.so (C++17, libtorch),
 * loaded on first use by pipeline/engine.c; nothing else links libtorch. No exception crosses this border.
 *
 * A module exports one symbol, clv_net_api_get(); everything else goes through the table it returns. Models are
 * safetensors files whose metadata says what to build:
 *     clearvision.kind    "unet" | "utilise"
 *     clearvision.config  JSON object of hyper-parameters (net/README-like comments in unet.h and utilise.h)
 *     clearvision.version, clearvision.training (JSON: data, licence, steps ...), clearvision.metrics (JSON)
 * Errors: status plus one line of text in `error`.
 * Threads: a clv_net may be used from one thread at a time; several may be open. CPU threads are set once per process.
 */
#ifndef CLV_NET_NET_H
#define CLV_NET_NET_H

#include <clearvision/clearvision.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CLV_NET_ABI 3

typedef struct clv_net clv_net;
typedef struct clv_net_trainer clv_net_trainer;

typedef enum clv_net_kind { CLV_NET_UNET = 0, CLV_NET_UTILISE = 1 } clv_net_kind;

typedef struct clv_net_error {
    char text[512];
} clv_net_error;

typedef struct clv_net_info {
    clv_net_kind kind;
    int in_channels; /* planes per frame that run() expects (unet: 8; utilise reference: bands; clear: its channel list)
                      */
    int out_channels;   /* planes per frame that run() gives */
    int bands;          /* utilise: spectral bands (3 or 4); unet: 0 */
    int multiple;       /* height and width must be multiples of this */
    bool needs_gapfill; /* utilise `clear`: bands are the gap-filled series, further channels validity and day distances
                         */
    bool log_variance;  /* utilise: one more output plane, log of the variance in reflectance^2 */
    bool half_pixel_fill; /* utilise reference: gaps are coded by 1.0 in every band (no gap filling) */
    int64_t parameters;
    char device[32];   /* where it runs: "cpu", "cuda:0" */
    char precision[8]; /* "fp32", "bf16", "fp16" */
} clv_net_info;

typedef struct clv_net_api {
    int abi; /* CLV_NET_ABI */
    const char *(*torch_version)(void);
    bool (*has_cuda)(void);
    /* Intra-op threads of libtorch for this process (call before any open). */
    void (*set_threads)(int threads);

    /* Builds the network a weights file describes and loads it. device: auto|cpu|cuda[:N]; precision:
     * auto|fp32|bf16|fp16. `data` is the whole safetensors file in memory (the caller may free it afterwards); name is
     * for messages. */
    clv_status (*open)(const char *name, const void *data, size_t size, const char *device, const char *precision,
                       clv_net **out, clv_net_error *error);
    void (*close)(clv_net *net);
    void (*info)(const clv_net *net, clv_net_info *info);

    /* unet. in [n, in_channels, h, w] (see image/detect_input.h), out [n, 2, h, w]: probability of cloud, of shadow. */
    clv_status (*detect)(clv_net *net, const float *in, int n, int h, int w, float *out, clv_net_error *error);

    /* utilise. in [n, dates, in_channels, h, w], days [n, dates] (day of year for `reference`, day number for `clear`),
     * out [n, dates, out_channels, h, w]. Frames of 0 everywhere at day 0 count as padding in `reference`. */
    clv_status (*predict)(clv_net *net, const float *in, const float *days, int n, int dates, int h, int w, float *out,
                          clv_net_error *error);
    /* The attention of the last temporal layer of the latest predict: [heads, n, dates, dates, h', w'] (tests). Sizes
     * into shape[6]; NULL data queries the size only. */
    clv_status (*attention)(clv_net *net, float *data, int64_t shape[6], clv_net_error *error);

    /* Training. kind: "unet" or "utilise" (preset `clear` unless the configuration names one). config: JSON
     * hyper-parameters as in clearvision.config plus those of optimiser.h and of task_unet.h or task_utilise.h. */
    clv_status (*trainer_open)(const char *kind, const char *config, const char *device, const char *precision,
                               clv_net_trainer **out, clv_net_error *error);
    /* One step on in [n, 8, h, w], target [n, h, w] (0 clear, 1 cloud, 2 shadow, 255 ignored). *loss: the step's loss.
     */
    clv_status (*train_detect_step)(clv_net_trainer *trainer, const float *in, const uint8_t *target, int n, int h,
                                    int w, double *loss, clv_net_error *error);
    /* Probabilities with the averaged weights (EMA), as `detect`. */
    clv_status (*trainer_detect)(clv_net_trainer *trainer, const float *in, int n, int h, int w, float *out,
                                 clv_net_error *error);
    /* One step of a utilise. in, days as for `predict`; target [n, dates, bands, h, w]: the truth; scope
     * [n, dates, h, w]: 0 ignored (the truth is not known, or the frame fills the batch up), 1 observed, 2 under a gap.
     */
    clv_status (*train_remove_step)(clv_net_trainer *trainer, const float *in, const float *days, const float *target,
                                    const uint8_t *scope, int n, int dates, int h, int w, double *loss,
                                    clv_net_error *error);
    /* As `predict`, with the averaged weights (EMA). */
    clv_status (*trainer_predict)(clv_net_trainer *trainer, const float *in, const float *days, int n, int dates, int h,
                                  int w, float *out, clv_net_error *error);
    void (*trainer_info)(const clv_net_trainer *trainer, clv_net_info *info);
    double (*trainer_rate)(const clv_net_trainer *trainer); /* the learning rate of the next step */
    /* Averaged weights, or with `state` everything needed to go on (weights, EMA, optimiser, step). */
    clv_status (*trainer_save)(clv_net_trainer *trainer, const char *path, bool state, const char *const *metadata,
                               int metadata_pairs, clv_net_error *error);
    clv_status (*trainer_load)(clv_net_trainer *trainer, const char *path, clv_net_error *error);
    /* Begins at the weights of a file of the same network instead of at random ones. */
    clv_status (*trainer_begin)(clv_net_trainer *trainer, const char *path, clv_net_error *error);
    int64_t (*trainer_step)(const clv_net_trainer *trainer);
    void (*trainer_close)(clv_net_trainer *trainer);
    /* Writes freshly initialised weights of a preset: "unet", "reference", "wide", "clear" (tests, training from
     * scratch). */
    clv_status (*init_weights)(const char *preset, const char *config, uint64_t seed, const char *path,
                               clv_net_error *error);
} clv_net_api;

/* The module's only export. */
const clv_net_api *clv_net_api_get(void);

#ifdef __cplusplus
}
#endif
#endif
