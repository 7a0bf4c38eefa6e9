/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A parsed INI file: sections by name, keys by name, and at most one level of blocks below a key. Hash tables rather than lists,
 * because files with hundreds of profiles are common, and each look-up by a session would walk them.
 */
#include "ini_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pail/util/secret.h"
#include "pail/util/str.h"

#define INI_DEFAULT_SECTION "DEFAULT"

static void free_entries(struct pail_ini_entry *entries)
{
        struct pail_ini_entry *entry, *next;

        HASH_ITER(hh, entries, entry, next) {
                HASH_DEL(entries, entry);
                /* A block holds no blocks: this recursion ends one level down. */
                free_entries(entry->block);
                pail_secret_free(entry->value);
                free(entry->key);
                free(entry);
        }
}

void pail_ini_table_done(struct pail_ini *ini)
{
        struct pail_ini_section *section, *next;

        HASH_ITER(hh, ini->sections, section, next) {
                HASH_DEL(ini->sections, section);
                free_entries(section->entries);
                free(section->name);
                free(section);
        }
        free(ini->order);
}

static int append_to_order(struct pail_ini *ini, struct pail_ini_section *section)
{
        if (ini->section_count == ini->order_allocated) {
                size_t allocated = ini->order_allocated ? ini->order_allocated * 2 : 16;
                struct pail_ini_section **grown = reallocarray(ini->order, allocated, sizeof(*grown));
                if (!grown)
                        return -ENOMEM;
                ini->order = grown;
                ini->order_allocated = allocated;
        }
        ini->order[ini->section_count++] = section;
        return 0;
}

static int insert_section(struct pail_ini *ini, struct pail_ini_section *section)
{
        HASH_ADD_KEYPTR(hh, ini->sections, section->name, strlen(section->name), section);
        if (!section->hh.tbl)
                return -ENOMEM;
        if (!pail_str_equal(section->name, INI_DEFAULT_SECTION))
                return append_to_order(ini, section);
        ini->defaults = section;
        return 0;
}

int pail_ini_table_add_section(struct pail_ini *ini, const char *name, unsigned line,
                               struct pail_ini_section **ret_section, bool *ret_is_new)
{
        struct pail_ini_section *section;
        int r;

        HASH_FIND_STR(ini->sections, name, section);
        *ret_is_new = !section;
        if (!section) {
                section = calloc(1, sizeof(*section));
                if (!section)
                        return -ENOMEM;
                section->line = line;
                r = pail_str_dup(name, &section->name);
                if (r == 0)
                        r = insert_section(ini, section);
                if (r < 0) {
                        if (section->hh.tbl)
                                HASH_DEL(ini->sections, section);
                        free(section->name);
                        free(section);
                        return r;
                }
        }
        *ret_section = section;
        return 0;
}

int pail_ini_table_add_entry(struct pail_ini_entry **entries, const char *key, unsigned line,
                             struct pail_ini_entry **ret_entry, bool *ret_is_new)
{
        struct pail_ini_entry *entry;

        HASH_FIND_STR(*entries, key, entry);
        *ret_is_new = !entry;
        if (!entry) {
                entry = calloc(1, sizeof(*entry));
                if (!entry)
                        return -ENOMEM;
                entry->line = entry->last_line = line;
                if (pail_str_dup(key, &entry->key) == 0)
                        HASH_ADD_KEYPTR(hh, *entries, entry->key, strlen(entry->key), entry);
                if (!entry->hh.tbl) {
                        free(entry->key);
                        free(entry);
                        return -ENOMEM;
                }
        }
        *ret_entry = entry;
        return 0;
}
