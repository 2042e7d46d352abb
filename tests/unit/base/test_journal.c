/* SPDX-License-Identifier: MIT
 *
 * Several files get their names, and the process dies after any number of steps: the next one ends it, or takes it
 * back.
 */
#include "base/journal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/folder_record.h"
#include "base/input_files.h"
#include "base/rename.h"
#include "base/temporary.h"

static char top[] = "/tmp/clv_journal_XXXXXX";
static int number;
static char folder[64];
static char warning[1024];
static int warnings;

static void on_log(clv_log_level level, const char *message, void *user)
{
    (void)user;
    if (level == CLV_LOG_WARNING) {
        warnings++;
        snprintf(warning, sizeof warning, "%s", message);
    }
}

/* Another folder each time: a process looks into one once. */
static void new_folder(void)
{
    snprintf(folder, sizeof folder, "%s/%d", top, number++);
    assert_int_equal(mkdir(folder, 0700), 0);
    warnings = 0;
    *warning = '\0';
}

static void put_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void path_of(char out[400], const char *name)
{
    snprintf(out, 400, "%s/%s", folder, name);
}

static void put(const char *name, const char *text)
{
    char path[400];
    path_of(path, name);
    put_file(path, text);
}

/* What a file says; "-": it is not there. */
static const char *say(const char *name)
{
    static char text[4][64];
    static int turn;
    char path[400], *out = text[turn++ % 4];
    path_of(path, name);
    FILE *f = fopen(path, "r");
    snprintf(out, 64, "-");
    if (f && !fgets(out, 64, f))
        *out = '\0';
    if (f)
        fclose(f);
    return out;
}

static int hidden(void)
{
    char command[500], text[16] = "";
    snprintf(command, sizeof command, "ls -A %s | grep -c '^[.]'", folder);
    FILE *f = popen(command, "r");
    if (f && !fgets(text, sizeof text, f))
        *text = '\0';
    if (f)
        pclose(f);
    return atoi(text);
}

static char *temporary(const char *name, const char *extension)
{
    char *hidden_name = clv_temporary_name(name, extension), path[400];
    path_of(path, hidden_name);
    free(hidden_name);
    return strdup(path);
}

/* What the process that will die makes: a.tif and b.tif are replaced, c.tif is new, a.tif.msk goes. */
enum { STEPS = 4 };
static clv_journal_step steps[STEPS];

static void make_steps(void)
{
    static const char *const names[STEPS] = {"a.tif", "b.tif", "c.tif", "a.tif.msk"};
    static char to[STEPS][400];
    for (int i = 0; i < STEPS; i++) {
        path_of(to[i], names[i]);
        steps[i] = (clv_journal_step){i < 3 ? temporary(names[i], "tif") : NULL, to[i],
                                      i != 2 ? temporary(names[i], "old") : NULL, false};
        if (steps[i].from)
            put_file(steps[i].from, "the new one");
    }
}

/* One change of a name at a time, as moves.c makes them. */
static int change(int n)
{
    switch (n) {
    case 0:
        return link(steps[0].to, steps[0].backup);
    case 1:
        return rename(steps[0].from, steps[0].to);
    case 2:
        return link(steps[1].to, steps[1].backup);
    case 3:
        return rename(steps[1].from, steps[1].to);
    case 4:
        return rename(steps[2].from, steps[2].to);
    case 5:
        return rename(steps[3].to, steps[3].backup);
    case 6:
        return unlink(steps[3].backup);
    default:
        return unlink(steps[1].backup);
    }
}

static int put_back(int n)
{
    switch (n) {
    case 0:
        return rename(steps[3].backup, steps[3].to);
    case 1:
        return unlink(steps[2].to);
    case 2:
        return rename(steps[1].backup, steps[1].to);
    default:
        return rename(steps[0].backup, steps[0].to);
    }
}

