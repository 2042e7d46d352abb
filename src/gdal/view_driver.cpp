/* SPDX-License-Identifier: MIT
 *
 * The driver CLEARVISION: datasets whose pixels are the cloud-free ones, computed when they are read (view_pool.h).
 * Blocks of 128 x 128 pixels from the raster's origin are taken from the view's own rasters, so neither the window that
 * somebody reads nor GDAL's block cache decides what is computed. Overviews are views of the same series at coarser
 * pixels: near enough to look at, not what averaging the full result would give.
 */
#include <algorithm>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <cpl_conv.h>
#include <gdal_priv.h>

#include "gdal/drivers.h"
#include "gdal/view_pool.h"
#include "gdal/view_request.h"
#include "raster/gdal_version.h"

namespace
{

constexpr int BLOCK = 128;
constexpr int SMALLEST = 256; /* pixels of the longer side of the coarsest overview, at least */
constexpr int MAX_REDUCTION = 64;
constexpr size_t ERROR_SIZE = 800;

enum Product { CLEAR, MASK, QUALITY, PRODUCTS };
const char *const product_names[PRODUCTS] = {"clear", "mask", "quality"};

Product product_of(const clv_view_request &name)
{
    const char *text = clv_view_request_get(&name, "product");
    for (int i = 0; text && i < PRODUCTS; i++)
        if (EQUAL(text, product_names[i]))
            return static_cast<Product>(i);
    return CLEAR;
}

class Lock
{
  public:
    explicit Lock(clv_shared_view *shared) : m_shared(shared)
    {
        clv_shared_view_lock(shared);
    }
    ~Lock()
    {
        clv_shared_view_unlock(m_shared);
    }
    Lock(const Lock &) = delete;
    Lock &operator=(const Lock &) = delete;

  private:
    clv_shared_view *m_shared;
};

/* ---- Bands --------------------------------------------------------------------------------------- */

/* What describes a band of a view's raster; copied when the view is opened, since the raster itself may only be touched
 * under the view's lock. */
struct BandInfo {
    GDALDataType type;
    bool has_nodata, has_offset, has_scale;
    double nodata, offset, scale;
    std::string name, unit;
    bool signed_byte; /* see gdal_version.h */
    CPLStringList categories, metadata, imagery;
    std::unique_ptr<GDALColorTable> colors;
    GDALColorInterp interpretation;
};

struct RasterInfo {
    int width = 0, height = 0;
    bool has_transform = false;
    double transform[6] = {};
    OGRSpatialReference srs, gcp_srs;
    int gcp_count = 0;
    GDAL_GCP *gcps = nullptr;
    CPLStringList metadata, imagery, rpc;
    std::vector<BandInfo> bands;
    std::unique_ptr<BandInfo> mask; /* a mask of all bands that is no nodata and no alpha */

