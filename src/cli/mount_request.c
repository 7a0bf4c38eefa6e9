/* SPDX-License-Identifier: Apache-2.0 */
#include "mount_request.h"

#include <errno.h>

#include "generic_options.h"
#include "option_check.h"
#include "source.h"

/* Flags of ours that the kernel must know as well. */
static int add_mount_flags(struct pail_options *options, struct pail_error *ret_error)
{
        int r = pail_generic_option_add(options, options->read_only ? "ro" : "rw");
        if (r == 0 && options->allow_other)
                r = pail_generic_option_add(options, "allow_other");
        if (r == 0 && options->allow_root)
                r = pail_generic_option_add(options, "allow_root");
        return r < 0 ? pail_error_set_errno(ret_error, -r, "options") : 0;
}

int pail_mount_request_check(struct pail_options *options, const char *source, struct pail_source_name *ret_source,
                             struct pail_error *ret_error)
{
        struct pail_source_name name = { 0 };
        int r = pail_option_check(options, ret_error);
        if (r == 0)
                r = pail_source_parse(source, &name, ret_error);
        if (r < 0)
                return r;
        r = pail_option_check_source(options, &name, ret_error);
        if (r == 0)
                r = add_mount_flags(options, ret_error);
        if (r == 0)
                *ret_source = name;
        else
                pail_source_name_done(&name);
        return r;
}