/* Dies after `changes` names have changed; and, when backs is not negative, after it has put back that many. */
static void die_after(int changes, int backs)
{
    pid_t child = fork();
    if (child == 0) {
        clv_journal *journal;
        int failed = 0;
        make_steps();
        failed += clv_journal_begin(NULL, steps, STEPS, &journal) != CLV_OK;
        for (int i = 0; i < changes; i++)
            failed += change(i) != 0;
        if (backs >= 0)
            clv_journal_turn(journal);
        for (int i = 0; i < backs; i++)
            failed += put_back(i) != 0;
        _exit(failed);
    }
    int status = 1;
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
}

static void start(void)
{
    new_folder();
    put("a.tif", "old a");
    put("b.tif", "old b");
    put("a.tif.msk", "old mask");
    put("mine.txt", "mine");
}

static clv_context *enter(void)
{
    clv_context *ctx = clv_context_new();
    clv_context_set_log(ctx, on_log, NULL);
    clv_temporary_enter(ctx, folder);
    return ctx;
}

static void test_finished(void **state)
{
    (void)state;
    for (int n = 0; n <= 8; n++) {
        start();
        die_after(n, -1);
        clv_context_free(enter());
        assert_string_equal(say("a.tif"), "the new one");
        assert_string_equal(say("b.tif"), "the new one");
        assert_string_equal(say("c.tif"), "the new one");
        assert_string_equal(say("a.tif.msk"), "-");
        assert_string_equal(say("mine.txt"), "mine");
        assert_int_equal(hidden(), 0);
        assert_int_equal(warnings, n < 5);
        assert_true(n >= 5 || strstr(warning, "is finished now"));
    }
}

static void test_taken_back(void **state)
{
    (void)state;
    for (int n = 0; n <= 4; n++) {
        start();
        die_after(6, n);
        clv_context_free(enter());
        assert_string_equal(say("a.tif"), "old a");
        assert_string_equal(say("b.tif"), "old b");
        assert_string_equal(say("c.tif"), "-");
        assert_string_equal(say("a.tif.msk"), "old mask");
        assert_int_equal(hidden(), 0);
    }
}

/* What the user has put there since stays, and is said. */
static void test_changed_since(void **state)
{
    (void)state;
    start();
    die_after(2, -1);
    put("b.tif", "the user's own");
    put("a.tif.msk", "the user's mask");
    clv_context_free(enter());
    assert_string_equal(say("a.tif"), "the new one");
    assert_string_equal(say("b.tif"), "the user's own");
    assert_string_equal(say("c.tif"), "the new one");
    assert_string_equal(say("a.tif.msk"), "the user's mask");
    assert_int_equal(warnings, 1);
    assert_non_null(strstr(warning, "b.tif has changed since"));
    assert_int_equal(hidden(), 0);
}

/* An input of this run is not replaced, and the files that wait for it stay. */
static void test_input(void **state)
{
    char path[400];
    (void)state;
    start();
    die_after(2, -1);
    clv_context *ctx = clv_context_new();
    clv_context_set_log(ctx, on_log, NULL);
    path_of(path, "b.tif");
    clv_input_files_add(ctx, path);
    const int before = hidden();
    clv_temporary_enter(ctx, folder);
    assert_string_equal(say("b.tif"), "old b");
    assert_int_equal(hidden(), before);
    assert_non_null(strstr(warning, "the next run that does not read b.tif"));
    clv_context_free(ctx);
}

/* A folder is moved away before the new one gets its name, or the two change places. What is nowhere else is not
 * removed with the old one. */
