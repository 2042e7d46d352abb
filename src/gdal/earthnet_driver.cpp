/* SPDX-License-Identifier: MIT
 *
 * Driver EARTHNET: EarthNet2021 cubes (.npz) and GreenEarthNet minicubes (EARTHNET:"cube.nc") as GDAL datasets, for
 * reading. A cube's own name opens to a list of its parts (see cube_part.h); each part is a dataset of its own, with
 * its own clv_cube, so that datasets in different threads share nothing. A band is one block: the cube is unpacked when
 * the first block is wanted.
 *
 * There are no side-car files (.aux.xml): the inputs' folders stay as they are.
 */
#include <gdal_priv.h>

#include <cmath>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "base/context.h"
#include "gdal/cube_dress.h"
#include "gdal/cube_part.h"
#include "gdal/drivers.h"
#include "products/cube.h"

extern "C" {
#include "base/names.h"
#include "raster/gdal_version.h"
#include "raster/metadata.h"
}

namespace
{

struct CubeFree {
    void operator()(clv_cube *cube) const
    {
        clv_cube_free(cube);
    }
};
struct ContextFree {
    void operator()(clv_context *ctx) const
    {
        clv_context_free(ctx);
    }
};
struct TextFree {
    void operator()(char *text) const
    {
        free(text);
    }
};

using Text = std::unique_ptr<char, TextFree>;

void Report(clv_context *ctx, clv_status status)
{
    CPLError(CE_Failure, status == CLV_ERROR_MEMORY ? CPLE_OutOfMemory : CPLE_OpenFailed, "%s", clv_context_error(ctx));
}

void Debug(clv_log_level, const char *message, void *)
{
    CPLDebug("EARTHNET", "%s", message);
}

/* ---- Dataset ----------------------------------------------------------------------------------- */

class CubeDataset final : public GDALDataset
{
  public:
    CubeDataset(clv_context *ctx, clv_cube *cube) : m_ctx(ctx), m_cube(cube)
    {
    }
    ~CubeDataset() override = default;

    static int Identify(GDALOpenInfo *info);
    static GDALDataset *Open(GDALOpenInfo *info);

    char **GetFileList() override
    {
        return CSLAddString(nullptr, m_cube->path);
    }
    const OGRSpatialReference *GetSpatialRef() const override
    {
        return m_placed ? &m_srs : nullptr;
    }
    CPLErr CLV_GDAL_3_12_GET_GEO_TRANSFORM override
    {
        for (int i = 0; i < 6; i++)
            transform[i] = m_placed ? m_cube->grid.transform[i] : i == 1 || i == 5 ? 1.0 : 0.0;
        return m_placed ? CE_None : CE_Failure;
    }

    bool FindStep(const clv_cube_part &part, int *step);
    void Size(int width, int height, bool on_grid);
    void ListParts();
    void AddStep(const clv_cube_part &part, int step, bool of_stack);
    bool AddExtra(const char *name);
    std::string When(int step) const;
    std::string Suffix(int step) const;

    std::unique_ptr<clv_context, ContextFree> m_ctx;
    std::unique_ptr<clv_cube, CubeFree> m_cube;

  private:
    void AddPart(int *number, const char *part, const std::string &what);
    void AddParts(int *number, const char *prefix, const std::string &what, const char *type);

    OGRSpatialReference m_srs{};
    bool m_placed = false;
};

/* ---- Bands ------------------------------------------------------------------------------------- */

/* One plane of the cube: a layer at a step, or a band of what lies beside the series. */
class CubeBand final : public GDALRasterBand
{
  public:
    CubeBand(CubeDataset *ds, int number, clv_cube_layer layer, int step, const clv_mask_dress *mask)
        : m_mask(mask), m_layer(layer), m_step(step)
    {
        Shape(ds, number, mask ? GDT_Byte : GDT_Float32);
        for (int i = 0; mask && mask->classes && mask->classes[i]; i++) {
            const unsigned char *c = mask->colors[i];
            const GDALColorEntry entry = {c[0], c[1], c[2], c[3]};
            m_colors.SetColorEntry(i, &entry);
            m_classes.AddString(mask->classes[i]);
        }
    }
    CubeBand(CubeDataset *ds, int number, const clv_cube_extra *extra) : m_extra(extra), m_step(number - 1)
    {
        Shape(ds, number, GDT_Float32);
    }

