/* SPDX-License-Identifier: MIT */
#include "raster/turned_array.h"

#include <gdal_priv.h>

#include <cstring>
#include <memory>
#include <mutex>
#include <new>
#include <string>

#include "base/alloc.h"
#include "base/names.h"
#include "raster/hdf5_quiet.h"

namespace
{

constexpr char DRIVER[] = "CLVARRAY";
constexpr int MOST_AXES = 9; /* one digit each */

struct Release {
    void operator()(void *handle) const
    {
        GDALMDArrayRelease(static_cast<GDALMDArrayH>(handle));
    }
};
using Array = std::unique_ptr<std::remove_pointer_t<GDALMDArrayH>, Release>;

bool begins_so(const char *name)
{
    return std::strncmp(name, CLV_TURNED_ARRAY_BEGIN, sizeof CLV_TURNED_ARRAY_BEGIN - 1) == 0;
}

int identify(GDALOpenInfo *info)
{
    return begins_so(info->pszFilename);
}

/* CLVARRAY:"path":array:order */
bool split(const std::string &name, std::string &path, std::string &array, std::string &order)
{
    const size_t begin = sizeof CLV_TURNED_ARRAY_BEGIN - 1, quote = name.rfind("\":"), colon = name.rfind(':');
    if (quote == std::string::npos || quote < begin || colon <= quote + 1)
        return false;
    path = name.substr(begin, quote - begin);
    array = name.substr(quote + 2, colon - quote - 2);
    order = name.substr(colon + 1);
    return order.size() >= 2 && order.size() <= MOST_AXES && order.find_first_not_of("0123456789") == std::string::npos;
}

Array open_array(const std::string &path, const std::string &name)
{
    const bool netcdf = clv_name_ends(path.c_str(), "nc") || clv_name_ends(path.c_str(), "nc4");
    const char *const drivers[] = {netcdf ? "netCDF" : "Zarr", nullptr};
    if (netcdf)
        clv_hdf5_quiet_from_now();
    GDALDatasetH file = GDALOpenEx(path.c_str(), GDAL_OF_MULTIDIM_RASTER | GDAL_OF_READONLY | GDAL_OF_VERBOSE_ERROR,
                                   drivers, nullptr, nullptr);
    GDALGroupH root = file ? GDALDatasetGetRootGroup(file) : nullptr;
    Array array(root ? GDALGroupOpenMDArrayFromFullname(root, name.c_str(), nullptr) : nullptr);
    if (root)
        GDALGroupRelease(root);
    if (file)
        GDALClose(file); /* the array keeps what it needs of it */
    return array;
}

GDALDataset *open(GDALOpenInfo *info)
{
    std::string path, name, order;
    if (!identify(info) || info->eAccess == GA_Update || !split(info->pszFilename, path, name, order))
        return nullptr;
    int map[MOST_AXES];
    const size_t axes = order.size();
    for (size_t i = 0; i < axes; i++)
        map[i] = order[i] - '0';
    const Array array = open_array(path, name);
    const Array turned(array ? GDALMDArrayTranspose(array.get(), axes, map) : nullptr);
    return turned ? GDALDataset::FromHandle(GDALMDArrayAsClassicDataset(turned.get(), axes - 1, axes - 2)) : nullptr;
}

void register_driver()
{
    static std::mutex lock;
    const std::lock_guard<std::mutex> guard(lock);
    if (GDALGetDriverByName(DRIVER))
        return;
    auto driver = std::make_unique<GDALDriver>();
    driver->SetDescription(DRIVER);
    driver->SetMetadataItem(GDAL_DCAP_RASTER, "YES");
    driver->SetMetadataItem(GDAL_DMD_LONGNAME, "Array of a cube with its axes in another order (clearvision)");
    driver->SetMetadataItem(GDAL_DMD_CONNECTION_PREFIX, "CLVARRAY:");
    driver->pfnIdentify = identify;
    driver->pfnOpen = open;
    GetGDALDriverManager()->RegisterDriver(driver.release());
}

} // namespace

char *clv_turned_array_name(const char *path, const char *array, const int *order, int axes)
{
    char digits[MOST_AXES + 1] = "";
    for (int i = 0; i < axes && i < MOST_AXES; i++)
        digits[i] = static_cast<char>('0' + order[i]);
    try {
        register_driver();
    } catch (const std::bad_alloc &) {
        return nullptr;
    }
    return clv_format("%s%s\":%s:%s", CLV_TURNED_ARRAY_BEGIN, path, array, digits);
}
