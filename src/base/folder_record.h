/* SPDX-License-Identifier: MIT
 *
 * folder_record: tells a temporary folder of this program from another one that has such a name. Beside `.a.TOKEN.tmp`
 * lies a file, `.a.TOKEN.tmp.folder`, that says which folder was made; what a killed run has left is removed only where
 * it is that one (temporary.c).
 *
 *     clv_folder_record_write(path);    // the folder has been made
 *     ...                               // it is filled, gets its name, or goes
 *     clv_folder_record_remove(path);
 *
 * Any thread.
 */
#ifndef CLV_BASE_FOLDER_RECORD_H
#define CLV_BASE_FOLDER_RECORD_H

/* Where it cannot be written the folder stays when the run is killed; that is no reason to fail. */
void clv_folder_record_write(const char *folder);
void clv_folder_record_remove(const char *folder);

/* What the name of a record ends with, behind that of the folder. */
#define CLV_FOLDER_RECORD ".folder"
/* The folder that the record `name`, in the folder of the descriptor, was written for: its name, free(). NULL: it is
 * not there, or is another one; out of memory. */
char *clv_folder_record_read(int above, const char *name);

#endif
