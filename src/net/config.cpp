/* SPDX-License-Identifier: MIT */
#include "net/config.h"
#include "net/failure.h"

#include <algorithm>
#include <cinttypes>
#include <cmath>
#include <cstring>

namespace clv::net
{

Config::Config(const char *text, std::string name) : name_(std::move(name))
{
    if (!text || !*text)
        text = "{}";
    char reason[200] = "";
    root_ = std::shared_ptr<clv_json>(clv_json_parse(text, strlen(text), reason, sizeof reason), clv_json_free);
    if (!root_)
        fail(CLV_ERROR_MODEL, "%s: the network's configuration is not valid JSON: %s", name_.c_str(), reason);
    if (clv_json_kind(root_.get()) != CLV_JSON_OBJECT)
        fail(CLV_ERROR_MODEL, "%s: the network's configuration is not a JSON object", name_.c_str());
}

const clv_json *Config::find(const char *key)
{
    asked_.insert(key);
    const clv_json *value = clv_json_get(root_.get(), key);
    return value && clv_json_kind(value) == CLV_JSON_NULL ? nullptr : value;
}

bool Config::has(const char *key)
{
    return find(key) != nullptr;
}

bool Config::holds_null(const char *key)
{
    const clv_json *value = clv_json_get(root_.get(), key);
    asked_.insert(key);
    return value && clv_json_kind(value) == CLV_JSON_NULL;
}

bool Config::holds_bool(const char *key, bool value)
{
    const clv_json *found = find(key);
    return found && clv_json_kind(found) == CLV_JSON_BOOL && clv_json_bool(found, !value) == value;
}

int64_t Config::integer(const char *key, int64_t fallback, int64_t least, int64_t most)
{
    const clv_json *value = find(key);
    if (!value)
        return fallback;
    int64_t number = clv_json_integer(value, least - 1);
    if (number < least || number > most)
        fail(CLV_ERROR_MODEL, "%s: hyper-parameter %s is not an integer from %" PRId64 " to %" PRId64, name_.c_str(),
             key, least, most);
    return number;
}

double Config::number(const char *key, double fallback, double least, double most)
{
    const clv_json *value = find(key);
    if (!value)
        return fallback;
    double number = clv_json_number(value, NAN);
    if (!(number >= least && number <= most))
        fail(CLV_ERROR_MODEL, "%s: hyper-parameter %s is not a number from %g to %g", name_.c_str(), key, least, most);
    return number;
}

bool Config::flag(const char *key, bool fallback)
{
    const clv_json *value = find(key);
    if (!value)
        return fallback;
    if (clv_json_kind(value) != CLV_JSON_BOOL)
        fail(CLV_ERROR_MODEL, "%s: hyper-parameter %s is neither true nor false", name_.c_str(), key);
    return clv_json_bool(value, fallback);
}

std::string Config::choice(const char *key, const char *fallback, const std::vector<std::string> &allowed)
{
    const clv_json *value = find(key);
    if (!value)
        return fallback;
    std::string text = clv_json_string(value, "");
    if (std::find(allowed.begin(), allowed.end(), text) != allowed.end())
        return text;
    std::string list;
    for (const std::string &item : allowed)
        list += (list.empty() ? "" : ", ") + item;
    fail(CLV_ERROR_MODEL, "%s: hyper-parameter %s is not one of: %s", name_.c_str(), key, list.c_str());
}

std::vector<int64_t> Config::integers(const char *key, const std::vector<int64_t> &fallback, int least_count,
                                      int most_count, int64_t least, int64_t most)
{
    const clv_json *value = find(key);
    if (!value)
        return fallback;
    int count = clv_json_kind(value) == CLV_JSON_ARRAY ? clv_json_count(value) : -1;
    std::vector<int64_t> numbers;
    for (int i = 0; i < count && count <= most_count; i++)
        numbers.push_back(clv_json_integer(clv_json_at(value, i), least - 1));
    bool fits = count >= least_count && count <= most_count;
    for (int64_t number : numbers)
        fits = fits && number >= least && number <= most;
    if (!fits)
        fail(CLV_ERROR_MODEL, "%s: hyper-parameter %s is not a list of %d to %d integers from %" PRId64 " to %" PRId64,
             name_.c_str(), key, least_count, most_count, least, most);
    return numbers;
}

void Config::finish() const
{
    for (int i = 0; i < clv_json_count(root_.get()); i++) {
        const char *key = clv_json_key_at(root_.get(), i);
        if (!asked_.count(key))
            fail(CLV_ERROR_MODEL, "%s: unknown hyper-parameter %.60s; the file needs another version of clearvision",
                 name_.c_str(), key);
    }
}

} // namespace clv::net
