/* SPDX-License-Identifier: Apache-2.0 */
/* Both new texts are made before a file is touched, so that what is wrong with one leaves the other as it is, too. */
#include "configure_write.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pail/aws/ini.h"
#include "pail/aws/ini_edit.h"
#include "pail/aws/profile.h"
#include "pail/util/buf.h"
#include "pail/util/cleanup.h"
#include "pail/util/file.h"
#include "pail/util/str.h"

/* One of the two files. */
struct change {
        const char *path;
        char *section;
        struct pail_buf text;
        bool is_changed;
        mode_t deny;
};

static void change_done(struct change *change)
{
        pail_buf_done(&change->text);
        free(change->section);
}

static int read_text(struct change *change, struct pail_error *ret_error)
{
        pail_buf_init_secret(&change->text, PAIL_INI_MAX_BYTES);
        int r = pail_file_read(change->path, &change->text);
        if (r < 0 && r != -ENOENT) {
                pail_error_set(ret_error, PAIL_ERROR_CONFIG, "%s cannot be read: %s", change->path, strerror(-r));
                return r;
        }
        return 0;
}

/* The section of a profile in the configuration file: as it is there, or as botocore would write it. */
static int name_config_section(const struct pail_configure *configure, char **ret_section, struct pail_error *ret_error)
{
        _cleanup_(pail_profiles_free_p) struct pail_profiles *profiles = NULL;
        const char *name = configure->profile;
        int r = pail_profiles_load(configure->config_file, false, NULL, false, &profiles, ret_error);
        if (r < 0)
                return r;
        const char *found = pail_profiles_config_section(profiles, name);
        if (found || pail_str_equal(name, "default"))
                r = pail_str_dup(found ? found : name, ret_section);
        else
                r = pail_str_printf(ret_section, strchr(name, ' ') ? "profile '%s'" : "profile %s", name);
        return r < 0 ? pail_error_set_errno(ret_error, -r, "configure") : 0;
}

/* Keys that are new have no use for the session token of older ones. */
static bool drops_token(const struct pail_configure *configure)
{
        return (configure->values[PAIL_SETTING_KEY_ID] || configure->values[PAIL_SETTING_SECRET]) &&
               !configure->values[PAIL_SETTING_TOKEN];
}

static int edit_text(const struct pail_configure *configure, bool in_credentials, struct change *change,
                     struct pail_error *ret_error)
{
        int r = 0;
        for (size_t i = 0; r == 0 && i < PAIL_SETTINGS_COUNT; i++) {
                const struct pail_setting *setting = &pail_settings_table[i];
                bool is_dropped = i == PAIL_SETTING_TOKEN && drops_token(configure);
                if (setting->in_credentials != in_credentials || (!configure->values[i] && !is_dropped))
                        continue;
                r = pail_ini_edit_set(change->path, &change->text, change->section, setting->key, configure->values[i],
                                      ret_error);
                change->is_changed = true;
        }
        return r;
}

static int make_directory(const char *path)
{
        const char *slash = strrchr(path, '/');
        _cleanup_free_ char *directory = strndup(path, slash ? (size_t)(slash - path) : 0);
        if (!directory)
                return -ENOMEM;
        return *directory ? pail_file_mkdirs(directory, 0700) : 0;
}

static int write_change(struct change *change, struct pail_error *ret_error)
{
        if (!change->is_changed)
                return 0;
        int r = make_directory(change->path);
        if (r == 0)
                r = pail_file_update(change->path, change->text.data, change->text.length, change->deny);
        if (r < 0)
                pail_error_set(ret_error, PAIL_ERROR_CONFIG, "%s cannot be written: %s", change->path,
                               r == -ENOLINK ? "it is a symbolic link to nothing" : strerror(-r));
        return r;
}

int pail_configure_write(const struct pail_configure *configure, bool *ret_wrote_credentials, bool *ret_wrote_config,
                         struct pail_error *ret_error)
{
        /* Whoever made the credentials file readable for a group may have meant it; for everybody, hardly. */
        _cleanup_(change_done) struct change credentials = { .path = configure->credentials_file, .deny = 0007 };
        _cleanup_(change_done) struct change config = { .path = configure->config_file };
        int r = read_text(&credentials, ret_error);
        if (r == 0)
                r = read_text(&config, ret_error);
        if (r == 0)
                r = name_config_section(configure, &config.section, ret_error);
        if (r == 0 && pail_str_dup(configure->profile, &credentials.section) < 0)
                r = pail_error_set_errno(ret_error, ENOMEM, "configure");
        if (r == 0)
                r = edit_text(configure, true, &credentials, ret_error);
        if (r == 0)
                r = edit_text(configure, false, &config, ret_error);
        if (r == 0)
                r = write_change(&credentials, ret_error);
        if (r == 0)
                r = write_change(&config, ret_error);
        if (r < 0)
                return r;
        *ret_wrote_credentials = credentials.is_changed;
        *ret_wrote_config = config.is_changed;
        return 0;
}
