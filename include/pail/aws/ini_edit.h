/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changes of a shared file (<pail/aws/ini.h>) as text: one key is set or removed, and every other byte stays as it is: comments, order,
 * blank lines, line ends, other sections, keys that nobody knows. Stateless, thread safe.
 */
#ifndef PAIL_AWS_INI_EDIT_H
#define PAIL_AWS_INI_EDIT_H

#include "pail/util/buf.h"
#include "pail/util/error.h"

/*
 * file: the name for messages. text: the whole file, "" for one that does not exist; on failure unchanged. Afterwards it lies in memory
 * for secrets.
 *
 * A key that is there gets the new value on its own line; lines that continued the old value, or were its block, go, comments among
 * them stay. A new key comes behind the last key of its section, a new section at the end of the file. Line ends are those of the
 * file. value NULL: the key is removed, with the lines of its value; absent: nothing changes.
 *
 * -EINVAL with class CONFIG: a text that the parser refuses (a key or section that is there twice: named with its line); a section
 * name that is empty, is DEFAULT or could not be read back; a key that is not of a-z 0-9 '_'; a value that is empty, has control
 * characters or white space at an end, or is not UTF-8. Messages never show a value. -ENOMEM, -EMSGSIZE (the cap of text).
 */
int pail_ini_edit_set(const char *file, struct pail_buf *text, const char *section, const char *key, const char *value,
                      struct pail_error *ret_error);

#endif