    RasterInfo() = default;
    RasterInfo(const RasterInfo &) = delete;
    RasterInfo &operator=(const RasterInfo &) = delete;
    ~RasterInfo()
    {
        GDALDeinitGCPs(gcp_count, gcps);
        CPLFree(gcps);
    }
};

/* All that is known of a view without reading: its dates' labels, and its rasters; null for dates on another grid. */
struct ViewInfo {
    std::vector<std::string> labels;
    std::vector<std::unique_ptr<RasterInfo>> rasters; /* [dates * PRODUCTS] */
    CPLStringList files;                              /* FILE_1=a.tif, ... */
};

CPLStringList copy_of(CSLConstList list)
{
    return CPLStringList(CSLDuplicate(list), TRUE);
}

BandInfo band_info(GDALRasterBand *band)
{
    BandInfo info;
    int has[3] = {0, 0, 0};
    info.type = band->GetRasterDataType();
    info.nodata = band->GetNoDataValue(&has[0]);
    info.offset = band->GetOffset(&has[1]);
    info.scale = band->GetScale(&has[2]);
    info.has_nodata = has[0] != 0;
    info.has_offset = has[1] != 0;
    info.has_scale = has[2] != 0;
    info.name = band->GetDescription();
    info.unit = band->GetUnitType() ? band->GetUnitType() : "";
    info.signed_byte = info.type == GDT_Byte && clv_gdal_3_7_is_int8(GDALRasterBand::ToHandle(band));
    info.categories = copy_of(band->GetCategoryNames());
    info.metadata = copy_of(band->GetMetadata());
    info.imagery = copy_of(band->GetMetadata("IMAGERY"));
    info.interpretation = band->GetColorInterpretation();
    if (band->GetColorTable()) {
        info.colors.reset(band->GetColorTable()->Clone());
        /* As a file that is read again gives it: writers of palettes look at all values. */
        const GDALColorEntry black = {0, 0, 0, 255};
        while (info.type == GDT_Byte && info.colors->GetColorEntryCount() < 256)
            info.colors->SetColorEntry(info.colors->GetColorEntryCount(), &black);
    }
    return info;
}

std::unique_ptr<RasterInfo> raster_info(GDALDataset *source)
{
    std::unique_ptr<RasterInfo> info(new RasterInfo());
    info->width = source->GetRasterXSize();
    info->height = source->GetRasterYSize();
    info->has_transform = GDALGetGeoTransform(GDALDataset::ToHandle(source), info->transform) == CE_None;
    if (source->GetSpatialRef())
        info->srs = *source->GetSpatialRef();
    info->gcp_count = source->GetGCPCount();
    if (info->gcp_count > 0)
        info->gcps = GDALDuplicateGCPs(info->gcp_count, source->GetGCPs());
    if (source->GetGCPSpatialRef())
        info->gcp_srs = *source->GetGCPSpatialRef();
    info->metadata = copy_of(source->GetMetadata());
    info->imagery = copy_of(source->GetMetadata("IMAGERY"));
    info->rpc = copy_of(source->GetMetadata("RPC"));
    for (int i = 1; i <= source->GetRasterCount(); i++)
        info->bands.push_back(band_info(source->GetRasterBand(i)));
    if (source->GetRasterBand(1)->GetMaskFlags() == GMF_PER_DATASET)
        info->mask.reset(new BandInfo(band_info(source->GetRasterBand(1)->GetMaskBand())));
    return info;
}

/* The dates by which the series' subdatasets are called: days where each has one of its own, names otherwise. */
std::vector<std::string> labels_of(const clv_shared_view *shared)
{
    std::vector<std::string> labels;
    const int count = shared->lib->view_dates(shared->view);
    bool unique = true;
    for (int t = 0; t < count; t++) {
        char text[32];
        shared->lib->view_date(shared->view, t, text);
        labels.push_back(std::string(text).substr(0, 10));
        unique = unique && !labels[t].empty();
        for (int u = 0; u < t; u++)
            unique = unique && labels[u] != labels[t];
    }
    for (int t = 0; t < count && !unique; t++)
        labels[t] = shared->lib->view_name(shared->view, t);
    return labels;
}

void *describe(const clv_shared_view *shared)
{
    std::unique_ptr<ViewInfo> info(new ViewInfo());
    info->labels = labels_of(shared);
    for (int t = 0; t < shared->lib->view_dates(shared->view); t++)
        for (int p = 0; p < PRODUCTS; p++) {
            void *raster = shared->lib->view_raster(shared->view, t, static_cast<clv_view_product>(p));
            info->rasters.push_back(raster ? raster_info(GDALDataset::FromHandle(raster)) : nullptr);
        }
    for (int i = 0; const char *file = shared->lib->view_file(shared->view, i); i++)
        info->files.SetNameValue(CPLSPrintf("FILE_%d", i + 1), file);
    return info.release();
}

void forget(void *description)
{
    delete static_cast<ViewInfo *>(description);
}

/* What the view reads. Not in the list of files, which GDAL deletes and copies with a dataset. */
#define CLV_VIEW_FILES "CLEARVISION_FILES"

const ViewInfo &info_of(const clv_shared_view *shared)
{
    return *static_cast<const ViewInfo *>(shared->description);
}

class ViewDataset;

/* A band, or (number 0) the mask of all bands. */
class ViewBand final : public GDALRasterBand
{
  public:
    ViewBand(ViewDataset *dataset, int number, const BandInfo &info);

    CPLErr IReadBlock(int x, int y, void *data) override;
    double GetNoDataValue(int *has) override;
    double GetOffset(int *has) override;
    double GetScale(int *has) override;
    const char *GetUnitType() override;
    char **GetCategoryNames() override;
    GDALColorTable *GetColorTable() override;
    GDALColorInterp GetColorInterpretation() override;
    int GetMaskFlags() override;
    GDALRasterBand *GetMaskBand() override;
    int GetOverviewCount() override;
    GDALRasterBand *GetOverview(int index) override;

