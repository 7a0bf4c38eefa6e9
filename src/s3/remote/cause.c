/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From S3's errors to those of the remote. Everything above decides on the cause, never on a status or a code: this is the one place that
 * knows both.
 */
#include "cause.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pail/s3/error.h"
#include "pail/util/str.h"

/* Without a code it is the answer to a HEAD. */
static bool is_of_policy(const struct pail_error *error)
{
        return error->http_status == 403 && (!error->code[0] || pail_str_equal(error->code, "AccessDenied"));
}

static enum pail_remote_cause cause_of_service(const struct pail_error *error)
{
        switch (-pail_s3_errno(error)) {
        case ENOENT:
                return PAIL_REMOTE_ABSENT;
        case ESTALE:
        case EEXIST:
        case ERANGE: /* the object ends before the range: it is another one than the caller thinks */
                return PAIL_REMOTE_REPLACED;
        case EACCES:
        case EPERM:
                return is_of_policy(error) ? PAIL_REMOTE_REFUSED : PAIL_REMOTE_UNAUTHENTICATED;
        case EAGAIN:
        case EBUSY:
                return PAIL_REMOTE_CONFLICT;
        case EOPNOTSUPP:
                return PAIL_REMOTE_UNSUPPORTED;
        default:
                return error->http_status == 503 || error->http_status == 429 ? PAIL_REMOTE_THROTTLED
                                                                              : PAIL_REMOTE_UNKNOWN;
        }
}

static enum pail_remote_cause cause_of(const struct pail_error *error)
{
        switch (error->class) {
        case PAIL_ERROR_SERVICE:
                return cause_of_service(error);
        case PAIL_ERROR_CREDENTIALS:
                return PAIL_REMOTE_UNAUTHENTICATED;
        case PAIL_ERROR_NONE:
        case PAIL_ERROR_CONFIG:
        case PAIL_ERROR_CANCELLED:
        case PAIL_ERROR_SYSTEM:
                return PAIL_REMOTE_LOCAL;
        default:
                return PAIL_REMOTE_UNKNOWN;
        }
}

/* As much of it as fits. */
static void describe_error(const struct pail_error *error, char ret_message[static PAIL_REMOTE_MESSAGE_SIZE])
{
        int length = snprintf(ret_message, PAIL_REMOTE_MESSAGE_SIZE, "%s%s%s", error->message, *error->code ? " " : "",
                              error->code);

        if (length < 0)
                ret_message[0] = 0;
}

int pail_s3_remote_end(int r, const struct pail_error *error, struct pail_remote_error *ret_error)
{
        if (r >= 0 || !ret_error)
                return r;
        ret_error->cause = cause_of(error);
        if (error->class == PAIL_ERROR_NONE)
                pail_str_copy(ret_error->message, sizeof(ret_error->message), strerrordesc_np(-r));
        else
                describe_error(error, ret_error->message);
        return r;
}

int pail_s3_remote_result(const struct pail_error *error, struct pail_remote_error *ret_error)
{
        int r = error ? pail_s3_errno(error) : 0;

        if (error && r == 0)
                r = -EIO;
        return error ? pail_s3_remote_end(r, error, ret_error) : 0;
}
