/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a shared file, and looking things up in it. Keys of [DEFAULT] are found in every section that has none of that name. */
#include "pail/aws/ini.h"

#include <errno.h>
#include <string.h>

#include "ini_parse.h"
#include "ini_table.h"
#include "pail/util/buf.h"
#include "pail/util/cleanup.h"
#include "pail/util/file.h"

void pail_ini_free(struct pail_ini *ini)
{
        if (!ini)
                return;
        pail_ini_table_done(ini);
        free(ini);
}

int pail_ini_parse(const char *file, const char *text, size_t length, struct pail_ini **ret_ini,
                   struct pail_error *ret_error)
{
        _cleanup_(pail_ini_free_p) struct pail_ini *ini = calloc(1, sizeof(*ini));
        int r = ini ? pail_ini_parse_into(ini, file, text, length, ret_error) : -ENOMEM;

        if (r == -ENOMEM)
                return pail_error_set_errno(ret_error, ENOMEM, "%s", file);
        if (r < 0)
                return r;
        *ret_ini = pail_steal(&ini);
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

static const struct pail_ini_entry *find_own_entry(const struct pail_ini_section *section, const char *key)
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
        entry = find_own_entry(section, key);
        return entry ? entry : find_own_entry(ini->defaults, key);
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