static void test_folder(void **state)
{
    (void)state;
    for (int n = 0; n < 20; n++) {
        const bool back = n >= 10, last = n / 5 % 2;
        const int changes = n % 5;
        char to[400];
        new_folder();
        path_of(to, "a.zarr");
        mkdir(to, 0700);
        put("a.zarr/chunk", "old");
        pid_t child = fork();
        if (child == 0) {
            clv_journal *journal;
            char *from = temporary("a.zarr", ""), *backup = temporary("a.zarr", "old"), chunk[500];
            mkdir(from, 0700);
            clv_folder_record_write(from);
            snprintf(chunk, sizeof chunk, "%s/chunk", from);
            put_file(chunk, "new");
            const clv_journal_step step = {from, to, backup, last};
            int failed = clv_journal_begin(NULL, &step, 1, &journal) != CLV_OK;
            if (changes == 1 || changes == 2)
                failed += rename(to, backup) != 0 || (changes == 2 && rename(from, to) != 0);
            if (changes == 3 || changes == 4)
                failed += clv_rename_exchange(AT_FDCWD, from, to) != 0 || (changes == 4 && rename(from, backup) != 0);
            if (back)
                clv_journal_turn(journal);
            _exit(failed);
        }
        int status = 1;
        waitpid(child, &status, 0);
        assert_int_equal(status, 0);
        clv_context *ctx = enter();
        assert_string_equal(say("a.zarr/chunk"), back ? "old" : "new");
        assert_int_equal(hidden(), last && !back);
        assert_int_equal(clv_temporary_finish(ctx, folder), true);
        clv_context_free(ctx);
    }
}

/* What has a journal's name and is none stays, and is said once: a folder, a link, a file with another text. */
static void test_foreign(void **state)
{
    (void)state;
    char name[3][300];
    new_folder();
    put("mine.txt", "mine");
    for (int i = 0; i < 3; i++) {
        int ends[2];
        memset(name[i], 0, sizeof name[i]);
        assert_int_equal(pipe(ends), 0);
        pid_t child = fork();
        if (child == 0) {
            char *made = clv_temporary_name("outputs", "journal");
            _exit(write(ends[1], made, strlen(made)) <= 0);
        }
        close(ends[1]);
        assert_true(read(ends[0], name[i], sizeof name[i] - 1) > 0);
        close(ends[0]);
        waitpid(child, NULL, 0);
    }
    char path[400], file[320];
    path_of(path, name[0]);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(file, sizeof file, "%.290s/thesis", name[0]);
    put(file, "chapter");
    path_of(path, name[1]);
    assert_int_equal(symlink("mine.txt", path), 0);
    put(name[2], "a diary");
    clv_context_free(enter());
    assert_string_equal(say(file), "chapter");
    assert_string_equal(say(name[1]), "mine");
    assert_string_equal(say(name[2]), "a diary");
    assert_int_equal(warnings, 1);
    assert_non_null(strstr(warning, "and 2 more: has the name of a temporary file"));
}

/* The folder is called by one letter, or with slashes too many: the journal lies in it all the same. */
static void test_names_of_folders(void **state)
{
    static const char *const names[] = {"G", "G///", "./G"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        new_folder();
        pid_t child = fork();
        if (child == 0) {
            clv_journal *journal;
            char *hidden_name = clv_temporary_name("a.tif", "tif"), from[300], to[300];
            snprintf(from, sizeof from, "%s/%s", names[i], hidden_name);
            snprintf(to, sizeof to, "%s/a.tif", names[i]);
            const clv_journal_step step = {from, to, NULL, false};
            int failed = chdir(folder) != 0 || mkdir("G", 0700) != 0;
            put_file(from, "new");
            failed += clv_journal_begin(NULL, &step, 1, &journal) != CLV_OK;
            _exit(failed);
        }
        int status = 1;
        waitpid(child, &status, 0);
        assert_int_equal(status, 0);
        strcat(folder, "/G");
        clv_context_free(enter());
        assert_string_equal(say("a.tif"), "new");
        assert_int_equal(hidden(), 0);
    }
}

/* A journal that cannot be read now waits, and what belongs to it too. */
static void test_unreadable(void **state)
{
    char command[300];
    (void)state;
    start();
    die_after(2, -1);
    const int before = hidden();
    snprintf(command, sizeof command, "truncate -s 65M %s/.outputs.*.journal", folder);
    assert_int_equal(system(command), 0);
    clv_context_free(enter());
    assert_string_equal(say("a.tif"), "the new one");
    assert_string_equal(say("b.tif"), "old b");
    assert_int_equal(hidden(), before);
    assert_non_null(strstr(warning, "cannot be read"));

    start(); /* a FIFO in its place holds nobody up */
    die_after(2, -1);
    snprintf(command, sizeof command, "cd %s && j=$(ls -A | grep journal) && rm $j && mkfifo $j", folder);
    assert_int_equal(system(command), 0);
    clv_context_free(enter());
    assert_string_equal(say("mine.txt"), "mine");
    assert_non_null(strstr(warning, "has the name of a temporary file"));
}

