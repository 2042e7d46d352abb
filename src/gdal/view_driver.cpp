/* SPDX-License-Identifier: MIT
 *
 * The driver CLEARVISION: datasets whose pixels are the cloud-free ones, computed when they are read (view_pool.h).
 * Blocks of 128 x 128 pixels from the raster's origin are taken from the view's own rasters, so neither the window that
 * somebody reads nor GDAL's block cache decides what is computed. Overviews are views of the same series at coarser
 * pixels: near enough to look at, not what averaging the full result would give.
 */
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include <cpl_conv.h>
#include <gdal_priv.h>

#include "gdal/drivers.h"
#include "gdal/view_request.h"
#include "gdal/view_pool.h"

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

class ViewDataset;

/* A band, or (number 0) the mask of all bands, of the view's raster. What describes it is copied at once: the raster
 * itself may only be touched under the view's lock. */
class ViewBand final : public GDALRasterBand
{
  public:
    ViewBand(ViewDataset *dataset, int number, GDALRasterBand *source);

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
    ViewDataset(const clv_view_request &name, clv_shared_view *shared, int date, Product product, int reduction);
    ~ViewDataset() override;

    static ViewDataset *Make(const clv_view_request &name, int date, Product product, int reduction, double pixel,
                             char *error);
#if GDAL_VERSION_NUM >= GDAL_COMPUTE_VERSION(3, 12, 0)
    CPLErr GetGeoTransform(GDALGeoTransform &transform) const override;
#else
    CPLErr GetGeoTransform(double *transform) override;
#endif
    const OGRSpatialReference *GetSpatialRef() const override;
    char **GetFileList() override;
    int CloseDependentDatasets() override;
    CPLErr Read(int band, int x, int y, int width, int height, GDALDataType type, void *data, int line);
    int Overviews();
    ViewDataset *Overview(int index);
    GDALRasterBand *Mask()
    {
        return m_mask.get();
    }

  private:
    clv_view_request m_name{};
    clv_shared_view *m_shared;
    int m_date;
    Product m_product;
    int m_reduction;
    double m_pixel;
    bool m_hasTransform = false;
    double m_transform[6];
    OGRSpatialReference m_srs;
    std::unique_ptr<ViewBand> m_mask;
    std::vector<std::unique_ptr<ViewDataset>> m_overviews;
    bool m_overviewsBroken = false;
};

