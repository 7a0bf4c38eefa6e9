/* SPDX-License-Identifier: Apache-2.0 */
/* What a parsed INI file is made of, shared by its parser (ini_parse.c) and its accessors (ini.c). */
#ifndef PAIL_SRC_AWS_CONFIG_INI_H
#define PAIL_SRC_AWS_CONFIG_INI_H

#include <stddef.h>

/* uthash ends the process when it is out of memory unless told otherwise: a failed add then leaves hh.tbl NULL. */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "pail/aws/ini.h"

struct pail_ini_entry {
        char *key;
        char *value;                  /* pail/util/secret.h; NULL: a block */
        struct pail_ini_entry *block; /* hash of the keys below this one */
        unsigned line, last_line;     /* where it stands, lines that continue it included */
        UT_hash_handle hh;
};

struct pail_ini_section {
        char *name;
        struct pail_ini_entry *entries; /* hash */
        unsigned line;
        UT_hash_handle hh;
};

struct pail_ini {
        struct pail_ini_section *sections; /* hash, for lookups */
        struct pail_ini_section **order;   /* the same, as in the file; without [DEFAULT] */
        size_t section_count;
        size_t order_allocated;
        struct pail_ini_section *defaults; /* [DEFAULT]; NULL: none. Owned by sections. */
};

/* Bytes of the white space character that text begins with, of Unicode's as Python has it (the no-break space of web pages, say); 0: none. */
size_t pail_ini_space_length(const char *text);
/* Removes white space at both ends, in place. Returns the first character kept. */
char *pail_ini_strip(char *text);
/* Bytes of text without the white space at its end. */
size_t pail_ini_stripped_length(const char *text);
/* Finds a section or makes it (*ret_is_new). -ENOMEM. */
int pail_ini_section_add(struct pail_ini *ini, const char *name, unsigned line, struct pail_ini_section **ret_section,
                         bool *ret_is_new);
/* The same for a key in a section's entries or in a block. */
int pail_ini_entry_add(struct pail_ini_entry **entries, const char *key, unsigned line,
                       struct pail_ini_entry **ret_entry, bool *ret_is_new);

#endif
