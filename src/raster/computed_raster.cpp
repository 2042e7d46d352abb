/* SPDX-License-Identifier: MIT */
#include "raster/computed_raster.h"

#include <gdal_priv.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>
#include <vector>

#include "raster/gdal_version.h"

namespace
{

constexpr int BLOCK = 512; /* pixels: large beside what is read around it */

class ComputedDataset final : public GDALDataset
{
  public:
    ComputedDataset(GDALDatasetH like, const clv_computed_raster &how);
    ~ComputedDataset() override = default;

    const OGRSpatialReference *GetSpatialRef() const override
    {
        return m_srs.IsEmpty() ? nullptr : &m_srs;
    }
    CPLErr CLV_GDAL_3_12_GET_GEO_TRANSFORM override
    {
        for (int i = 0; i < 6; i++)
            transform[i] = m_transform[i];
        return m_placed ? CE_None : CE_Failure;
    }

    CPLErr Compute(int column, int row, int wanted, void *data);

  private:
    clv_compute_fn m_compute;
    void *m_user;
    OGRSpatialReference m_srs{};
    double m_transform[6] = {0, 1, 0, 0, 0, 1};
    bool m_placed = false;
};

class ComputedBand final : public GDALRasterBand
{
  public:
    ComputedBand(ComputedDataset *ds, int number, GDALDataType type, double nodata) : m_nodata(nodata)
    {
        poDS = ds;
        nBand = number;
        eDataType = type;
        nBlockXSize = std::min(BLOCK, ds->GetRasterXSize());
        nBlockYSize = std::min(BLOCK, ds->GetRasterYSize());
    }
    double GetNoDataValue(int *known) override
    {
        if (known)
            *known = TRUE;
        return m_nodata;
    }
    CPLErr IReadBlock(int column, int row, void *data) override
    {
        return static_cast<ComputedDataset *>(poDS)->Compute(column, row, nBand, data);
    }

  private:
    double m_nodata;
};

ComputedDataset::ComputedDataset(GDALDatasetH like, const clv_computed_raster &how)
    : m_compute(how.compute), m_user(how.user)
{
    nRasterXSize = GDALGetRasterXSize(like);
    nRasterYSize = GDALGetRasterYSize(like);
    m_placed = GDALGetGeoTransform(like, m_transform) == CE_None;
    if (const auto *srs = OGRSpatialReference::FromHandle(GDALGetSpatialRef(like)))
        m_srs = *srs;
    for (int b = 0; b < how.bands; b++)
        SetBand(b + 1, new ComputedBand(this, b + 1, how.types[b], how.nodata[b]));
}

/* A block of all bands: those that were not asked for go into GDAL's cache. */
CPLErr ComputedDataset::Compute(int column, int row, int wanted, void *data)
{
    int width = 0, height = 0;
    GetRasterBand(1)->GetBlockSize(&width, &height);
    const clv_rect r = {column * width, row * height, std::min(width, nRasterXSize - column * width),
                        std::min(height, nRasterYSize - row * height)};
    const size_t n = static_cast<size_t>(r.width) * static_cast<size_t>(r.height);
    std::vector<std::unique_ptr<GByte[]>> buffers(static_cast<size_t>(nBands));
    std::vector<void *> planes(static_cast<size_t>(nBands));
    for (size_t b = 0; b < buffers.size(); b++) {
        const int size = GDALGetDataTypeSizeBytes(GetRasterBand(static_cast<int>(b) + 1)->GetRasterDataType());
        buffers[b].reset(new (std::nothrow) GByte[n * static_cast<size_t>(size)]);
        planes[b] = buffers[b].get();
        if (!planes[b]) {
            CPLError(CE_Failure, CPLE_OutOfMemory, "out of memory");
            return CE_Failure;
        }
    }
    const CPLErr error = m_compute(m_user, r, planes.data());
    for (int b = 1; b <= nBands && error == CE_None; b++) {
        GDALRasterBand *band = GetRasterBand(b);
        const size_t size = static_cast<size_t>(GDALGetDataTypeSizeBytes(band->GetRasterDataType()));
        GDALRasterBlock *block = nullptr;
        auto *to = static_cast<GByte *>(data);
        if (b != wanted) {
            block = band->TryGetLockedBlockRef(column, row);
            if (block) { /* it is there already */
                block->DropLock();
                continue;
            }
            block = band->GetLockedBlockRef(column, row, TRUE);
            if (!block)
                continue;
            to = static_cast<GByte *>(block->GetDataRef());
        }
        const auto *from = static_cast<const GByte *>(planes[static_cast<size_t>(b) - 1]);
        for (int y = 0; y < r.height; y++)
            std::memcpy(to + static_cast<size_t>(y) * static_cast<size_t>(width) * size,
                        from + static_cast<size_t>(y) * static_cast<size_t>(r.width) * size,
                        static_cast<size_t>(r.width) * size);
        if (block)
            block->DropLock();
    }
    return error;
}

} // namespace

GDALDatasetH clv_computed_raster_open(GDALDatasetH like, const clv_computed_raster *how)
{
    try {
        return GDALDataset::ToHandle(new ComputedDataset(like, *how));
    } catch (const std::bad_alloc &) {
        return nullptr;
    }
}
