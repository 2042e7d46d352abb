/* SPDX-License-Identifier: MIT */
#include "pipeline/flags.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/dilation.h"
#include "image/morphology.h"
#include "pipeline/stage2.h"

/* A component of CLV_SPECK_PIXELS pixels reaches that far, and is dilated. */
int clv_flags_reach(const clv_detect_settings *settings, const clv_grid *grid)
{
    return clv_dilation_pixels(settings, grid->pixel_m) + CLV_SPECK_PIXELS;
}

int clv_margin(void)
{
    const clv_window_grid fill = clv_stage2_windows(CLV_METHOD_GAUSSIAN); /* the largest */
    return 1 + (fill.size - 1) + fill.context + CLV_SPECK_PIXELS + (CLV_WINDOW_SIZE - 1);
}

/* Dilates one kind of flag from the network or a product's mask; exact pixels neither grow nor vanish, and of -scl no
 * speck vanishes. core [area]: what grew, specks left out. */
static clv_status grow(clv_context *ctx, const uint8_t *flags, uint8_t kind, clv_rect area, int radius, uint8_t *core,
                       uint8_t *grown)
{
    size_t n = (size_t)area.width * (size_t)area.height;
    for (size_t i = 0; i < n; i++)
        core[i] = (flags[i] & kind) && !(flags[i] & CLV_PIXEL_EXACT);
    if (clv_remove_specks(core, area.width, area.height, CLV_SPECK_PIXELS) != 0)
        return clv_fail_memory(ctx);
    for (size_t i = 0; i < n; i++)
        core[i] |= (flags[i] & kind) && (flags[i] & CLV_PIXEL_KNOWN);
    if (clv_dilate(core, area.width, area.height, radius, grown) != 0)
        return clv_fail_memory(ctx);
    return CLV_OK;
}

static bool any_cloud(const uint8_t *flags, size_t n)
{
    uint8_t any = 0;
    for (size_t i = 0; i < n; i++)
        any |= flags[i];
    return any & (uint8_t)~(CLV_PIXEL_MISSING | CLV_PIXEL_PARTLY);
}

clv_status clv_flags_read(clv_context *ctx, clv_scratch *scratch, const clv_grid *grid, int t,
                          const clv_detect_settings *settings, clv_rect window, uint8_t *flags)
{
    const int reach = clv_flags_reach(settings, grid), radius = clv_dilation_pixels(settings, grid->pixel_m);
    clv_rect extent = {0, 0, grid->width, grid->height};
    clv_rect wide = {window.x - reach, window.y - reach, window.width + 2 * reach, window.height + 2 * reach};
    clv_rect area = clv_rect_intersect(wide, extent);
    size_t n = (size_t)area.width * (size_t)area.height;
    uint8_t *found = clv_alloc_array(4, n, 1);
    clv_status status = found ? clv_scratch_read(scratch, t, area, found) : clv_fail_memory(ctx);
    if (status != CLV_OK)
        goto cleanup;
    if (!any_cloud(found, n)) {
        for (int y = 0; y < window.height; y++)
            for (int x = 0; x < window.width; x++)
                flags[(size_t)y * (size_t)window.width + (size_t)x] =
                    found[(size_t)(window.y + y - area.y) * (size_t)area.width + (size_t)(window.x + x - area.x)] &
                    (uint8_t)~CLV_PIXEL_PARTLY;
        goto cleanup;
    }
    uint8_t *cloud = found + n, *shadow = found + 2 * n, *core = found + 3 * n;
    if ((status = grow(ctx, found, CLV_PIXEL_CLOUD, area, radius, core, cloud)) != CLV_OK ||
        (status = grow(ctx, found, CLV_PIXEL_SHADOW, area, radius, core, shadow)) != CLV_OK)
        goto cleanup;
    for (int y = 0; y < window.height; y++) {
        size_t from = (size_t)(window.y + y - area.y) * (size_t)area.width + (size_t)(window.x - area.x);
        uint8_t *to = flags + (size_t)y * (size_t)window.width;
        for (int x = 0; x < window.width; x++) {
            uint8_t f = found[from + (size_t)x] & (uint8_t)~(CLV_PIXEL_PARTLY | CLV_PIXEL_KNOWN);
            uint8_t kept = f & CLV_PIXEL_EXACT ? f : f & CLV_PIXEL_MISSING;
            /* A cloud that grows over a shadow does not make it cloud. The core is that of shadows, which grew last. */
            bool is_shadow = core[from + (size_t)x] && !(f & CLV_PIXEL_CLOUD);
            to[x] = (uint8_t)(kept | (cloud[from + (size_t)x] && !is_shadow ? CLV_PIXEL_CLOUD : 0) |
                              (shadow[from + (size_t)x] ? CLV_PIXEL_SHADOW : 0));
        }
    }

cleanup:
    free(found);
    return status;
}

clv_status clv_flags_read_states(clv_context *ctx, clv_scratch *scratch, const clv_grid *grid, int t,
                                 const clv_detect_settings *settings, clv_rect window, uint8_t *states)
{
    const size_t n = (size_t)window.width * (size_t)window.height;
    uint8_t *found = clv_alloc_array(n, 1, 1);
    clv_status status = found ? clv_scratch_read(scratch, t, window, found) : clv_fail_memory(ctx);
    if (status == CLV_OK)
        status = clv_flags_read(ctx, scratch, grid, t, settings, window, states);
    for (size_t i = 0; i < n && status == CLV_OK; i++)
        if (found[i] & CLV_PIXEL_PARTLY)
            states[i] = (uint8_t)((states[i] & ~CLV_PIXEL_MISSING) | CLV_PIXEL_PARTLY);
    free(found);
    return status;
}