  protected:
    CPLErr IRasterIO(GDALRWFlag flag, int x, int y, int width, int height, void *data, int columns, int rows,
                     GDALDataType type, GSpacing pixel, GSpacing line, GDALRasterIOExtraArg *extra) override;

  private:
    ViewDataset *view() const;
    bool m_hasNoData, m_hasOffset, m_hasScale;
    double m_noData, m_offset, m_scale;
    std::string m_unit;
    CPLStringList m_categories;
    std::unique_ptr<GDALColorTable> m_colors;
    GDALColorInterp m_interpretation;
};

class ViewDataset final : public GDALDataset
{
  public:
    /* Takes `shared` over. */
    ViewDataset(const clv_view_request &name, clv_shared_view *shared, int date, Product product);
    /* A coarser one of `base`, whose own view is taken when pixels are wanted. */
    ViewDataset(const ViewDataset &base, int reduction, int width, int height);
    ~ViewDataset() override;

    CPLErr CLV_GDAL_3_12_GET_GEO_TRANSFORM override;
    const OGRSpatialReference *GetSpatialRef() const override;
    int GetGCPCount() override;
    const GDAL_GCP *GetGCPs() override;
    const OGRSpatialReference *GetGCPSpatialRef() const override;
    char **GetFileList() override;
    int CloseDependentDatasets() override;
    CPLErr Read(int band, int x, int y, int width, int height, GDALDataType type, void *data, int line);
    int Overviews() const
    {
        return static_cast<int>(m_overviews.size());
    }
    ViewDataset *Overview(int index)
    {
        return index >= 0 && index < Overviews() ? m_overviews[index].get() : nullptr;
    }
    GDALRasterBand *Mask()
    {
        return m_mask.get();
    }
    /* Of classes and days no mean makes sense: masks and quality are read by the nearest pixel, whatever is asked for.
     */
    GDALRasterIOExtraArg Extra(const GDALRasterIOExtraArg *extra) const
    {
        GDALRasterIOExtraArg own = *extra;
        if (m_product != 0)
            own.eResampleAlg = GRIORA_NearestNeighbour;
        return own;
    }

  protected:
    CPLErr IRasterIO(GDALRWFlag flag, int x, int y, int width, int height, void *data, int columns, int rows,
                     GDALDataType type, int bands, int *list, GSpacing pixel, GSpacing line, GSpacing plane,
                     GDALRasterIOExtraArg *extra) override;

