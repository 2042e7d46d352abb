/* SPDX-License-Identifier: MIT
 *
 * names: parts of a file's name. Pure functions; any thread.
 *
 *     if (clv_name_ends(path, "nc"))
 *         printf("%s\n", clv_name_base(path));
 */
#ifndef CLV_BASE_NAMES_H
#define CLV_BASE_NAMES_H

#ifdef __cplusplus
extern "C" {
#endif

/* Whether the name ends in .ext (ASCII letters in either case). */
int clv_name_ends(const char *name, const char *ext);
/* The part after the last slash (either kind), inside name. */
const char *clv_name_base(const char *name);

#ifdef __cplusplus
}
#endif

#endif