    double GetNoDataValue(int *has) override
    {
        bool there = !m_mask || m_mask->nodata >= 0;
        if (has)
            *has = there;
        return !there ? -1 : m_mask ? m_mask->nodata : std::nan("");
    }
    const char *GetUnitType() override
    {
        return m_extra ? m_extra->unit : m_mask ? m_mask->unit : "";
    }
    double GetScale(int *has) override
    {
        if (has)
            *has = m_extra && (m_extra->scale != 1 || m_extra->offset != 0);
        return m_extra ? m_extra->scale : 1;
    }
    double GetOffset(int *has) override
    {
        if (has)
            *has = m_extra && (m_extra->scale != 1 || m_extra->offset != 0);
        return m_extra ? m_extra->offset : 0;
    }
    char **GetCategoryNames() override
    {
        return m_classes.List();
    }
    GDALColorTable *GetColorTable() override
    {
        return m_classes.empty() ? nullptr : &m_colors;
    }
    GDALColorInterp GetColorInterpretation() override
    {
        return m_classes.empty() ? m_interpretation : GCI_PaletteIndex;
    }
    void Interpret(GDALColorInterp as)
    {
        m_interpretation = as;
    }

  protected:
    CPLErr IReadBlock(int x, int y, void *out) override;

  private:
    void Shape(CubeDataset *ds, int number, GDALDataType type)
    {
        poDS = ds;
        nBand = number;
        eDataType = type;
        nBlockXSize = ds->GetRasterXSize();
        nBlockYSize = ds->GetRasterYSize();
        eAccess = GA_ReadOnly;
    }

