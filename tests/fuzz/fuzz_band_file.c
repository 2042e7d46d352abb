/* SPDX-License-Identifier: MIT */
#include "fuzz.h"

#include "sentinel2/band_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *name = clv_fuzz_text(data, size);
    clv_band_file f;
    char tile[6];
    clv_band_file_read(name, &f);
    clv_require(strlen(f.key) < sizeof f.key && strlen(f.key) <= strlen(name));
    clv_require((f.kind == CLV_FILE_BAND) == (f.band[0] != 0));
    clv_require(f.kind != CLV_FILE_BAND || clv_band_number(f.band) >= 0);
    clv_tile_of_name(name, tile);
    clv_require(strlen(tile) == 0 || strlen(tile) == 5);
    clv_require(clv_processing_level_of_name(name) >= 0);
    clv_name_has_word(name, "scl");
    free(name);
    return 0;
}
