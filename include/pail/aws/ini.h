/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The INI dialect of AWS's shared files, as the AWS SDK for Python reads it (Python's configparser without interpolation, then one level
 * of nesting). Immutable once parsed, so thread safe.
 *
 *   [name]            a section; what follows the last ']' is ignored
 *   key = value       or "key: value"; keys are lower-cased, both sides stripped
 *     more            indented deeper than the key's line: the value goes on, joined by a newline
 *   key =             an empty value followed by deeper lines is a block of "key = value" (only '=', keys as they are, the last one wins)
 *     sub = value
 *   # or ;            a comment when it begins a line, and only then
 *
 * Keys of a section [DEFAULT] are seen in every section that does not set them. Errors: a section or a key that is there
 * twice, a line without delimiter or without key, a line before the first section, text that is not UTF-8, a NUL.
 */
#ifndef PAIL_AWS_INI_H
#define PAIL_AWS_INI_H

#include <stdbool.h>
#include <stddef.h>

#include "pail/util/cleanup.h"
#include "pail/util/error.h"

struct pail_ini;

enum { PAIL_INI_MAX_BYTES = 4 * 1024 * 1024 };

/* file: the name for messages. -EINVAL with class CONFIG: "file:line: what is wrong", without the line's text, which may be a secret. -ENOMEM. */
int pail_ini_parse(const char *file, const char *text, size_t length, struct pail_ini **ret_ini,
                   struct pail_error *ret_error);
/* Reads and parses. -ENOENT (also for a component that is no directory): no such file. Other failures to read: class CONFIG. */
int pail_ini_load(const char *file, struct pail_ini **ret_ini, struct pail_error *ret_error);
/* Wipes the values, some of which are secrets. */
void pail_ini_free(struct pail_ini *ini);
PAIL_DEFINE_CLEANUP(struct pail_ini, pail_ini_free);

/* In the order of the file, without [DEFAULT]. Borrowed. */
size_t pail_ini_section_count(const struct pail_ini *ini);
const char *pail_ini_section_name(const struct pail_ini *ini, size_t index);

bool pail_ini_has_section(const struct pail_ini *ini, const char *section);
/* true for a key with a value and for one with a block. */
bool pail_ini_has_key(const struct pail_ini *ini, const char *section, const char *key);
/* block NULL: the value of a key of the section (NULL when it holds a block); else of a key in that block. Borrowed; NULL: absent. */
const char *pail_ini_get(const struct pail_ini *ini, const char *section, const char *block, const char *key);
/* The index-th key of a block, in the order of the file. Borrowed; NULL: no more, or no such block. */
const char *pail_ini_block_key(const struct pail_ini *ini, const char *section, const char *block, size_t index);

#endif