    const clv_mask_dress *m_mask = nullptr;
    const clv_cube_extra *m_extra = nullptr;
    clv_cube_layer m_layer = CLV_CUBE_B02;
    int m_step;
    GDALColorInterp m_interpretation = GCI_Undefined;
    GDALColorTable m_colors{};
    CPLStringList m_classes{};
};

CPLErr CubeBand::IReadBlock(int, int, void *out)
{
    CubeDataset *ds = static_cast<CubeDataset *>(poDS);
    clv_context *ctx = ds->m_ctx.get();
    clv_cube *cube = ds->m_cube.get();
    size_t n = static_cast<size_t>(nBlockXSize) * static_cast<size_t>(nBlockYSize);
    std::vector<float> values;
    float *plane = static_cast<float *>(out);
    try {
        if (m_mask) {
            values.resize(n);
            plane = values.data();
        }
    } catch (const std::bad_alloc &) {
        CPLError(CE_Failure, CPLE_OutOfMemory, "%s: out of memory", cube->path);
        return CE_Failure;
    }
    clv_clear_error(ctx);
    clv_status status = m_extra ? clv_cube_read_extra(ctx, cube, m_extra, m_step, plane)
                                : clv_cube_read(ctx, cube, m_layer, m_step, plane);
    if (status != CLV_OK) {
        Report(ctx, status);
        return CE_Failure;
    }
    GByte *bytes = static_cast<GByte *>(out);
    for (size_t i = 0; m_mask && i < n; i++)
        bytes[i] = plane[i] >= 0 && plane[i] <= 255 ? static_cast<GByte>(plane[i] + 0.5f)
                   : m_mask->nodata >= 0            ? static_cast<GByte>(m_mask->nodata)
                                                    : 0;
    return CE_None;
}

/* ---- Parts ------------------------------------------------------------------------------------- */

void CubeDataset::Size(int width, int height, bool on_grid)
{
    nRasterXSize = width;
    nRasterYSize = height;
    m_placed = on_grid && m_cube->grid.has_transform && m_cube->grid.wkt &&
               m_srs.importFromWkt(m_cube->grid.wkt) == OGRERR_NONE;
    m_srs.SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
    if (m_placed) {
        SetMetadataItem("GEOREFERENCE", m_cube->georeference);
        SetMetadataItem(GDALMD_AREA_OR_POINT, GDALMD_AOP_AREA);
    }
}

std::string CubeDataset::When(int step) const
{
    char text[32];
    if (!m_cube->dates)
        return "step" + std::to_string(step + 1);
    clv_date_format(&m_cube->dates[step], text);
    return std::string(text, 10);
}

/* As `clearvision remove -stack` names its bands: B02_20170624. */
std::string CubeDataset::Suffix(int step) const
{
    std::string text = When(step);
    for (size_t at; (at = text.find('-')) != std::string::npos;)
        text.erase(at, 1);
    return "_" + text;
}

bool CubeDataset::FindStep(const clv_cube_part &part, int *step)
{
    const clv_cube *cube = m_cube.get();
    for (int t = 0; t < cube->steps; t++)
        if (part.kind == CLV_PART_STEP ? part.step == t
                                       : cube->dates && clv_date_days(&cube->dates[t]) == clv_date_days(&part.date)) {
            *step = t;
            return true;
        }
    CPLError(CE_Failure, CPLE_OpenFailed, "%s: no such date in it; it has %d, %s to %s (gdalinfo lists them)",
             cube->path, cube->steps, When(0).c_str(), When(cube->steps - 1).c_str());
    return false;
}

/* The bands of one step. In a stack the bands carry the date, by itself the dataset. */
void CubeDataset::AddStep(const clv_cube_part &part, int step, bool of_stack)
{
    static const GDALColorInterp colors[CLV_CUBE_BANDS] = {GCI_BlueBand, GCI_GreenBand, GCI_RedBand, GCI_Undefined};
    const clv_date *date = m_cube->dates ? &m_cube->dates[step] : nullptr;
    const clv_mask_dress *mask = part.picture ? nullptr : clv_cube_mask_dress(m_cube->is_minicube, part.layer);
    for (int b = 0; b < (part.picture ? CLV_CUBE_BANDS : 1); b++) {
        clv_cube_layer layer = part.picture ? static_cast<clv_cube_layer>(b) : part.layer;
        CubeBand *band = new CubeBand(this, nBands + 1, layer, step, mask);
        SetBand(nBands + 1, band);
        std::string name = part.picture ? clv_cube_bands[b].name : clv_cube_layer_name(layer);
        band->SetDescription((of_stack ? name + Suffix(step) : name).c_str());
        if (part.picture) {
            band->SetMetadataItem("CENTRAL_WAVELENGTH_UM", clv_cube_bands[b].wavelength, "IMAGERY");
            band->SetMetadataItem("FWHM_UM", clv_cube_bands[b].width, "IMAGERY");
            if (!of_stack)
                band->Interpret(colors[b]);
        }
        if (of_stack && date)
            clv_metadata_date(GDALRasterBand::ToHandle(band), date, false);
    }
    if (!of_stack && date)
        clv_metadata_date(GDALDataset::ToHandle(this), date, true);
}

bool CubeDataset::AddExtra(const char *name)
{
    const clv_cube *cube = m_cube.get();
    const clv_cube_extra *extra = nullptr;
    for (int i = 0; i < cube->extra_count; i++)
        if (EQUAL(cube->extras[i].name, name))
            extra = &cube->extras[i];
    if (!extra) {
        CPLError(CE_Failure, CPLE_OpenFailed, "%s: no %s in it (gdalinfo lists what it has)", cube->path, name);
        return false;
    }
    Size(extra->width, extra->height, extra->on_grid);
    SetMetadataItem("DESCRIPTION", extra->what);
    const char *colon = strrchr(extra->name, ':');
    for (int b = 0; b < extra->bands; b++) {
        CubeBand *band = new CubeBand(this, b + 1, extra);
        SetBand(b + 1, band);
        std::string label = colon ? colon + 1 : extra->name;
        if (extra->daily && extra->first_day > 0) {
            clv_date date = clv_date_from_days(extra->first_day + b);
            char text[48];
            snprintf(text, sizeof text, "_%04d%02d%02d", date.year, date.month, date.day);
            label += text;
            clv_metadata_date(GDALRasterBand::ToHandle(band), &date, false);
        } else if (extra->daily) {
            label += "_day" + std::to_string(b + 1);
        }
        band->SetDescription(label.c_str());
    }
    return true;
}

/* ---- The list of parts ------------------------------------------------------------------------- */

void CubeDataset::AddPart(int *number, const char *part, const std::string &what)
{
    Text name(clv_cube_part_join(m_cube->path, part));
    if (!name)
        throw std::bad_alloc();
    const std::string key = "SUBDATASET_" + std::to_string(++*number);
    SetMetadataItem((key + "_NAME").c_str(), name.get(), "SUBDATASETS");
    SetMetadataItem((key + "_DESC").c_str(), what.c_str(), "SUBDATASETS");
}

/* The stack and every date of the pictures (prefix "") or of a mask. */
void CubeDataset::AddParts(int *number, const char *prefix, const std::string &what, const char *type)
{
    const clv_cube *cube = m_cube.get();
    const int each = *prefix ? 1 : CLV_CUBE_BANDS;
    const std::string size = std::to_string(cube->grid.width) + "x" + std::to_string(cube->grid.height) + "x",
                      before = *prefix ? std::string(prefix) + ":" : "", after = std::string(" (") + type + ")";
    AddPart(number, (before + "stack").c_str(),
            "[" + size + std::to_string(each * cube->steps) + "] " + what + ", all dates" + after);
    for (int t = 0; t < cube->steps; t++)
        AddPart(number, (before + When(t)).c_str(),
                "[" + size + std::to_string(each) + "] " + what + ", " + When(t) + after);
}

void CubeDataset::ListParts()
{
    const clv_cube *cube = m_cube.get();
    int number = 0;
    Size(cube->grid.width, cube->grid.height, true);
    AddParts(&number, "", "B02 B03 B04 B8A", "32-bit floating-point");
    for (int layer = CLV_CUBE_MASK; layer < CLV_CUBE_LAYERS; layer++)
        if (cube->has[layer])
            AddParts(&number, clv_cube_layer_name(static_cast<clv_cube_layer>(layer)),
                     clv_cube_mask_dress(cube->is_minicube, static_cast<clv_cube_layer>(layer))->what,
                     "8-bit unsigned integer");
    for (int i = 0; i < cube->extra_count; i++) {
        const clv_cube_extra &e = cube->extras[i];
        AddPart(&number, e.name,
                "[" + std::to_string(e.width) + "x" + std::to_string(e.height) + "x" + std::to_string(e.bands) + "] " +
                    e.what + " (32-bit floating-point)");
    }
}

/* ---- Opening ----------------------------------------------------------------------------------- */

/* Whether the archive's first member is an array that a cube has: NumPy writes the members in the order they are given,
 * and the sets' files begin with one of these. */
bool BeginsLikeCube(const GByte *head, int size)
{
    static const char *const arrays[] = {"highresdynamic.npy", "highresstatic.npy", "mesodynamic.npy",
                                         "mesostatic.npy"};
    if (size < 30)
        return false;
    int length = head[26] | head[27] << 8;
    for (const char *array : arrays)
        if (length == static_cast<int>(strlen(array)) && size >= 30 + length &&
            memcmp(head + 30, array, static_cast<size_t>(length)) == 0)
            return true;
    return false;
}

bool IsArchive(const GDALOpenInfo *info)
{
    return info->nHeaderBytes >= 4 && memcmp(info->pabyHeader, "PK\3\4", 4) == 0 &&
           clv_name_ends(info->pszFilename, "npz");
}

int CubeDataset::Identify(GDALOpenInfo *info)
{
    if (STARTS_WITH_CI(info->pszFilename, CLV_EARTHNET_PREFIX))
        return TRUE;
    if (!IsArchive(info))
        return FALSE;
    return BeginsLikeCube(info->pabyHeader, info->nHeaderBytes) ? TRUE : GDAL_IDENTIFY_UNKNOWN;
}

std::unique_ptr<CubeDataset> OpenPart(const char *path, const clv_cube_part &part, bool quiet)
{
    std::unique_ptr<clv_context, ContextFree> ctx(clv_context_new());
    clv_cube *cube = nullptr;
    clv_status status = CLV_ERROR_MEMORY;
    if (ctx) {
        clv_context_set_log(ctx.get(), Debug, nullptr);
        status = clv_cube_open(ctx.get(), path, &cube);
        if (status == CLV_OK && (part.kind == CLV_PART_WHOLE || part.kind == CLV_PART_EXTRA))
            status = clv_cube_find_extras(ctx.get(), cube);
    }
    if (status != CLV_OK) {
        if (!quiet)
            Report(ctx.get(), status);
        clv_cube_free(cube);
        return nullptr;
    }
    auto ds = std::make_unique<CubeDataset>(ctx.release(), cube);
    if (part.kind == CLV_PART_WHOLE) {
        ds->ListParts();
        return ds;
    }
    if (part.kind == CLV_PART_EXTRA)
        return ds->AddExtra(part.extra) ? std::move(ds) : nullptr;
    if (!part.picture && !cube->has[part.layer]) {
        CPLError(CE_Failure, CPLE_OpenFailed, "%s: has no %s", path, clv_cube_layer_name(part.layer));
        return nullptr;
    }
    ds->Size(cube->grid.width, cube->grid.height, true);
    int step = 0;
    if (part.kind == CLV_PART_STACK)
        for (int t = 0; t < cube->steps; t++)
            ds->AddStep(part, t, true);
    else if (ds->FindStep(part, &step))
        ds->AddStep(part, step, false);
    else
        return nullptr;
    return ds;
}

GDALDataset *CubeDataset::Open(GDALOpenInfo *info)
{
    clv_cube_part part = {};
    char *split = nullptr;
    const bool prefixed = STARTS_WITH_CI(info->pszFilename, CLV_EARTHNET_PREFIX);
    if (!prefixed && Identify(info) == FALSE)
        return nullptr;
    if (info->eAccess == GA_Update) {
        CPLError(CE_Failure, CPLE_NotSupported, "%s: cubes can only be read", info->pszFilename);
        return nullptr;
    }
    if (prefixed && !clv_cube_part_split(info->pszFilename, &split, &part)) {
        CPLError(CE_Failure, CPLE_OpenFailed,
                 "%s: is not a part of a cube: EARTHNET:\"FILE\":YYYY-MM-DD, stepN, stack, "
                 "mask:..., CLD:..., SCL:... or a name that gdalinfo FILE lists",
                 info->pszFilename);
        return nullptr;
    }
    Text path(split);
    try {
        /* Some other archive of arrays is no failure of ours. */
        const bool quiet = !prefixed && !BeginsLikeCube(info->pabyHeader, info->nHeaderBytes);
        return OpenPart(path ? path.get() : info->pszFilename, part, quiet).release();
    } catch (const std::exception &) {
        CPLError(CE_Failure, CPLE_OutOfMemory, "%s: out of memory", info->pszFilename);
        return nullptr;
    }
}

} // namespace

void clv_register_earthnet(void)
{
    if (GDALGetDriverByName("EARTHNET"))
        return;
    GDALDriver *driver = new GDALDriver();
    driver->SetDescription("EARTHNET");
    driver->SetMetadataItem(GDAL_DCAP_RASTER, "YES");
    driver->SetMetadataItem(GDAL_DCAP_VIRTUALIO, "YES");
    driver->SetMetadataItem(GDAL_DMD_SUBDATASETS, "YES");
    driver->SetMetadataItem(GDAL_DMD_LONGNAME, "EarthNet2021 cubes and GreenEarthNet minicubes");
    driver->SetMetadataItem(GDAL_DMD_EXTENSION, "npz");
    driver->SetMetadataItem(GDAL_DMD_EXTENSIONS, "npz");
    driver->SetMetadataItem(GDAL_DMD_CONNECTION_PREFIX, CLV_EARTHNET_PREFIX);
    driver->pfnIdentify = CubeDataset::Identify;
    driver->pfnOpen = CubeDataset::Open;
    GetGDALDriverManager()->RegisterDriver(driver);
}
