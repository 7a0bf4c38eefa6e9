/* SPDX-License-Identifier: Apache-2.0 */
/* What a parsed INI file is made of, shared by its parser (ini_parse.c), its accessors (ini.c) and its editor (ini_edit.c). */
#ifndef PAIL_SRC_AWS_CONFIG_INI_TABLE_H
#define PAIL_SRC_AWS_CONFIG_INI_TABLE_H

#include <stdbool.h>
#include <stddef.h>

/* uthash ends the process when it is out of memory unless told otherwise: a failed add then leaves hh.tbl NULL. */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

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

/* Releases everything in it, and wipes the values. */
void pail_ini_table_done(struct pail_ini *ini);
/* Finds a section or makes it (*ret_is_new). -ENOMEM. */
int pail_ini_table_add_section(struct pail_ini *ini, const char *name, unsigned line,
                               struct pail_ini_section **ret_section, bool *ret_is_new);
/* The same for a key in a section's entries or in a block. */
int pail_ini_table_add_entry(struct pail_ini_entry **entries, const char *key, unsigned line,
                             struct pail_ini_entry **ret_entry, bool *ret_is_new);

#endif
