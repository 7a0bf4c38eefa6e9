/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two shared files seen as profiles. Both parsed files are kept as they are; on top stands, for each kind of named section, one
 * hash table from the name to its section in the config file and in the credentials file. A look-up asks the credentials file
 * first: a key there, with a value or a block, hides the same key of the config file.
 *
 * Section names as botocore reads them: in the credentials file the bare name is the profile; in the config file "default", or a
 * name that begins with the kind and splits, as in a shell, into two words ([profile "my work"], [services local]). Where two sections
 * name the same profile ([default] and [profile default]), the later one stands. Sections that name nothing are ignored.
 */
#include "pail/aws/profile.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define HASH_NONFATAL_OOM 1 /* a failed add leaves hh.tbl NULL */
#include <uthash.h>

#include "environment.h"
#include "pail/aws/ini.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"
#include "shellwords.h"

/* The kinds of named sections; the first that a section's name begins with decides. */
enum kind { KIND_PROFILE, KIND_SSO_SESSION, KIND_SERVICES, KIND_COUNT };
static const char *const kind_names[KIND_COUNT] = { "profile", "sso-session", "services" };

struct named {
        char *name;
        const char *config_section;      /* borrowed from the config file; NULL: not there */
        const char *credentials_section; /* borrowed from the credentials file; NULL: not there */
        UT_hash_handle hh;
};

struct pail_profiles {
        struct pail_ini *config;      /* NULL: no such file */
        struct pail_ini *credentials; /* NULL: no such file */
        struct named *index[KIND_COUNT];
        const char **names; /* of the profiles, sorted, then NULL */
};

static void index_free(struct named *index)
{
        struct named *named, *next;

        HASH_ITER(hh, index, named, next) {
                HASH_DEL(index, named);
                free(named->name);
                free(named);
        }
}

void pail_profiles_free(struct pail_profiles *profiles)
{
        if (!profiles)
                return;
        for (size_t i = 0; i < KIND_COUNT; i++)
                index_free(profiles->index[i]);
        free(profiles->names);
        pail_ini_free(profiles->config);
        pail_ini_free(profiles->credentials);
        free(profiles);
}

static const struct named *find_named(const struct pail_profiles *profiles, enum kind kind, const char *name)
{
        struct named *named;

        HASH_FIND_STR(profiles->index[kind], name, named);
        return named;
}

static int find_or_add_named(struct pail_profiles *profiles, enum kind kind, const char *name, struct named **ret_named)
{
        struct named *named;

        HASH_FIND_STR(profiles->index[kind], name, named);
        if (!named) {
                named = calloc(1, sizeof(*named));
                if (!named)
                        return -ENOMEM;
                if (pail_str_dup(name, &named->name) == 0)
                        HASH_ADD_KEYPTR(hh, profiles->index[kind], named->name, strlen(named->name), named);
                if (!named->hh.tbl) {
                        free(named->name);
                        free(named);
                        return -ENOMEM;
                }
        }
        *ret_named = named;
        return 0;
}

static enum kind kind_of(const char *section)
{
        enum kind kind = KIND_PROFILE;

        while (kind < KIND_COUNT && !pail_str_starts_with(section, kind_names[kind]))
                kind++;
        return kind;
}

static int index_config_section(struct pail_profiles *profiles, const char *section)
{
        enum kind kind = kind_of(section);
        _cleanup_free_ char *words = NULL;
        const char *name = section;
        struct named *named;
        size_t count;
        int r;

        if (kind < KIND_COUNT) {
                r = pail_shellwords_split(section, &words, &count);
                if (r == -EINVAL || (r == 0 && count != 2))
                        return 0;
                if (r < 0)
                        return r;
                name = words + strlen(words) + 1;
        } else if (pail_str_equal(section, "default")) {
                kind = KIND_PROFILE;
        } else {
                return 0;
        }
        r = find_or_add_named(profiles, kind, name, &named);
        if (r == 0)
                named->config_section = section;
        return r;
}

const char *pail_profiles_config_section(const struct pail_profiles *profiles, const char *profile)
{
        const struct named *named = find_named(profiles, KIND_PROFILE, profile);

        return named ? named->config_section : NULL;
}

static int index_credentials_section(struct pail_profiles *profiles, const char *section)
{
        struct named *named;
        int r = find_or_add_named(profiles, KIND_PROFILE, section, &named);

        if (r == 0)
                named->credentials_section = section;
        return r;
}

static int index_file(struct pail_profiles *profiles, const struct pail_ini *ini,
                      int (*index_section)(struct pail_profiles *profiles, const char *section))
{
        int r = 0;

        for (size_t i = 0; ini && r == 0 && i < pail_ini_section_count(ini); i++)
                r = index_section(profiles, pail_ini_section_name(ini, i));
        return r;
}

static int compare_names(const void *a, const void *b)
{
        return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int list_names(struct pail_profiles *profiles)
{
        size_t count = 0;

        profiles->names = calloc(HASH_COUNT(profiles->index[KIND_PROFILE]) + 1, sizeof(*profiles->names));
        if (!profiles->names)
                return -ENOMEM;
        for (struct named *named = profiles->index[KIND_PROFILE]; named; named = named->hh.next)
                profiles->names[count++] = named->name;
        qsort(profiles->names, count, sizeof(*profiles->names), compare_names);
        return 0;
}

/* A file that is not there is none, unless the user named it. */
static int load_file(const char *file, bool required, struct pail_ini **ret_ini, struct pail_error *ret_error)
{
        struct pail_error error = PAIL_ERROR_INIT;
        int r = file ? pail_ini_load(file, ret_ini, &error) : 0;

        if (r == -ENOENT && !required)
                return 0;
        if (r < 0 && ret_error)
                *ret_error = error;
        return r;
}

int pail_profiles_load(const char *config_file, bool config_required, const char *credentials_file,
                       bool credentials_required, struct pail_profiles **ret_profiles, struct pail_error *ret_error)
{
        _cleanup_(pail_profiles_free_p) struct pail_profiles *profiles = calloc(1, sizeof(*profiles));
        int r;

        if (!profiles)
                return pail_error_set_errno(ret_error, ENOMEM, "profiles");
        r = load_file(config_file, config_required, &profiles->config, ret_error);
        if (r < 0)
                return r;
        r = load_file(credentials_file, credentials_required, &profiles->credentials, ret_error);
        if (r < 0)
                return r;
        r = index_file(profiles, profiles->config, index_config_section);
        if (r == 0)
                r = index_file(profiles, profiles->credentials, index_credentials_section);
        if (r == 0)
                r = list_names(profiles);
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "profiles");
        *ret_profiles = pail_steal(&profiles);
        return 0;
}

