/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A parsed INI file: sections by name, keys by name, and at most one level of blocks below a key. Hash tables rather than lists,
 * because files with hundreds of profiles are common, and each look-up by a session would walk them.
 */
#include <errno.h>
#include <string.h>

#include "ini.h"
#include "pail/util/buf.h"
#include "pail/util/cleanup.h"
#include "pail/util/file.h"
#include "pail/util/secret.h"
#include "pail/util/str.h"

#define INI_DEFAULT_SECTION "DEFAULT"

static void entries_free(struct pail_ini_entry *entries)
{
        struct pail_ini_entry *entry, *next;

        HASH_ITER(hh, entries, entry, next) {
                HASH_DEL(entries, entry);
                /* A block holds no blocks: this recursion ends one level down. */
                entries_free(entry->block);
                pail_secret_free(entry->value);
                free(entry->key);
                free(entry);
        }
}

void pail_ini_free(struct pail_ini *ini)
{
        struct pail_ini_section *section, *next;

        if (!ini)
                return;
        HASH_ITER(hh, ini->sections, section, next) {
                HASH_DEL(ini->sections, section);
                entries_free(section->entries);
                free(section->name);
                free(section);
        }
        free(ini->order);
        free(ini);
}

static int order_append(struct pail_ini *ini, struct pail_ini_section *section)
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

static int section_insert(struct pail_ini *ini, struct pail_ini_section *section)
{
        HASH_ADD_KEYPTR(hh, ini->sections, section->name, strlen(section->name), section);
        if (!section->hh.tbl)
                return -ENOMEM;
        if (!pail_str_equal(section->name, INI_DEFAULT_SECTION))
                return order_append(ini, section);
        ini->defaults = section;
        return 0;
}

int pail_ini_section_add(struct pail_ini *ini, const char *name, unsigned line, struct pail_ini_section **ret_section,
                         bool *ret_is_new)
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
                        r = section_insert(ini, section);
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

int pail_ini_entry_add(struct pail_ini_entry **entries, const char *key, unsigned line,
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

int pail_ini_load(const char *file, struct pail_ini **ret_ini, struct pail_error *ret_error)
{
        _cleanup_buf_ struct pail_buf text = PAIL_BUF_INIT_SECRET(PAIL_INI_MAX_BYTES);
        int r;

        r = pail_file_read(file, &text);
        if (r == 0) {
                r = pail_ini_parse(file, text.data, text.length, ret_ini, ret_error);
        } else if (r == -ENOENT || r == -ENOTDIR) {
                pail_error_set(ret_error, PAIL_ERROR_CONFIG, "%s does not exist", file);
                r = -ENOENT;
        } else if (r == -EMSGSIZE) {
                pail_error_set(ret_error, PAIL_ERROR_CONFIG, "%s is larger than %d MiB", file,
                               PAIL_INI_MAX_BYTES / (1024 * 1024));
        } else if (r == -ENOMEM) {
                pail_error_set_errno(ret_error, ENOMEM, "%s", file);
        } else {
                pail_error_set(ret_error, PAIL_ERROR_CONFIG, "%s cannot be read: %s", file, strerror(-r));
        }
        return r;
}

size_t pail_ini_section_count(const struct pail_ini *ini)
{
        return ini->section_count;
}

const char *pail_ini_section_name(const struct pail_ini *ini, size_t index)
{
        return index < ini->section_count ? ini->order[index]->name : NULL;
}

static const struct pail_ini_entry *entry_in(const struct pail_ini_section *section, const char *key)
{
        struct pail_ini_entry *entry = NULL;

        if (section)
                HASH_FIND_STR(section->entries, key, entry);
        return entry;
}

static const struct pail_ini_entry *find_entry(const struct pail_ini *ini, const char *section_name, const char *key)
{
        struct pail_ini_section *section;
        const struct pail_ini_entry *entry;

        HASH_FIND_STR(ini->sections, section_name, section);
        if (!section || section == ini->defaults)
                return NULL;
        entry = entry_in(section, key);
        return entry ? entry : entry_in(ini->defaults, key);
}

bool pail_ini_has_section(const struct pail_ini *ini, const char *name)
{
        struct pail_ini_section *section;

        HASH_FIND_STR(ini->sections, name, section);
        return section && section != ini->defaults;
}

bool pail_ini_has_key(const struct pail_ini *ini, const char *section, const char *key)
{
        return find_entry(ini, section, key);
}

const char *pail_ini_get(const struct pail_ini *ini, const char *section, const char *block, const char *key)
{
        const struct pail_ini_entry *entry = find_entry(ini, section, block ? block : key);
        struct pail_ini_entry *inner;

        if (!entry || !block)
                return entry ? entry->value : NULL;
        HASH_FIND_STR(entry->block, key, inner);
        return inner ? inner->value : NULL;
}

const char *pail_ini_block_key(const struct pail_ini *ini, const char *section, const char *block, size_t index)
{
        const struct pail_ini_entry *entry = find_entry(ini, section, block);
        const struct pail_ini_entry *inner = entry ? entry->block : NULL;

        while (inner && index-- > 0)
                inner = inner->hh.next;
        return inner ? inner->key : NULL;
}
