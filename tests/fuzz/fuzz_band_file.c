/* SPDX-License-Identifier: MIT */
#include "fuzz.h"

#include "sentinel2/archive_names.h"
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
    clv_require((f.mask_rank > 0) == (f.kind == CLV_FILE_SCL || f.kind == CLV_FILE_FMASK || f.kind == CLV_FILE_MASK));
    clv_require(f.mask_rank == 0 || f.mask_shown);
    char satellite[8];
    clv_require(clv_satellite_of_name(name, satellite) == (satellite[0] != 0));
    clv_archive_is_product(name);
    clv_archive_is_extra(name);
    clv_archive_is_tile_folder(name, (int)strlen(name));
    free(name);
    return 0;
}