  private:
    void Describe(const RasterInfo &info);
    CPLErr Take();
    clv_view_request m_name{};
    std::mutex m_taking; /* of the coarser view by the first of several readers */
    clv_shared_view *m_shared = nullptr;
    bool m_closed = false;
    int m_date;
    Product m_product;
    int m_reduction = 1;
    double m_pixel = 0;
    bool m_hasTransform = false;
    double m_transform[6] = {};
    OGRSpatialReference m_srs, m_gcpSrs;
    int m_gcpCount = 0;
    GDAL_GCP *m_gcps = nullptr;
    std::unique_ptr<ViewBand> m_mask;
    std::vector<std::unique_ptr<ViewDataset>> m_overviews;
};

ViewBand::ViewBand(ViewDataset *dataset, int number, const BandInfo &info)
    : m_hasNoData(info.has_nodata), m_hasOffset(info.has_offset), m_hasScale(info.has_scale), m_noData(info.nodata),
      m_offset(info.offset), m_scale(info.scale), m_unit(info.unit), m_categories(info.categories),
      m_colors(info.colors ? info.colors->Clone() : nullptr), m_interpretation(info.interpretation)
{
    poDS = dataset;
    nBand = number;
    eDataType = info.type;
    nRasterXSize = dataset->GetRasterXSize();
    nRasterYSize = dataset->GetRasterYSize();
    nBlockXSize = BLOCK;
    nBlockYSize = BLOCK;
    SetDescription(info.name.c_str());
    GDALMajorObject::SetMetadata(const_cast<CPLStringList &>(info.metadata).List());
    GDALMajorObject::SetMetadata(const_cast<CPLStringList &>(info.imagery).List(), "IMAGERY");
    if (info.signed_byte)
        GDALMajorObject::SetMetadataItem("PIXELTYPE", "SIGNEDBYTE", "IMAGE_STRUCTURE");
}

ViewDataset *ViewBand::view() const
{
    return static_cast<ViewDataset *>(poDS);
}

CPLErr ViewBand::IReadBlock(int x, int y, void *data)
{
    const int x0 = x * BLOCK, y0 = y * BLOCK;
    const int width = std::min(BLOCK, nRasterXSize - x0), height = std::min(BLOCK, nRasterYSize - y0);
    return view()->Read(nBand, x0, y0, width, height, eDataType, data, BLOCK);
}

CPLErr ViewBand::IRasterIO(GDALRWFlag flag, int x, int y, int width, int height, void *data, int columns, int rows,
                           GDALDataType type, GSpacing pixel, GSpacing line, GDALRasterIOExtraArg *extra)
{
    GDALRasterIOExtraArg own = view()->Extra(extra);
    return GDALRasterBand::IRasterIO(flag, x, y, width, height, data, columns, rows, type, pixel, line, &own);
}

double ViewBand::GetNoDataValue(int *has)
{
    if (has)
        *has = m_hasNoData;
    return m_noData;
}

double ViewBand::GetOffset(int *has)
{
    if (has)
        *has = m_hasOffset;
    return m_offset;
}

double ViewBand::GetScale(int *has)
{
    if (has)
        *has = m_hasScale;
    return m_scale;
}

const char *ViewBand::GetUnitType()
{
    return m_unit.c_str();
}

char **ViewBand::GetCategoryNames()
{
    return m_categories.List();
}

GDALColorTable *ViewBand::GetColorTable()
{
    return m_colors.get();
}

GDALColorInterp ViewBand::GetColorInterpretation()
{
    return m_interpretation;
}

int ViewBand::GetMaskFlags()
{
    return nBand > 0 && view()->Mask() ? GMF_PER_DATASET : GDALRasterBand::GetMaskFlags();
}

GDALRasterBand *ViewBand::GetMaskBand()
{
    return nBand > 0 && view()->Mask() ? view()->Mask() : GDALRasterBand::GetMaskBand();
}

int ViewBand::GetOverviewCount()
{
    return view()->Overviews();
}

GDALRasterBand *ViewBand::GetOverview(int index)
{
    ViewDataset *coarse = view()->Overview(index);
    if (!coarse)
        return nullptr;
    return nBand > 0 ? coarse->GetRasterBand(nBand) : coarse->Mask();
}

/* ---- Datasets ------------------------------------------------------------------------------------ */

/* Everything but size, place and pixels. */
void ViewDataset::Describe(const RasterInfo &info)
{
    m_srs = info.srs;
    GDALMajorObject::SetMetadata(const_cast<CPLStringList &>(info.metadata).List());
    GDALMajorObject::SetMetadata(const_cast<CPLStringList &>(info.imagery).List(), "IMAGERY");
    GDALMajorObject::SetMetadataItem("INTERLEAVE", "BAND", "IMAGE_STRUCTURE");
    for (size_t i = 0; i < info.bands.size(); i++)
        SetBand(static_cast<int>(i) + 1, new ViewBand(this, static_cast<int>(i) + 1, info.bands[i]));
    if (info.mask)
        m_mask.reset(new ViewBand(this, 0, *info.mask));
    eAccess = GA_ReadOnly;
}

ViewDataset::ViewDataset(const clv_view_request &name, clv_shared_view *shared, int date, Product product)
    : m_shared(shared), m_date(date), m_product(product)
{
    const RasterInfo &info = *info_of(shared).rasters[static_cast<size_t>(date) * PRODUCTS + product];
    m_name.inputs = CSLDuplicate(name.inputs);
    m_name.settings = CSLDuplicate(name.settings);
    m_name.file = name.file ? CPLStrdup(name.file) : nullptr;
    m_pixel = shared->lib->view_pixel_m(shared->view, date);
    nRasterXSize = info.width;
    nRasterYSize = info.height;
    m_hasTransform = info.has_transform;
    std::copy(info.transform, info.transform + 6, m_transform);
    m_gcpSrs = info.gcp_srs;
    m_gcpCount = info.gcp_count;
    m_gcps = GDALDuplicateGCPs(info.gcp_count, info.gcps);
    Describe(info);
    GDALMajorObject::SetMetadata(const_cast<CPLStringList &>(info_of(shared).files).List(), CLV_VIEW_FILES);
    GDALMajorObject::SetMetadata(const_cast<CPLStringList &>(info.rpc).List(), "RPC");
    /* Coarser views, each twice as coarse, as long as there is something to gain. */
    for (int n = 2; n <= MAX_REDUCTION && std::max(nRasterXSize, nRasterYSize) / n >= SMALLEST; n *= 2) {
        int width = 0, height = 0;
        if (!shared->lib->view_reduced(shared->view, date, n, &width, &height))
            break;
        m_overviews.emplace_back(new ViewDataset(*this, n, width, height));
        m_overviews.back()->Describe(info);
    }
}

ViewDataset::ViewDataset(const ViewDataset &base, int reduction, int width, int height)
    : m_date(base.m_date), m_product(base.m_product), m_reduction(reduction), m_pixel(base.m_pixel * reduction)
{
    m_name.inputs = CSLDuplicate(base.m_name.inputs);
    m_name.settings = CSLDuplicate(base.m_name.settings);
    nRasterXSize = width;
    nRasterYSize = height;
    SetDescription(base.GetDescription());
}

ViewDataset::~ViewDataset()
{
    ViewDataset::CloseDependentDatasets();
    clv_view_request_clear(&m_name);
    GDALDeinitGCPs(m_gcpCount, m_gcps);
    CPLFree(m_gcps);
}

/* At the end of a process GDAL asks for this before it closes what is still open, the view's own rasters among it. */
int ViewDataset::CloseDependentDatasets()
{
    bool dropped = GDALDataset::CloseDependentDatasets() || m_shared != nullptr;
    for (auto &overview : m_overviews)
        dropped = overview->CloseDependentDatasets() || dropped;
    clv_view_pool_give(m_shared);
    m_shared = nullptr;
    m_closed = true;
    return dropped;
}

CPLErr ViewDataset::IRasterIO(GDALRWFlag flag, int x, int y, int width, int height, void *data, int columns, int rows,
                              GDALDataType type, int bands, int *list, GSpacing pixel, GSpacing line, GSpacing plane,
                              GDALRasterIOExtraArg *extra)
{
    GDALRasterIOExtraArg own = Extra(extra);
    return GDALDataset::IRasterIO(flag, x, y, width, height, data, columns, rows, type, bands, list, pixel, line, plane,
                                  &own);
}

CPLErr ViewDataset::CLV_GDAL_3_12_GET_GEO_TRANSFORM
{
    for (int i = 0; i < 6; i++)
        transform[i] = m_hasTransform ? m_transform[i] : i == 1 || i == 5;
    return m_hasTransform ? CE_None : CE_Failure;
}

const OGRSpatialReference *ViewDataset::GetSpatialRef() const
{
    return m_srs.IsEmpty() ? nullptr : &m_srs;
}

int ViewDataset::GetGCPCount()
{
    return m_gcpCount;
}

const GDAL_GCP *ViewDataset::GetGCPs()
{
    return m_gcps;
}

const OGRSpatialReference *ViewDataset::GetGCPSpatialRef() const
{
    return m_gcpSrs.IsEmpty() ? nullptr : &m_gcpSrs;
}

/* The view's own file alone: whoever deletes or renames "the dataset" must not reach the pictures behind it. */
char **ViewDataset::GetFileList()
{
    return m_name.file ? CSLAddString(nullptr, m_name.file) : nullptr;
}

/* The view of an overview, which nobody needed before. */
CPLErr ViewDataset::Take()
{
    const std::lock_guard<std::mutex> guard(m_taking);
    if (m_shared)
        return CE_None;
    char error[ERROR_SIZE] = "the dataset is closed";
    clv_shared_view *shared = m_closed ? nullptr : clv_view_pool_take(&m_name, m_pixel, error, sizeof error);
    const RasterInfo *info =
        shared ? info_of(shared).rasters[static_cast<size_t>(m_date) * PRODUCTS + m_product].get() : nullptr;
    if (shared && (!info || info->width != nRasterXSize || info->height != nRasterYSize)) {
        CPLsnprintf(error, sizeof error, "its overview 1:%d has another size than expected; please report it",
                    m_reduction);
        clv_view_pool_give(shared);
        shared = nullptr;
    }
    if (!shared) {
        CPLError(CE_Failure, CPLE_AppDefined, "%s: %s", GetDescription(), error);
        return CE_Failure;
    }
    m_shared = shared;
    return CE_None;
}

CPLErr ViewDataset::Read(int band, int x, int y, int width, int height, GDALDataType type, void *data, int line)
{
    if (Take() != CE_None)
        return CE_Failure;
    if (m_shared->lib->view_inside()) {
        CPLError(CE_Failure, CPLE_NotSupported, "%s: a view cannot be an input of a view; write it to a file first",
                 GetDescription());
        return CE_Failure;
    }
    const Lock lock(m_shared);
    const long before = m_shared->lib->view_computed(m_shared->view);
    const clv_status status = m_shared->lib->view_compute(m_shared->view, m_date, x, y, width, height);
    if (status != CLV_OK) {
        CPLError(CE_Failure, CPLE_AppDefined, "%s", m_shared->lib->context_error(m_shared->ctx));
        if (status == CLV_ERROR_WRITE)
            clv_view_pool_drop(m_shared);
        return CE_Failure;
    }
    const long computed = m_shared->lib->view_computed(m_shared->view);
    if (computed > before)
        CPLDebug("CLEARVISION", "%ld cells computed (1:%d)", computed, m_reduction);
    auto *source = GDALDataset::FromHandle(
        m_shared->lib->view_raster(m_shared->view, m_date, static_cast<clv_view_product>(m_product)));
    GDALRasterBand *from = band > 0 ? source->GetRasterBand(band) : source->GetRasterBand(1)->GetMaskBand();
    const int size = GDALGetDataTypeSizeBytes(type);
    return from->RasterIO(GF_Read, x, y, width, height, data, width, height, type, size,
                          static_cast<GSpacing>(size) * line, nullptr);
}

/* ---- A series: a list of subdatasets -------------------------------------------------------------- */

class SeriesDataset final : public GDALDataset
{
  public:
    SeriesDataset(const clv_view_request &name, clv_shared_view *shared);
};

SeriesDataset::SeriesDataset(const clv_view_request &name, clv_shared_view *shared)
{
    static const char *const words[PRODUCTS] = {"cloud-free", "cloud mask", "quality"};
    const std::vector<std::string> &labels = info_of(shared).labels;
    CPLStringList list;
    int n = 0;
    nRasterXSize = nRasterYSize = 512; /* what GDAL's own lists of subdatasets give */
    for (size_t t = 0; t < labels.size(); t++) {
        const RasterInfo *raster = info_of(shared).rasters[t * PRODUCTS].get();
        for (int p = 0; p < PRODUCTS && raster; p++) {
            char *text = clv_view_request_text(&name, labels[t].c_str(), product_names[p]);
            n++;
            list.SetNameValue(CPLSPrintf("SUBDATASET_%d_NAME", n), text);
            list.SetNameValue(CPLSPrintf("SUBDATASET_%d_DESC", n),
                              CPLSPrintf("%s, %s, %dx%d", labels[t].c_str(), words[p], raster->width, raster->height));
            CPLFree(text);
        }
    }
    GDALMajorObject::SetMetadata(list.List(), "SUBDATASETS");
    GDALMajorObject::SetMetadata(const_cast<CPLStringList &>(info_of(shared).files).List(), CLV_VIEW_FILES);
    eAccess = GA_ReadOnly;
}

/* ---- The driver ---------------------------------------------------------------------------------- */

bool is_enabled()
{
    return CPLTestBool(CPLGetConfigOption("CLEARVISION_ENABLE", "YES"));
}

int identify(GDALOpenInfo *info)
{
    if (EQUALN(info->pszFilename, CLV_VIEW_PREFIX, strlen(CLV_VIEW_PREFIX)))
        return TRUE;
    const size_t n = strlen(info->pszFilename), m = strlen("." CLV_VIEW_EXTENSION);
    if (n <= m || !EQUAL(info->pszFilename + n - m, "." CLV_VIEW_EXTENSION) || info->nHeaderBytes == 0)
        return FALSE;
    const char *text = reinterpret_cast<const char *>(info->pabyHeader);
    return text[strspn(text, " \t\r\n")] == '{'; /* whether it is a view is said when it is opened */
}

/* The date that a name asks for; -1 with an error when there is none such, or more. */
int find_date(clv_shared_view *shared, const char *wanted, char *error)
{
    const int count = shared->lib->view_dates(shared->view);
    int found = -1, matches = 0;
    for (int t = 0; t < count; t++) {
        char text[32];
        shared->lib->view_date(shared->view, t, text);
        if (EQUAL(wanted, shared->lib->view_name(shared->view, t)))
            return t;
        if (strlen(wanted) >= 10 && strncmp(text, wanted, strlen(wanted)) == 0) {
            found = t;
            matches++;
        }
    }
    if (matches == 1)
        return found;
    std::string list;
    for (const std::string &label : info_of(shared).labels)
        list += (list.empty() ? "" : ", ") + label;
    CPLsnprintf(error, ERROR_SIZE, "date=%.60s: %s; the series has %.500s", wanted,
                matches ? "more than one date is meant" : "no such date", list.c_str());
    return -1;
}

GDALDataset *open_view(GDALOpenInfo *info, clv_view_request &name, char *error)
{
    for (char **option = info->papszOpenOptions; option && *option; option++) {
        char *key = nullptr;
        const char *value = CPLParseNameValue(*option, &key);
        const bool good = !key || !value || clv_view_request_set(&name, key, value, error, ERROR_SIZE);
        CPLFree(key);
        if (!good)
            return nullptr;
    }
    clv_shared_view *shared = clv_view_pool_take(&name, 0, error, ERROR_SIZE);
    if (!shared)
        return nullptr;
    const char *wanted = clv_view_request_get(&name, "date");
    GDALDataset *dataset = nullptr;
    if (!wanted) {
        dataset = new SeriesDataset(name, shared);
    } else {
        const int date = find_date(shared, wanted, error);
        if (date >= 0 && !info_of(shared).rasters[static_cast<size_t>(date) * PRODUCTS]) {
            CPLsnprintf(error, ERROR_SIZE,
                        "date=%.60s: lies on another grid than the series; use clearvision remove for it", wanted);
        } else if (date >= 0) {
            dataset = new ViewDataset(name, shared, date, product_of(name));
            shared = nullptr; /* the dataset's now */
        }
    }
    clv_view_pool_give(shared);
    return dataset;
}

GDALDataset *open(GDALOpenInfo *info)
{
    if (!identify(info))
        return nullptr;
    if (!is_enabled()) {
        CPLError(CE_Failure, CPLE_OpenFailed, "%s: views are switched off (CLEARVISION_ENABLE=NO)", info->pszFilename);
        return nullptr;
    }
    if (info->eAccess == GA_Update) {
        CPLError(CE_Failure, CPLE_NotSupported, "%s: views are computed, they cannot be written", info->pszFilename);
        return nullptr;
    }
    char error[ERROR_SIZE] = "";
    clv_view_request name;
    GDALDataset *dataset = nullptr;
    if (clv_view_request_parse(info->pszFilename, &name, error, sizeof error)) {
        dataset = open_view(info, name, error);
        clv_view_request_clear(&name);
    }
    if (dataset)
        dataset->SetDescription(info->pszFilename);
    else
        CPLError(CE_Failure, CPLE_OpenFailed, "%s", error);
    return dataset;
}

} // namespace

void clv_register_view(void)
{
    if (GDALGetDriverByName("CLEARVISION"))
        return;
    clv_view_pool_describe(describe, forget);
    auto *driver = new GDALDriver();
    char *options = clv_view_request_option_list();
    driver->SetDescription("CLEARVISION");
    driver->SetMetadataItem(GDAL_DCAP_RASTER, "YES");
    driver->SetMetadataItem(GDAL_DCAP_VIRTUALIO, "YES");
    driver->SetMetadataItem(GDAL_DMD_LONGNAME, "Cloud-free Sentinel-2 series, computed on reading");
    driver->SetMetadataItem(GDAL_DMD_EXTENSIONS, CLV_VIEW_EXTENSION);
    driver->SetMetadataItem(GDAL_DMD_CONNECTION_PREFIX, CLV_VIEW_PREFIX);
    driver->SetMetadataItem(GDAL_DMD_SUBDATASETS, "YES");
    driver->SetMetadataItem(GDAL_DMD_OPENOPTIONLIST, options);
    driver->pfnIdentify = identify;
    driver->pfnOpen = open;
    CPLFree(options);
    GetGDALDriverManager()->RegisterDriver(driver);
}
