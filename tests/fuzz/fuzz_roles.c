/* SPDX-License-Identifier: MIT
 *
 * roles: band names, one a line, the first line being the file's name: an answer is complete and explained.
 */
#include "fuzz.h"

#include "sentinel2/roles.h"

#define MAX_BANDS 40

static void require_role(clv_role role)
{
    clv_require(role >= CLV_ROLE_RED && role <= CLV_ROLE_AUX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    clv_band_hint bands[MAX_BANDS] = {{0}};
    clv_role roles[MAX_BANDS] = {0};
    char *text = clv_fuzz_text(data, size), *line = text, how[200];
    const char *file_name = text;
    bool known, guess;
    int count = 0;

    while ((line = strchr(line, '\n')) && count < MAX_BANDS) {
        *line++ = 0;
        bands[count].description = line;
        bands[count].band_name = count % 3 == 2 ? line : NULL;
        /* A letter in front sets the colour interpretation and a wavelength now and then. */
        bands[count].color = line[0] && strchr("RGBNA", line[0]) ? line[0] : 0;
        bands[count].wavelength_um = line[0] ? (unsigned char)line[0] / 100.0 : 0;
        count++;
    }
    for (int i = 0; i < count; i++) {
        require_role(clv_role_of_name(bands[i].description, &known));
        require_role(clv_role_of_wavelength(bands[i].wavelength_um));
    }
    bool found = clv_roles_find(bands, count, file_name, roles, &guess, how, sizeof how);
    clv_require(memchr(how, 0, sizeof how) && how[0]);
    for (int i = 0; i < count && found; i++)
        require_role(roles[i]);
    free(text);
    return 0;
}
