/* SPDX-License-Identifier: MIT
 *
 * config: hyper-parameters read from the JSON object in a model file, each with its limits. A value of the wrong type
 * or outside its limits is an error that names the key and says what is allowed; null counts as absent. A key that
 * nobody asked for is an error as well (the file was made by a newer version), unless the caller lets foreign keys
 * pass.
 *
 *     Config config(text, "model.safetensors");
 *     auto widths = config.integers("widths", {24, 32, 64, 128}, 1, 8, 1, 2048);
 *     config.finish();
 */
#ifndef CLV_NET_CONFIG_H
#define CLV_NET_CONFIG_H

#include "formats/json.h"

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace clv::net
{

class Config
{
  public:
    /* `name` is for messages. NULL or "" as text counts as {}. */
    Config(const char *text, std::string name);

    bool has(const char *key);
    bool holds_null(const char *key); /* there, and null */
    bool holds_bool(const char *key, bool value);
    int64_t integer(const char *key, int64_t fallback, int64_t least, int64_t most);
    double number(const char *key, double fallback, double least, double most);
    bool flag(const char *key, bool fallback);
    std::string choice(const char *key, const char *fallback, const std::vector<std::string> &allowed);
    std::vector<int64_t> integers(const char *key, const std::vector<int64_t> &fallback, int least_count,
                                  int most_count, int64_t least, int64_t most);
    /* Fails when a key was present that none of the calls above asked for. */
    void finish() const;
    const std::string &name() const
    {
        return name_;
    }

  private:
    const clv_json *find(const char *key);

    std::string name_;
    std::shared_ptr<clv_json> root_;
    std::set<std::string> asked_;
};

} // namespace clv::net

#endif