/* Two folders: the journal of one is enough to end both. */
static void test_two_folders(void **state)
{
    char other[64], to[2][400];
    (void)state;
    for (int gone = 0; gone < 2; gone++) {
        new_folder();
        snprintf(other, sizeof other, "%s", folder);
        new_folder();
        pid_t child = fork();
        if (child == 0) {
            clv_journal *journal;
            clv_journal_step two[2];
            char from[2][400];
            for (int i = 0; i < 2; i++) {
                char *name = clv_temporary_name("a.tif", "tif");
                snprintf(from[i], sizeof from[i], "%s/%s", i ? other : folder, name);
                snprintf(to[i], sizeof to[i], "%s/a.tif", i ? other : folder);
                put_file(from[i], "new");
                two[i] = (clv_journal_step){from[i], to[i], NULL, false};
            }
            int failed = clv_journal_begin(NULL, two, 2, &journal) != CLV_OK;
            failed += rename(from[0], to[0]) != 0;
            _exit(failed);
        }
        int status = 1;
        waitpid(child, &status, 0);
        assert_int_equal(status, 0);
        char first[64];
        snprintf(first, sizeof first, "%s", folder);
        if (gone) /* the run looks into the other folder first */
            snprintf(folder, sizeof folder, "%s", other);
        clv_context_free(enter());
        for (int i = 0; i < 2; i++) {
            snprintf(folder, sizeof folder, "%s", i ? first : other);
            assert_string_equal(say("a.tif"), "new");
        }
    }
}

/* No journal moves what is not its process's own, or to another folder. */
static void test_hostile(void **state)
{
    (void)state;
    char *own = clv_temporary_name("outputs", "journal"), *from = clv_temporary_name("a.tif", "tif");
    const char *const bad[][3] = {{from, "../a.tif", ""},
                                  {from, "", ""},
                                  {from, "..", ""},
                                  {"b.tif", "a.tif", ""},
                                  {"../b.tif", "a.tif", ""},
                                  {from, "a.tif", "b.tif"},
                                  {".b.12345678-1-1-abcd.tmp", "a.tif", ""}};
    clv_journal_text text;
    char bytes[2000];
    for (size_t i = 0; i <= sizeof bad / sizeof *bad; i++) {
        const bool good = i == sizeof bad / sizeof *bad;
        const char *const *words = good ? (const char *const[]){from, "a.tif", ""} : bad[i];
        const int n = snprintf(bytes, sizeof bytes, "clearvision journal 1\n>%cstep%c%s%c%s%c%s%c%c%cend", 0, 0,
                               words[0], 0, words[1], 0, words[2], 0, 0, 0) +
                      1;
        assert_int_equal(clv_journal_parse(own, bytes, (size_t)n, &text), good);
        if (good) {
            assert_int_equal(text.count, 1);
            assert_string_equal(text.entries[0].to, "a.tif");
            free(text.entries);
            free(text.others);
            for (int cut = 0; cut < n; cut++) /* of a run that was killed while it wrote it */
                assert_false(clv_journal_parse(own, bytes, (size_t)cut, &text));
        }
    }
    free(own);
    free(from);
}

int main(void)
{
    char command[200];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_finished),         cmocka_unit_test(test_taken_back),
        cmocka_unit_test(test_changed_since),    cmocka_unit_test(test_input),
        cmocka_unit_test(test_folder),           cmocka_unit_test(test_two_folders),
        cmocka_unit_test(test_names_of_folders), cmocka_unit_test(test_unreadable),
        cmocka_unit_test(test_hostile),          cmocka_unit_test(test_foreign),
    };
    if (!mkdtemp(top))
        return 1;
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    snprintf(command, sizeof command, "rm -rf %s", top);
    return system(command) != 0 || failed;
}
