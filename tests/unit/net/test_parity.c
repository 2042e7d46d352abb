/* SPDX-License-Identifier: MIT
 *
 * The `reference` network against vectors of the published one: small random weights, an input, the output and the
 * attention that the model of arXiv 2305.13277 gives. Three such files are in tests/golden; CLV_PARITY_DIR names a
 * folder with more.
 */
#define _GNU_SOURCE
#include "support.h"

#include <dirent.h>

#define TOLERANCE 1e-5

static size_t product(const int64_t *shape, int dims)
{
    size_t n = 1;
    for (int i = 0; i < dims; i++)
        n *= (size_t)shape[i];
    return n;
}

static float *copy_of(const clv_safetensors *file, const char *name, const clv_tensor **tensor)
{
    const clv_tensor *t = clv_safetensors_find(file, name);
    if (!t || t->dtype != CLV_F32)
        fail_msg("no float32 tensor %s", name);
    float *copy = malloc(t->bytes ? t->bytes : 1);
    assert_non_null(copy);
    memcpy(copy, t->data, t->bytes);
    *tensor = t;
    return copy;
}

static void check_attention(clv_net *net, const float *wanted, const clv_tensor *tensor, const char *path)
{
    int64_t shape[6];
    clv_net_error error;
    assert_int_equal(api->attention(net, NULL, shape, &error), CLV_OK);
    assert_int_equal(tensor->dims, 6);
    for (int i = 0; i < 6; i++)
        assert_int_equal(shape[i], tensor->shape[i]);
    size_t count = product(shape, 6);
    float *got = malloc(count * sizeof *got);
    assert_non_null(got);
    assert_int_equal(api->attention(net, got, shape, &error), CLV_OK);
    double difference = largest_difference(got, wanted, count);
    printf("  attention differs by %.2g\n", difference);
    if (!(difference <= TOLERANCE))
        fail_msg("%s: attention differs by %g", path, difference);
    free(got);
}

static void check_file(const char *path)
{
    size_t size = 0;
    uint8_t *data = read_whole(path, &size);
    clv_safetensors *file = NULL;
    assert_int_equal(clv_safetensors_parse(NULL, data, size, &file), CLV_OK);
    const clv_tensor *in, *when, *out, *weights;
    float *input = copy_of(file, "input", &in), *days = copy_of(file, "days", &when);
    float *output = copy_of(file, "output", &out), *attention = copy_of(file, "attention", &weights);

    clv_net *net = open_file(path);
    clv_net_info info;
    api->info(net, &info);
    assert_int_equal(info.kind, CLV_NET_UTILISE);
    assert_int_equal(info.in_channels, in->shape[2]);
    assert_int_equal(info.out_channels, out->shape[2]);
    assert_true(info.half_pixel_fill && !info.needs_gapfill);

    size_t count = product(out->shape, out->dims);
    float *got = malloc(count * sizeof *got);
    assert_non_null(got);
    clv_net_error error;
    if (api->predict(net, input, days, (int)in->shape[0], (int)in->shape[1], (int)in->shape[3], (int)in->shape[4], got,
                     &error) != CLV_OK)
        fail_msg("%s: %s", path, error.text);
    double difference = largest_difference(got, output, count);
    printf("%s: output differs by %.2g\n", path, difference);
    if (!(difference <= TOLERANCE))
        fail_msg("%s: output differs by %g", path, difference);
    check_attention(net, attention, weights, path);

    api->close(net);
    free(got);
    free(attention);
    free(output);
    free(days);
    free(input);
    clv_safetensors_free(file);
    free(data);
}

static int check_folder(const char *folder)
{
    DIR *dir = opendir(folder);
    if (!dir)
        return 0;
    int count = 0;
    for (struct dirent *entry; (entry = readdir(dir));) {
        const char *end = strrchr(entry->d_name, '.');
        if (strncmp(entry->d_name, "utilise_", 8) != 0 || !end || strcmp(end, ".safetensors") != 0)
            continue;
        char path[1024];
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        check_file(path);
        count++;
    }
    closedir(dir);
    return count;
}

static void test_golden(void **state)
{
    (void)state;
    assert_int_equal(check_folder(CLV_TEST_GOLDEN), 3);
}

static void test_folder(void **state)
{
    (void)state;
    const char *named = getenv("CLV_PARITY_DIR");
    const char *folder = named && *named ? named : CLV_TEST_SHARED "/parity";
    if (check_folder(folder) > 0)
        return;
    if (named && *named)
        fail_msg("CLV_PARITY_DIR: no utilise_*.safetensors in %s", folder);
    printf("skipped: no vectors in %s\n", folder);
    skip();
}

int main(void)
{
    int missing = load_module();
    if (missing)
        return missing;
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_golden), cmocka_unit_test(test_folder)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