int pail_profiles_expand_file_name(const char *name, char **ret_path)
{
        return pail_environment_expand_path(environ, name, ret_path);
}

bool pail_profiles_has(const struct pail_profiles *profiles, const char *profile)
{
        return find_named(profiles, KIND_PROFILE, profile);
}

/* "profile NAME", in any case and with any quotes. */
static bool is_prefixed_name(const char *section, const char *profile)
{
        const char *name = section + strlen("profile");

        if (strncasecmp(section, "profile", strlen("profile")) != 0 || (*name != ' ' && *name != '\t'))
                return false;
        name += strspn(name, " \t'\"");
        size_t length = strlen(profile);
        return strncmp(name, profile, length) == 0 && name[length + strspn(name + length, " \t'\"")] == '\0';
}

static const char *find_misnamed(const struct pail_ini *ini, const char *profile, bool in_config)
{
        for (size_t i = 0; ini && i < pail_ini_section_count(ini); i++) {
                const char *section = pail_ini_section_name(ini, i);
                if (is_prefixed_name(section, profile)
                            ? !in_config || kind_of(section) != KIND_PROFILE
                            : in_config && pail_str_equal(section, profile) && !pail_str_equal(section, "default"))
                        return section;
        }
        return NULL;
}

const char *pail_profiles_misnamed_section(const struct pail_profiles *profiles, const char *profile,
                                           bool *ret_in_config)
{
        const char *section = find_misnamed(profiles->config, profile, true);

        *ret_in_config = section;
        return section ? section : find_misnamed(profiles->credentials, profile, false);
}

const char *const *pail_profiles_names(const struct pail_profiles *profiles)
{
        return profiles->names;
}

static bool is_in_credentials(const struct pail_profiles *profiles, const struct named *named, const char *key)
{
        return named && named->credentials_section &&
               pail_ini_has_key(profiles->credentials, named->credentials_section, key);
}

bool pail_profiles_is_in_credentials(const struct pail_profiles *profiles, const char *profile, const char *key)
{
        return is_in_credentials(profiles, find_named(profiles, KIND_PROFILE, profile), key);
}

const char *pail_profiles_get(const struct pail_profiles *profiles, const char *profile, const char *block,
                              const char *key)
{
        const struct named *named = find_named(profiles, KIND_PROFILE, profile);

        if (is_in_credentials(profiles, named, block ? block : key))
                return pail_ini_get(profiles->credentials, named->credentials_section, block, key);
        return named && named->config_section ? pail_ini_get(profiles->config, named->config_section, block, key)
                                              : NULL;
}

const char *pail_profiles_block_key(const struct pail_profiles *profiles, const char *profile, const char *block,
                                    size_t index)
{
        const struct named *named = find_named(profiles, KIND_PROFILE, profile);

        if (is_in_credentials(profiles, named, block))
                return pail_ini_block_key(profiles->credentials, named->credentials_section, block, index);
        return named && named->config_section
                       ? pail_ini_block_key(profiles->config, named->config_section, block, index)
                       : NULL;
}

const char *pail_profiles_get_credential(const struct pail_profiles *profiles, const char *profile, const char *key)
{
        const struct named *named = find_named(profiles, KIND_PROFILE, profile);

        if (!named || !named->credentials_section)
                return NULL;
        return pail_ini_get(profiles->credentials, named->credentials_section, NULL, key);
}

const char *pail_profiles_get_config(const struct pail_profiles *profiles, const char *profile, const char *key)
{
        const struct named *named = find_named(profiles, KIND_PROFILE, profile);

        return named && named->config_section ? pail_ini_get(profiles->config, named->config_section, NULL, key) : NULL;
}

static const struct named *find_section(const struct pail_profiles *profiles, const char *kind, const char *name)
{
        for (enum kind k = KIND_PROFILE; k < KIND_COUNT; k++)
                if (pail_str_equal(kind, kind_names[k]))
                        return find_named(profiles, k, name);
        return NULL;
}

bool pail_profiles_has_section(const struct pail_profiles *profiles, const char *kind, const char *name)
{
        const struct named *named = find_section(profiles, kind, name);

        return named && named->config_section;
}

const char *pail_profiles_get_section(const struct pail_profiles *profiles, const char *kind, const char *name,
                                      const char *block, const char *key)
{
        const struct named *named = find_section(profiles, kind, name);

        return named && named->config_section ? pail_ini_get(profiles->config, named->config_section, block, key)
                                              : NULL;
}

const char *pail_profiles_section_block_key(const struct pail_profiles *profiles, const char *kind, const char *name,
                                            const char *block, size_t index)
{
        const struct named *named = find_section(profiles, kind, name);

        return named && named->config_section
                       ? pail_ini_block_key(profiles->config, named->config_section, block, index)
                       : NULL;
}
