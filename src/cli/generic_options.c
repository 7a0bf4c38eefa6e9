/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options that are not Pail's: those of every FUSE file system, handed to libfuse, and those that mount(8) and fstab(5)
 * write down for themselves. Order is kept, so that of "suid,nosuid" the last one wins, as with mount(8).
 */
#include "generic_options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pail/util/cleanup.h"
#include "pail/util/str.h"

enum kind {
        PASS,       /* a flag for libfuse */
        PASS_VALUE, /* name=value for libfuse */
        IGNORE,     /* with or without a value */
        READ_WRITE,
        NONEMPTY,
        DEBUG,
        ALLOW_ROOT,
        REMOUNT,
};

static const struct {
        const char *name;
        enum kind kind;
} generic_table[] = {
        { "allow_root", ALLOW_ROOT },
        { "auto_unmount", PASS },
        { "default_permissions", IGNORE }, /* always on */
        { "nonempty", NONEMPTY },
        { "debug", DEBUG },
        { "fsname", PASS_VALUE },
        { "subtype", PASS_VALUE },
        { "max_read", PASS_VALUE },
        { "context", PASS_VALUE },
        { "fscontext", PASS_VALUE },
        { "defcontext", PASS_VALUE },
        { "rootcontext", PASS_VALUE },
        /* Flags of the mount. */
        { "rw", READ_WRITE },
        { "suid", PASS },
        { "nosuid", PASS },
        { "dev", PASS },
        { "nodev", PASS },
        { "exec", PASS },
        { "noexec", PASS },
        { "async", PASS },
        { "sync", PASS },
        { "dirsync", PASS },
        { "atime", PASS },
        { "noatime", PASS },
        /* Flags without a meaning here, since access times are kept as "noatime" has them. */
        { "diratime", IGNORE },
        { "nodiratime", IGNORE },
        { "relatime", IGNORE },
        { "norelatime", IGNORE },
        { "strictatime", IGNORE },
        { "nostrictatime", IGNORE },
        { "lazytime", IGNORE },
        { "nolazytime", IGNORE },
        { "iversion", IGNORE },
        { "noiversion", IGNORE },
        { "mand", IGNORE },
        { "nomand", IGNORE },
        { "silent", IGNORE },
        { "loud", IGNORE },
        { "symfollow", IGNORE },
        /* mount(8)'s and fstab's own. */
        { "defaults", IGNORE },
        { "auto", IGNORE },
        { "noauto", IGNORE },
        { "fail", IGNORE },
        { "nofail", IGNORE },
        { "user", IGNORE },
        { "nouser", IGNORE },
        { "users", IGNORE },
        { "nousers", IGNORE },
        { "owner", IGNORE },
        { "noowner", IGNORE },
        { "group", IGNORE },
        { "nogroup", IGNORE },
        { "comment", IGNORE },
        { "_netdev", IGNORE },
        { "_rnetdev", IGNORE },
        { "uhelper", IGNORE },
        { "helper", IGNORE },
        { "remount", REMOUNT },
};

const char *pail_generic_option_name(size_t index)
{
        return index < sizeof(generic_table) / sizeof(generic_table[0]) ? generic_table[index].name : NULL;
}

static int refuse_option(struct pail_error *ret_error, const char *name, const char *reason)
{
        pail_error_set(ret_error, PAIL_ERROR_CONFIG, "option %s %s", name, reason);
        return -EINVAL;
}

int pail_generic_option_add(struct pail_options *options, const char *text)
{
        char **longer = reallocarray(options->fuse_options, options->fuse_option_count + 2, sizeof(*longer));
        if (!longer)
                return -ENOMEM;
        options->fuse_options = longer;
        longer[options->fuse_option_count] = NULL;
        int r = pail_str_dup(text, &longer[options->fuse_option_count]);
        if (r == 0)
                longer[++options->fuse_option_count] = NULL;
        return r;
}

static int add_with_value(struct pail_options *options, const char *name, const char *value)
{
        _cleanup_free_ char *text = NULL;
        int r = pail_str_printf(&text, "%s=%s", name, value);
        return r < 0 ? r : pail_generic_option_add(options, text);
}

static int apply_option(struct pail_options *options, enum kind kind, const char *name, const char *value,
                        struct pail_error *ret_error)
{
        uint64_t number;
        if (kind != IGNORE && kind != PASS_VALUE && value)
                return refuse_option(ret_error, name, "takes no value");
        switch (kind) {
        case PASS:
                return pail_generic_option_add(options, name);
        case PASS_VALUE:
                if (pail_str_is_empty(value))
                        return refuse_option(ret_error, name, "needs a value");
                if (pail_str_equal(name, "max_read") &&
                    (pail_str_to_u64(value, &number) < 0 || number < 4096 || number > UINT32_MAX))
                        return refuse_option(ret_error, name, "expects a number of bytes, at least 4096");
                return add_with_value(options, name, value);
        case READ_WRITE:
                options->read_only = false;
                return 0;
        case NONEMPTY:
                options->nonempty = true;
                return 0;
        case DEBUG:
                options->debug = true;
                options->foreground = true;
                return 0;
        case ALLOW_ROOT:
                options->allow_root = true;
                options->allow_other = false;
                return 0;
        case REMOUNT:
                return refuse_option(ret_error, name, "is not supported: unmount and mount again");
        case IGNORE:
                break;
        }
        return 0;
}

int pail_generic_option_set(struct pail_options *options, const char *name, const char *value,
                            struct pail_error *ret_error)
{
        /* For other programs that read fstab: systemd, udisks, gvfs. */
        if (pail_str_starts_with(name, "x-") || pail_str_starts_with(name, "X-"))
                return 1;
        for (size_t i = 0; i < sizeof(generic_table) / sizeof(generic_table[0]); i++) {
                if (!pail_str_equal(generic_table[i].name, name))
                        continue;
                int r = apply_option(options, generic_table[i].kind, name, value, ret_error);
                if (r == -ENOMEM)
                        pail_error_set_errno(ret_error, ENOMEM, "option %s", name);
                return r < 0 ? r : 1;
        }
        return 0;
}
