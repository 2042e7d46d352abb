/* SPDX-License-Identifier: MIT */
#include "net/failure.h"
#include "net/utilise.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/eq.h>
#include <ATen/ops/log2.h>
#include <ATen/ops/pixel_shuffle.h>
#include <ATen/ops/pixel_unshuffle.h>
#include <ATen/ops/upsample_bilinear2d.h>
#include <ATen/ops/where.h>

#include <cinttypes>
#include <cmath>
#include <cstdio>

namespace clv::net
{

static constexpr int GAPFILL_PLANES = 3;      // validity, days to the previous and to the next observation
static constexpr double NO_OBSERVATION = 365; // days that stand for "there is none on this side"
static constexpr double DAYS_UNIT = 8;        // log2(1 + days) / 8 is about 1 for most of a year
static constexpr double REFLECTANCE_MOST = 2; // beyond what Sentinel-2 land products hold
static constexpr double START_DEVIATION = 0.02;
static constexpr double LOG_VARIANCE_LEAST = -16, LOG_VARIANCE_MOST = 2;

/* ---- Configuration ---------------------------------------------------------------------------------------------- */

static const std::vector<std::string> NORMS = {"none", "group", "batch", "instance"};
static const std::vector<std::string> ACTIVATIONS = {"none", "relu", "lrelu", "gelu", "mish", "tanh", "sigmoid"};

static size_t position(const std::vector<std::string> &list, const std::string &text)
{
    size_t i = 0;
    while (i < list.size() && list[i] != text)
        i++;
    return i;
}

static Norm parse_norm(Config &config, const char *key, Norm fallback)
{
    return static_cast<Norm>(position(NORMS, config.choice(key, NORMS[static_cast<size_t>(fallback)].c_str(), NORMS)));
}

static Activation parse_activation(Config &config, const char *key, Activation fallback,
                                   const std::vector<std::string> &allowed)
{
    const char *name = ACTIVATIONS[static_cast<size_t>(fallback)].c_str();
    return static_cast<Activation>(position(ACTIVATIONS, config.choice(key, name, allowed)));
}

UtiliseConfig UtiliseConfig::make(const std::string &preset)
{
    UtiliseConfig out;
    out.preset = preset;
    if (preset == "wide") {
        out.encoder_widths = out.decoder_widths = {64, 128, 256, 256};
        out.temporal.d_k = 32;
    } else if (preset == "clear") {
        out.input_dim = 3 + GAPFILL_PLANES;
        out.encoder_widths = out.decoder_widths = {32, 96, 192};
        out.encoder_norm = out.decoder_norm = Norm::group;
        out.groups = 8;
        out.norm_first_only = true;
        out.bilinear_up = out.reflect = false;
        out.output_activation = Activation::none;
        out.gapfill = out.space_to_depth = true;
        out.temporal.heads = out.temporal.d_k = 8;
        out.temporal.widening = 2;
        out.temporal.projections = true;
        out.temporal.sinusoids = false;
        out.temporal.validity_bias = out.temporal.day_bias = true;
        out.temporal.published_start = false;
    } else if (preset != "reference") {
        fail(CLV_ERROR_ARGUMENT, "preset %.40s: unknown; choose reference, wide or clear", preset.c_str());
    }
    return out;
}

/* Values that the published code can vary and this one does not. */
static void parse_fixed(Config &config)
{
    struct {
        const char *key;
        int64_t value;
    } fixed[] = {{"str_conv_k", 4},    {"str_conv_s", 2},    {"str_conv_p", 1},
                 {"str_conv_k_up", 2}, {"str_conv_p_up", 0}, {"pad_value", 0}};
    for (const auto &item : fixed)
        config.integer(item.key, item.value, item.value, item.value);
    if (config.flag("skip_attention", false))
        fail(CLV_ERROR_UNSUPPORTED, "%s: networks without attention (skip_attention) are not supported",
             config.name().c_str());
    config.flag("return_maps", false);
}

static void parse_temporal(Config &config, TemporalSpec &t)
{
    t.heads = config.integer("n_head", t.heads, 1, 64);
    t.d_k = config.integer("d_k", t.d_k, 1, 256);
    t.bias_qk = config.flag("bias_qk", t.bias_qk);
    t.layer_norm = config.choice("ltae_norm", t.layer_norm ? "layer" : "group", {"group", "layer"}) == "layer";
    t.norm_first = config.flag("norm_first", t.norm_first);
    t.sinusoids = config.flag("positional_encoding", t.sinusoids);
    t.activation = parse_activation(config, "ltae_activation", t.activation, {"relu", "lrelu", "gelu", "mish"});
    t.attention_dropout = config.number("attn_dropout", t.attention_dropout, 0, 0.9);
    t.dropout = config.number("dropout", t.dropout, 0, 0.9);
    t.projections = config.flag("projections", t.projections);
    t.widening = config.integer("widening", t.widening, 0, 8);
    t.validity_bias = config.flag("validity_bias", t.validity_bias);
    t.day_bias = config.flag("day_bias", t.day_bias);
}

/* Groups that so many channels are normalised in; 0 when they do not divide. One group where there are too few
 * channels. */
static int64_t group_count(const UtiliseConfig &c, int64_t channels)
{
    if (c.dim_per_group > 0)
        return channels <= c.dim_per_group ? 1 : channels % c.dim_per_group ? 0 : channels / c.dim_per_group;
    if (c.groups < 1 || channels <= c.groups)
        return 1;
    return channels % c.groups ? 0 : c.groups;
}

static void check_groups(const UtiliseConfig &c, Norm norm, const std::vector<int64_t> &widths, const std::string &name)
{
    for (int64_t width : widths)
        if (norm == Norm::group && group_count(c, width) == 0)
            fail(CLV_ERROR_MODEL,
                 "%s: %" PRId64 " channels cannot be normalised in equal groups (n_groups, dim_per_group)",
                 name.c_str(), width);
}

/* What no single value can say. */
static void check_together(const UtiliseConfig &c, const std::string &name)
{
    const char *file = name.c_str();
    if (c.encoder_widths.size() != c.decoder_widths.size() || c.encoder_widths.back() != c.decoder_widths.back())
        fail(CLV_ERROR_MODEL, "%s: encoder_widths and decoder_widths must have as many levels and the same last width",
             file);
    for (int64_t width : c.encoder_widths)
        if (width % c.temporal.heads != 0)
            fail(CLV_ERROR_MODEL, "%s: encoder width %" PRId64 " is not a multiple of n_head %" PRId64, file, width,
                 c.temporal.heads);
    if (c.output_dim < 1 || (c.gapfill ? c.input_dim != c.output_dim + GAPFILL_PLANES : c.input_dim < c.output_dim))
        fail(CLV_ERROR_MODEL, "%s: input_dim %" PRId64 " does not go with output_dim %" PRId64 "%s", file, c.input_dim,
             c.output_dim, c.gapfill ? " (bands, validity and two day distances)" : "");
    check_groups(c, c.encoder_norm, c.encoder_widths, name);
    check_groups(c, c.skip_norm, c.encoder_widths, name);
    check_groups(c, c.decoder_norm, c.decoder_widths, name);
    check_groups(c, c.norm_first_only ? Norm::none : c.decoder_norm, {c.output_dim * (c.space_to_depth ? 4 : 1)}, name);
    if (c.temporal.validity_bias && !c.gapfill)
        fail(CLV_ERROR_MODEL, "%s: validity_bias needs prior", file);
    if (c.log_variance && !c.gapfill)
        fail(CLV_ERROR_MODEL, "%s: log_variance needs prior", file);
}

/* Published files say false for none, and true or null for that of the other layers. */
static Activation parse_output_activation(Config &config, const UtiliseConfig &c)
{
    const char *key = "output_activation";
    if (config.holds_bool(key, false))
        return Activation::none;
    if (config.holds_bool(key, true) || config.holds_null(key))
        return c.activation;
    return parse_activation(config, key, c.output_activation, ACTIVATIONS);
}

static void parse_skips(Config &config, UtiliseConfig &c)
{
    const char *fallback = !c.weighted_skips ? "none" : c.mean_skips ? "att_mean" : "att_group";
    std::string text = config.choice("agg_mode", fallback, {"att_group", "att_mean", "none"});
    c.weighted_skips = text != "none" && !config.holds_null("agg_mode");
    c.mean_skips = text == "att_mean";
}

UtiliseConfig UtiliseConfig::parse(Config &config, const char *preset)
{
    UtiliseConfig c = make(config.choice("preset", preset, {"reference", "wide", "clear"}));
    c.gapfill = config.flag("prior", c.gapfill);
    c.input_dim = config.integer("input_dim", c.input_dim, 1, 64);
    c.output_dim = config.integer("output_dim", c.gapfill ? c.input_dim - GAPFILL_PLANES : c.input_dim, 1, 64);
    c.encoder_widths = config.integers("encoder_widths", c.encoder_widths, 1, 8, 1, 2048);
    c.decoder_widths = config.integers("decoder_widths", c.encoder_widths, 1, 8, 1, 2048);
    c.encoder_norm = parse_norm(config, "encoder_norm", c.encoder_norm);
    c.decoder_norm = parse_norm(config, "decoder_norm", c.decoder_norm);
    c.skip_norm = parse_norm(config, "skip_norm", c.skip_norm);
    c.groups = config.integer("n_groups", c.groups, -1, 256);
    c.dim_per_group = config.integer("dim_per_group", c.dim_per_group, -1, 256);
    c.group_norm_eps = c.temporal.epsilon = config.number("group_norm_eps", c.group_norm_eps, 1e-12, 1);
    c.bilinear_up =
        config.choice("upconv_type", c.bilinear_up ? "bilinear" : "transpose", {"transpose", "bilinear"}) == "bilinear";
    c.reflect = config.choice("padding_mode", c.reflect ? "reflect" : "zeros", {"reflect", "zeros"}) == "reflect";
    c.activation = parse_activation(config, "activation", c.activation, {"relu", "lrelu", "gelu", "mish"});
    c.output_activation = parse_output_activation(config, c);
    parse_skips(config, c);
    c.temporal_layers = config.integer("n_temporal_encoding_layers", c.temporal_layers, 1, 16);
    parse_temporal(config, c.temporal);
    c.space_to_depth = config.choice("stem", c.space_to_depth ? "s2d" : "conv", {"conv", "s2d"}) == "s2d";
    c.norm_first_only = config.choice("norm_layers", c.norm_first_only ? "first" : "all", {"first", "all"}) == "first";
    c.log_variance = config.flag("log_variance", c.log_variance);
    c.band_mean = config.number("band_mean", c.band_mean, -10, 10);
    c.band_spread = config.number("band_spread", c.band_spread, 1e-3, 100);
    parse_fixed(config);
    check_together(c, config.name());
    return c;
}

static void write_list(clv_json_writer *w, const char *key, const std::vector<int64_t> &list)
{
    clv_jw_key(w, key);
    clv_jw_array(w);
    for (int64_t value : list)
        clv_jw_integer(w, value);
    clv_jw_end(w);
}

static void write_text(clv_json_writer *w, const char *key, const std::string &value)
{
    clv_jw_key(w, key);
    clv_jw_string(w, value.c_str());
}

static void write_integer(clv_json_writer *w, const char *key, int64_t value)
{
    clv_jw_key(w, key);
    clv_jw_integer(w, value);
}

static void write_number(clv_json_writer *w, const char *key, double value)
{
    clv_jw_key(w, key);
    clv_jw_number(w, value);
}

static void write_flag(clv_json_writer *w, const char *key, bool value)
{
    clv_jw_key(w, key);
    clv_jw_bool(w, value);
}

std::string UtiliseConfig::json() const
{
    clv_json_writer w = {};
    clv_jw_object(&w);
    write_text(&w, "preset", preset);
    write_integer(&w, "input_dim", input_dim);
    write_integer(&w, "output_dim", output_dim);
    write_list(&w, "encoder_widths", encoder_widths);
    write_list(&w, "decoder_widths", decoder_widths);
    write_text(&w, "encoder_norm", NORMS[static_cast<size_t>(encoder_norm)]);
    write_text(&w, "decoder_norm", NORMS[static_cast<size_t>(decoder_norm)]);
    write_text(&w, "skip_norm", NORMS[static_cast<size_t>(skip_norm)]);
    write_integer(&w, "n_groups", groups);
    write_integer(&w, "dim_per_group", dim_per_group);
    write_number(&w, "group_norm_eps", group_norm_eps);
    write_text(&w, "upconv_type", bilinear_up ? "bilinear" : "transpose");
    write_text(&w, "padding_mode", reflect ? "reflect" : "zeros");
    write_text(&w, "activation", ACTIVATIONS[static_cast<size_t>(activation)]);
    write_text(&w, "output_activation", ACTIVATIONS[static_cast<size_t>(output_activation)]);
    write_text(&w, "agg_mode", !weighted_skips ? "none" : mean_skips ? "att_mean" : "att_group");
    write_integer(&w, "n_temporal_encoding_layers", temporal_layers);
    write_integer(&w, "n_head", temporal.heads);
    write_integer(&w, "d_k", temporal.d_k);
    write_flag(&w, "bias_qk", temporal.bias_qk);
    write_text(&w, "ltae_norm", temporal.layer_norm ? "layer" : "group");
    write_flag(&w, "norm_first", temporal.norm_first);
    write_flag(&w, "positional_encoding", temporal.sinusoids);
    write_text(&w, "ltae_activation", ACTIVATIONS[static_cast<size_t>(temporal.activation)]);
    write_number(&w, "attn_dropout", temporal.attention_dropout);
    write_number(&w, "dropout", temporal.dropout);
    write_flag(&w, "projections", temporal.projections);
    write_integer(&w, "widening", temporal.widening);
    write_flag(&w, "validity_bias", temporal.validity_bias);
    write_flag(&w, "day_bias", temporal.day_bias);
    write_flag(&w, "prior", gapfill);
    write_text(&w, "stem", space_to_depth ? "s2d" : "conv");
    write_text(&w, "norm_layers", norm_first_only ? "first" : "all");
    write_flag(&w, "log_variance", log_variance);
    write_number(&w, "band_mean", band_mean);
    write_number(&w, "band_spread", band_spread);
    clv_jw_end(&w);
    char *text = clv_jw_take(&w);
    if (!text)
        throw std::bad_alloc();
    std::string out = text;
    free(text);
    return out;
}

/* ---- Building --------------------------------------------------------------------------------------------------- */

ConvSpec Utilise::spec(int64_t in, int64_t out, Norm norm, Activation activation) const
{
    ConvSpec s;
    s.in = in;
    s.out = out;
    s.norm = norm;
    s.groups = norm == Norm::group ? group_count(config_, out) : 1;
    s.epsilon = norm == Norm::group ? config_.group_norm_eps : 1e-5;
    s.activation = activation;
    s.reflect = config_.reflect;
    if (config_.temporal.published_start) {
        s.start = Start::xavier;
        s.bias_start = Start::standard;
    }
    return s;
}

/* `name` ends in the place of the convolution in its sequence; the norm follows it. */
static std::string following(const std::string &name)
{
    size_t dot = name.rfind('.');
    return name.substr(0, dot + 1) + std::to_string(std::stoi(name.substr(dot + 1)) + 1);
}

Conv Utilise::declare(const std::string &name, int64_t in, int64_t out, Norm norm, Activation activation,
                      int64_t kernel, int64_t stride)
{
    ConvSpec s = spec(in, out, norm, activation);
    s.kernel = kernel;
    s.stride = stride;
    s.padding = kernel == 1 ? 0 : 1;
    return Conv(weights, name, following(name), s);
}

Conv Utilise::declare_up(const std::string &name, int64_t in, int64_t out, Norm norm)
{
    // A 1x1 convolution and bilinear interpolation may change places; the convolution is cheaper first. A norm may not.
    ConvSpec s = spec(in, out, norm, interpolates_last() ? Activation::none : config_.activation);
    s.padding = 0;
    s.kernel = config_.bilinear_up ? 1 : 2;
    s.stride = config_.bilinear_up ? 1 : 2;
    s.transposed = !config_.bilinear_up;
    std::string full = name + (config_.bilinear_up ? ".1" : ".0");
    return Conv(weights, full, following(full), s);
}

Conv Utilise::declare_last(const std::string &name, int64_t in, int64_t out, Norm norm)
{
    ConvSpec s = spec(in, out, norm, config_.output_activation);
    if (config_.gapfill)
        s.start = s.bias_start = Start::zero; // so that an untrained network gives the gap filling
    return Conv(weights, name, following(name), s);
}

Utilise::Utilise(const UtiliseConfig &config) : config_(config)
{
    const UtiliseConfig &c = config_;
    const std::vector<int64_t> &wide = c.encoder_widths, &back = c.decoder_widths;
    const size_t levels = wide.size();
    const int64_t pixels = c.space_to_depth ? 4 : 1;
    const Norm rest = c.norm_first_only ? Norm::none : c.encoder_norm,
               rest_up = c.norm_first_only ? Norm::none : c.decoder_norm;

    in_first_ = declare("in_conv.conv.conv.0", c.input_dim * pixels, wide[0], c.encoder_norm, c.activation);
    in_second_ =
        declare(c.encoder_norm == Norm::none || c.norm_first_only ? "in_conv.conv.conv.2" : "in_conv.conv.conv.3",
                wide[0], wide[0], rest, c.activation);
    for (size_t i = 0; i + 1 < levels; i++) {
        std::string name = "down_blocks." + std::to_string(i);
        Down block;
        block.down = declare(name + ".down.conv.0", wide[i], wide[i], rest, c.activation, 4, 2);
        block.first = declare(name + ".conv1.conv.0", wide[i], wide[i + 1], c.encoder_norm, c.activation);
        block.second = declare(name + ".conv2.conv.0", wide[i + 1], wide[i + 1], rest, c.activation);
        down_.push_back(block);
    }
    for (size_t i = 0; i + 1 < levels; i++) {
        const size_t to = levels - 2 - i;
        std::string name = "up_blocks." + std::to_string(i);
        Up block;
        block.skip = declare(name + ".skip_conv.conv.conv.0", wide[to], wide[to], c.skip_norm, c.activation, 1);
        block.up = declare_up(name + ".up.convtrans", back[to + 1], back[to], rest_up);
        block.first = declare(name + ".conv1.conv.conv.0", back[to] + wide[to], back[to], c.decoder_norm, c.activation);
        block.second = declare(name + ".conv2.conv.conv.0", back[to], back[to], rest_up, c.activation);
        up_.push_back(block);
    }
    TemporalSpec temporal = c.temporal;
    temporal.channels = wide.back();
    for (int64_t i = 0; i < c.temporal_layers; i++)
        layers_.emplace_back(weights, "temporal_encoder." + std::to_string(i), temporal);
    out_first_ = declare("out_conv.conv.conv.0", back[0], back[0], rest_up, c.activation);
    out_second_ = declare_last(rest_up == Norm::none ? "out_conv.conv.conv.2" : "out_conv.conv.conv.3", back[0],
                               out_channels() * pixels, rest_up);
}

/* ---- Forward ---------------------------------------------------------------------------------------------------- */

at::Tensor Utilise::run(const Conv &conv, const at::Tensor &x, bool training) const
{
    return conv.apply(weights, x, compute, training);
}

/* x + y; into y's memory unless gradients need it. */
static at::Tensor add_to(const at::Tensor &x, at::Tensor y, bool training)
{
    return training ? x + y : y.add_(x);
}

/* Frames that only fill the batch up are 0 after every shared step. `valid` is [B * T, 1, 1, 1], undefined when all
 * are. */
static at::Tensor keep_valid(const at::Tensor &x, const at::Tensor &valid)
{
    return valid.defined() ? x * valid.to(x.scalar_type()) : x;
}

at::Tensor Utilise::network_input(const at::Tensor &x) const
{
    if (!config_.gapfill)
        return x;
    const int64_t bands = config_.output_dim;
    at::Tensor ground = (x.narrow(1, 0, bands) - config_.band_mean) / config_.band_spread;
    at::Tensor days = x.narrow(1, bands + 1, 2);
    days = at::log2(days.masked_fill(days < 0, NO_OBSERVATION) + 1) / DAYS_UNIT;
    return at::cat({ground, x.narrow(1, bands, 1), days}, 1);
}

at::Tensor Utilise::encode(const Down &block, const at::Tensor &x, bool training) const
{
    at::Tensor first = run(block.first, run(block.down, x, training), training);
    return add_to(first, run(block.second, first, training), training);
}

at::Tensor Utilise::enlarge(const Up &block, const at::Tensor &x, int64_t h, int64_t w, bool training) const
{
    if (!config_.bilinear_up)
        return run(block.up, x, training);
    if (!interpolates_last())
        return run(block.up, at::upsample_bilinear2d(x, {h, w}, false), training);
    return activate(at::upsample_bilinear2d(run(block.up, x, training), {h, w}, false), config_.activation);
}

bool Utilise::interpolates_last() const
{
    return config_.bilinear_up && (config_.decoder_norm == Norm::none || config_.norm_first_only);
}

at::Tensor Utilise::decode(const Up &block, const at::Tensor &x, const at::Tensor &skip, const at::Tensor &valid,
                           bool training) const
{
    at::Tensor up = enlarge(block, x, skip.size(2), skip.size(3), training);
    at::Tensor aside = run(block.skip, skip, training);
    // A skip that is not weighted by attention is all zero in a padded frame, and the published code leaves it so.
    if (!config_.weighted_skips)
        aside = keep_valid(aside, valid);
    at::Tensor first = run(block.first, at::cat({up, aside}, 1), training);
    return add_to(first, run(block.second, first, training), training);
}

at::Tensor Utilise::attend(const at::Tensor &coarse, const Dates &dates, bool training, at::Tensor *attention) const
{
    const int64_t B = dates.days.size(0), T = dates.days.size(1), C = coarse.size(1), h = coarse.size(2),
                  w = coarse.size(3);
    at::Tensor tokens = coarse.to(at::kFloat).view({B, T, C, h * w}).permute({0, 3, 1, 2}).contiguous();
    for (const TemporalLayer &layer : layers_)
        tokens = layer.apply(weights, tokens, dates, compute, training, attention);
    return tokens.permute({0, 2, 1, 3}).reshape({B * T, h, w, C}).permute({0, 3, 1, 2}).to(compute);
}

at::Tensor Utilise::finish(const at::Tensor &raw, const at::Tensor &x) const
{
    at::Tensor y = (config_.space_to_depth ? at::pixel_shuffle(raw, 2) : raw).to(at::kFloat);
    if (!config_.gapfill)
        return y;
    const int64_t bands = config_.output_dim;
    // Down to what the dates show: dark water is negative where the product keeps it.
    at::Tensor seen = x.narrow(1, 0, bands), least = seen.amin({0, 2, 3}, true).clamp_max(0);
    at::Tensor ground =
        at::maximum(seen + y.narrow(1, 0, bands) * config_.band_spread, least).clamp_max(REFLECTANCE_MOST);
    if (!config_.log_variance)
        return ground;
    at::Tensor variance = y.narrow(1, bands, 1) + 2 * std::log(START_DEVIATION);
    return at::cat({ground, variance.clamp(LOG_VARIANCE_LEAST, LOG_VARIANCE_MOST)}, 1);
}

at::Tensor Utilise::forward(const at::Tensor &x, const at::Tensor &days, bool training, at::Tensor *attention) const
{
    const int64_t B = x.size(0), T = x.size(1), h = x.size(3), w = x.size(4);
    at::Tensor frames = x.view({B * T, x.size(2), h, w});
    Dates dates{days, {}, {}};
    at::Tensor valid;
    at::Tensor padded = at::eq(frames, 0).view({B, T, -1}).all(-1).logical_and(at::eq(days, 0));
    if (padded.any().item<bool>()) {
        dates.padded = padded;
        valid = padded.logical_not().view({B * T, 1, 1, 1});
    }

    at::Tensor y = network_input(frames);
    y = (config_.space_to_depth ? at::pixel_unshuffle(y, 2) : y).to(compute).contiguous(at::MemoryFormat::ChannelsLast);
    std::vector<at::Tensor> features;
    features.push_back(keep_valid(run(in_second_, run(in_first_, y, training), training), valid));
    for (const Down &block : down_)
        features.push_back(keep_valid(encode(block, features.back(), training), valid));
    const int64_t ch = features.back().size(2), cw = features.back().size(3);
    if (config_.temporal.validity_bias) {
        at::Tensor observed = at::avg_pool2d(frames.narrow(1, config_.output_dim, 1), multiple());
        dates.observed = observed.view({B, T, ch * cw}).transpose(1, 2).clamp(0, 1);
    }

    at::Tensor weight; // [heads, B, P, T, T]
    y = attend(features.back(), dates, training, &weight);
    if (attention)
        *attention = weight.view({weight.size(0), B, ch, cw, T, T}).permute({0, 1, 4, 5, 2, 3});
    if (valid.defined())
        weight = weight * padded.logical_not().view({1, B, 1, 1, T}).to(weight.scalar_type());
    for (size_t i = 0; i < up_.size(); i++) {
        at::Tensor skip = features[up_.size() - 1 - i];
        features.resize(up_.size() - i); // each level is needed once
        if (config_.weighted_skips)
            skip = aggregate(skip, weight, ch, cw, config_.mean_skips, training);
        y = decode(up_[i], y, skip, valid, training);
    }
    y = keep_valid(run(out_second_, run(out_first_, y, training), training), valid);
    y = finish(y, frames);
    return y.view({B, T, y.size(1), h, w});
}

void Utilise::fold()
{
    for (Down &block : down_)
        for (Conv *conv : {&block.down, &block.first, &block.second})
            conv->fold(weights);
    for (Up &block : up_)
        for (Conv *conv : {&block.up, &block.skip, &block.first, &block.second})
            conv->fold(weights);
    for (Conv *conv : {&in_first_, &in_second_, &out_first_, &out_second_})
        conv->fold(weights);
    prepare_for_inference(weights, compute);
}

int Utilise::multiple() const
{
    return 1 << (static_cast<int>(down_.size()) + (config_.space_to_depth ? 1 : 0));
}

int Utilise::smallest() const
{
    return multiple() * (config_.reflect ? 2 : 1); // one pixel cannot be reflected
}

int Utilise::out_channels() const
{
    return static_cast<int>(config_.output_dim) + (config_.log_variance ? 1 : 0);
}

int64_t Utilise::operations(int64_t dates, int64_t h, int64_t w) const
{
    const int64_t area = config_.space_to_depth ? h / 2 * (w / 2) : h * w;
    int64_t total = in_first_.operations(area) + in_second_.operations(area) + out_first_.operations(area) +
                    out_second_.operations(area);
    for (size_t i = 0; i < down_.size(); i++) {
        const int64_t here = area >> (2 * i), below = area >> (2 * i + 2);
        const Up &up = up_[up_.size() - 1 - i];
        total += down_[i].down.operations(below) + down_[i].first.operations(below) + down_[i].second.operations(below);
        total += up.up.operations(interpolates_last() ? below : here) + up.skip.operations(here) +
                 up.first.operations(here) + up.second.operations(here);
        if (config_.weighted_skips)
            total += 2 * dates * config_.encoder_widths[i] * here;
    }
    for (const TemporalLayer &layer : layers_)
        total += layer.operations(dates) * (area >> (2 * down_.size()));
    return total;
}

} // namespace clv::net
