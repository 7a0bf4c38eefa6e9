/* SPDX-License-Identifier: Apache-2.0 */
/* The only function in which a host's name is put together: its length is checked here, its parts by the rules that chose them. */
#include "endpoint_rules.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "pail/util/buf.h"
#include "pail/util/str.h"
#include "partition.h"

enum { HOST_MAX = 253 };

int pail_endpoint_rules_refuse(struct pail_error *ret_error, const char *format, ...)
{
        char message[sizeof(ret_error->message)];
        va_list arguments;

        va_start(arguments, format);
        vsnprintf(message, sizeof(message), format, arguments);
        va_end(arguments);
        pail_error_set(ret_error, PAIL_ERROR_CONFIG, "%s", message);
        return -EINVAL;
}

int pail_endpoint_rules_set_host(struct pail_endpoint_rules *rules, const struct pail_endpoint_host *host,
                                 struct pail_error *ret_error)
{
        _cleanup_buf_ struct pail_buf name = PAIL_BUF_INIT(sizeof(rules->host) - 1);

        if (host->label)
                pail_buf_printf(&name, "%s.", host->label);
        if (rules->custom)
                pail_url_append_host(&name, rules->custom);
        else
                pail_buf_printf(&name, "%s%s%s%s.%s", host->service, host->is_dualstack ? ".dualstack" : "",
                                host->is_regionless ? "" : ".", host->is_regionless ? "" : host->region,
                                pail_partition_of(host->region)->dns_suffix);
        if (name.error == -ENOMEM)
                return pail_error_set_errno(ret_error, ENOMEM, "endpoint");
        if (name.error < 0 || name.length > HOST_MAX)
                return pail_endpoint_rules_refuse(ret_error, "the host name of the endpoint would be too long");
        pail_str_copy(rules->host, sizeof(rules->host), name.data);
        return 0;
}