ViewBand::ViewBand(ViewDataset *dataset, int number, GDALRasterBand *source)
{
    int has[3] = {0, 0, 0};
    poDS = dataset;
    nBand = number;
    eDataType = source->GetRasterDataType();
    nRasterXSize = source->GetXSize();
    nRasterYSize = source->GetYSize();
    nBlockXSize = BLOCK;
    nBlockYSize = BLOCK;
    m_noData = source->GetNoDataValue(&has[0]);
    m_offset = source->GetOffset(&has[1]);
    m_scale = source->GetScale(&has[2]);
    m_hasNoData = has[0] != 0;
    m_hasOffset = has[1] != 0;
    m_hasScale = has[2] != 0;
    m_unit = source->GetUnitType() ? source->GetUnitType() : "";
    m_categories = CPLStringList(source->GetCategoryNames(), FALSE);
    m_interpretation = source->GetColorInterpretation();
    if (source->GetColorTable()) {
        m_colors.reset(source->GetColorTable()->Clone());
        /* As a file that is read again gives it: writers of palettes look at all values. */
        const GDALColorEntry black = {0, 0, 0, 255};
        while (eDataType == GDT_Byte && m_colors->GetColorEntryCount() < 256)
            m_colors->SetColorEntry(m_colors->GetColorEntryCount(), &black);
    }
    SetDescription(source->GetDescription());
    for (const char *domain : {"", "IMAGERY"})
        GDALMajorObject::SetMetadata(source->GetMetadata(domain), domain);
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

ViewDataset::ViewDataset(const clv_view_request &name, clv_shared_view *shared, int date, Product product,
                         int reduction)
    : m_shared(shared), m_date(date), m_product(product), m_reduction(reduction)
{
    m_name.inputs = CSLDuplicate(name.inputs);
    m_name.settings = CSLDuplicate(name.settings);
    m_name.file = name.file ? CPLStrdup(name.file) : nullptr;
    m_name.of_file = CSLDuplicate(name.of_file);
    const Lock lock(shared);
    m_pixel = shared->lib->view_pixel_m(shared->view, date);
    auto *source =
        GDALDataset::FromHandle(shared->lib->view_raster(shared->view, date, static_cast<clv_view_product>(product)));
    nRasterXSize = source->GetRasterXSize();
    nRasterYSize = source->GetRasterYSize();
#if GDAL_VERSION_NUM >= GDAL_COMPUTE_VERSION(3, 12, 0)
    GDALGeoTransform transform;
    m_hasTransform = source->GetGeoTransform(transform) == CE_None;
    for (int i = 0; i < 6; i++)
        m_transform[i] = transform[i];
#else
    m_hasTransform = source->GetGeoTransform(m_transform) == CE_None;
#endif
    if (source->GetSpatialRef())
        m_srs = *source->GetSpatialRef();
    for (const char *domain : {"", "IMAGERY", "RPC"})
        GDALMajorObject::SetMetadata(source->GetMetadata(domain), domain);
    GDALMajorObject::SetMetadataItem("INTERLEAVE", "BAND", "IMAGE_STRUCTURE");
    for (int i = 1; i <= source->GetRasterCount(); i++)
        SetBand(i, new ViewBand(this, i, source->GetRasterBand(i)));
    if (source->GetRasterBand(1)->GetMaskFlags() == GMF_PER_DATASET)
        m_mask.reset(new ViewBand(this, 0, source->GetRasterBand(1)->GetMaskBand()));
    eAccess = GA_ReadOnly;
}

ViewDataset::~ViewDataset()
{
    ViewDataset::CloseDependentDatasets();
    clv_view_request_clear(&m_name);
}

/* At the end of a process GDAL asks for this before it closes what is still open, the view's own rasters among it. */
int ViewDataset::CloseDependentDatasets()
{
    const int dropped = GDALDataset::CloseDependentDatasets() || m_shared != nullptr;
    m_overviews.clear();
    clv_view_pool_give(m_shared);
    m_shared = nullptr;
    return dropped;
}

ViewDataset *ViewDataset::Make(const clv_view_request &name, int date, Product product, int reduction, double pixel,
                               char *error)
{
    clv_shared_view *shared = clv_view_pool_take(&name, reduction, pixel, error, ERROR_SIZE);
    if (!shared)
        return nullptr;
    bool there;
    {
        const Lock lock(shared);
        there = shared->lib->view_raster(shared->view, date, CLV_VIEW_CLEAR) != nullptr;
    }
    if (there)
        return new ViewDataset(name, shared, date, product, reduction);
    CPLsnprintf(error, ERROR_SIZE, "this date lies on another grid than the series; use clearvision remove for it");
    clv_view_pool_give(shared);
    return nullptr;
}

#if GDAL_VERSION_NUM >= GDAL_COMPUTE_VERSION(3, 12, 0)
CPLErr ViewDataset::GetGeoTransform(GDALGeoTransform &transform) const
{
    for (int i = 0; i < 6; i++)
        transform[i] = m_hasTransform ? m_transform[i] : i == 1 || i == 5;
    return m_hasTransform ? CE_None : CE_Failure;
}
#else
CPLErr ViewDataset::GetGeoTransform(double *transform)
{
    for (int i = 0; i < 6; i++)
        transform[i] = m_hasTransform ? m_transform[i] : i == 1 || i == 5;
    return m_hasTransform ? CE_None : CE_Failure;
}
#endif

const OGRSpatialReference *ViewDataset::GetSpatialRef() const
{
    return m_srs.IsEmpty() ? nullptr : &m_srs;
}

/* The view's own file alone: whoever deletes or renames "the dataset" must not reach the pictures behind it. */
char **ViewDataset::GetFileList()
{
    return m_name.file ? CSLAddString(nullptr, m_name.file) : nullptr;
}

CPLErr ViewDataset::Read(int band, int x, int y, int width, int height, GDALDataType type, void *data, int line)
{
    if (!m_shared)
        return CE_Failure;
    if (m_shared->lib->view_inside()) {
        CPLError(CE_Failure, CPLE_NotSupported, "%s: a view cannot be an input of a view; write it to a file first",
                 GetDescription());
        return CE_Failure;
    }
    const Lock lock(m_shared);
    const long before = m_shared->lib->view_computed(m_shared->view);
    if (m_shared->lib->view_compute(m_shared->view, m_date, x, y, width, height) != CLV_OK) {
        CPLError(CE_Failure, CPLE_AppDefined, "%s", m_shared->lib->context_error(m_shared->ctx));
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

/* Coarser views, each twice as coarse, as long as there is something to gain. A coarse view of pictures without
 * georeference would not know how large its pixels are. */
int ViewDataset::Overviews()
{
    if (m_reduction > 1 || !(m_pixel > 0) || m_overviewsBroken)
        return 0;
    int count = 0;
    for (int f = 2; f <= MAX_REDUCTION && std::max(nRasterXSize, nRasterYSize) / f >= SMALLEST; f *= 2)
        count++;
    return count;
}

ViewDataset *ViewDataset::Overview(int index)
{
    const int count = Overviews();
    if (index < 0 || index >= count)
        return nullptr;
    m_overviews.resize(count);
    if (!m_overviews[index]) {
        char error[ERROR_SIZE] = "";
        m_overviews[index].reset(Make(m_name, m_date, m_product, 2 << index, m_pixel, error));
        if (!m_overviews[index]) {
            CPLDebug("CLEARVISION", "overview %d: %s", index, error);
            m_overviewsBroken = true;
        }
    }
    return m_overviews[index].get();
}

/* ---- A series: a list of subdatasets -------------------------------------------------------------- */

class SeriesDataset final : public GDALDataset
{
  public:
    SeriesDataset(const clv_view_request &name, clv_shared_view *shared);
};

/* The dates by which the series' subdatasets are called: days where each has one of its own, names otherwise. */
std::vector<std::string> labels_of(clv_shared_view *shared)
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

SeriesDataset::SeriesDataset(const clv_view_request &name, clv_shared_view *shared)
{
    static const char *const words[PRODUCTS] = {"cloud-free", "cloud mask", "quality"};
    const Lock lock(shared);
    const std::vector<std::string> labels = labels_of(shared);
    CPLStringList list;
    int n = 0;
    nRasterXSize = nRasterYSize = 512; /* what GDAL's own lists of subdatasets give */
    for (size_t t = 0; t < labels.size(); t++) {
        auto *raster =
            GDALDataset::FromHandle(shared->lib->view_raster(shared->view, static_cast<int>(t), CLV_VIEW_CLEAR));
        for (int p = 0; p < PRODUCTS && raster; p++) {
            char *text = clv_view_request_text(&name, labels[t].c_str(), product_names[p]);
            n++;
            list.SetNameValue(CPLSPrintf("SUBDATASET_%d_NAME", n), text);
            list.SetNameValue(CPLSPrintf("SUBDATASET_%d_DESC", n),
                              CPLSPrintf("%s, %s, %dx%d", labels[t].c_str(), words[p], raster->GetRasterXSize(),
                                         raster->GetRasterYSize()));
            CPLFree(text);
        }
    }
    GDALMajorObject::SetMetadata(list.List(), "SUBDATASETS");
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
    return strstr(reinterpret_cast<const char *>(info->pabyHeader), CLV_VIEW_TYPE) != nullptr;
}

/* The date that a name asks for; -1 with an error when there is none such, or more. */
int find_date(clv_shared_view *shared, const char *wanted, char *error)
{
    const Lock lock(shared);
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
    for (const std::string &label : labels_of(shared))
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
    clv_shared_view *shared = clv_view_pool_take(&name, 1, 0, error, ERROR_SIZE);
    if (!shared)
        return nullptr;
    const char *wanted = clv_view_request_get(&name, "date");
    GDALDataset *dataset = nullptr;
    if (!wanted) {
        dataset = new SeriesDataset(name, shared);
    } else {
        const int date = find_date(shared, wanted, error);
        if (date >= 0)
            dataset = ViewDataset::Make(name, date, product_of(name), 1, 0, error);
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
