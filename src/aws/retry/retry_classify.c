/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The codes are those of the SDKs' "standard" retry mode, and of servers that speak S3 without being AWS's (SlowDownRead and
 * SlowDownWrite of MinIO, status 429). An answer of 200 with an error inside counts as a 500, as AWS documents for CopyObject and
 * CompleteMultipartUpload. Answers to HEAD have no body and thus no code: their status and headers have to do.
 */
#include <string.h>

#include "pail/util/str.h"
#include "retry_classify.h"

/* S3 refuses what is more than 15 minutes off; a minute is left for the way and for the Date's age. */
enum { SKEW_MIN_S = 14 * 60 };

/* A body that is damaged twice is damaged before it is sent. */
enum { DAMAGED_ATTEMPTS = 2, CONFLICT_ATTEMPTS = 5 };

static const struct {
        const char *code;
        enum pail_retry_kind kind;
} codes[] = {
        { "BandwidthLimitExceeded", PAIL_RETRY_KIND_THROTTLE },
        { "EC2ThrottledException", PAIL_RETRY_KIND_THROTTLE },
        { "LimitExceededException", PAIL_RETRY_KIND_THROTTLE },
        { "ProvisionedThroughputExceededException", PAIL_RETRY_KIND_THROTTLE },
        { "RequestLimitExceeded", PAIL_RETRY_KIND_THROTTLE },
        { "RequestThrottled", PAIL_RETRY_KIND_THROTTLE },
        { "RequestThrottledException", PAIL_RETRY_KIND_THROTTLE },
        { "SlowDown", PAIL_RETRY_KIND_THROTTLE },
        { "SlowDownRead", PAIL_RETRY_KIND_THROTTLE },
        { "SlowDownWrite", PAIL_RETRY_KIND_THROTTLE },
        { "ThrottledException", PAIL_RETRY_KIND_THROTTLE },
        { "Throttling", PAIL_RETRY_KIND_THROTTLE },
        { "ThrottlingException", PAIL_RETRY_KIND_THROTTLE },
        { "TooManyRequestsException", PAIL_RETRY_KIND_THROTTLE },
        { "TransactionInProgressException", PAIL_RETRY_KIND_THROTTLE },
        { "IDPCommunicationError", PAIL_RETRY_KIND_TRANSIENT }, /* of STS */
        { "IncompleteBody", PAIL_RETRY_KIND_TRANSIENT },
        { "InternalError", PAIL_RETRY_KIND_TRANSIENT },
        { "PriorRequestNotComplete", PAIL_RETRY_KIND_TRANSIENT },
        { "RequestTimeout", PAIL_RETRY_KIND_TRANSIENT },
        { "RequestTimeoutException", PAIL_RETRY_KIND_TRANSIENT },
        { "ServiceUnavailable", PAIL_RETRY_KIND_TRANSIENT },
        { "ConditionalRequestConflict", PAIL_RETRY_KIND_CONFLICT },
        { "OperationAborted", PAIL_RETRY_KIND_CONFLICT },
        { "BadDigest", PAIL_RETRY_KIND_DAMAGED },
        { "XAmzContentChecksumMismatch", PAIL_RETRY_KIND_DAMAGED }, /* MinIO's BadDigest */
        { "XAmzContentSHA256Mismatch", PAIL_RETRY_KIND_DAMAGED },
        { "RequestTimeTooSkewed", PAIL_RETRY_KIND_CLOCK },
        { "IllegalLocationConstraintException", PAIL_RETRY_KIND_REGION },
        { "PermanentRedirect", PAIL_RETRY_KIND_REGION },
        { "Redirect", PAIL_RETRY_KIND_REGION },
        { "TemporaryRedirect", PAIL_RETRY_KIND_REGION },
};

unsigned pail_retry_kind_attempts(enum pail_retry_kind kind)
{
        if (kind == PAIL_RETRY_KIND_DAMAGED)
                return DAMAGED_ATTEMPTS;
        return kind == PAIL_RETRY_KIND_CONFLICT ? CONFLICT_ATTEMPTS : 0;
}

static enum pail_retry_kind kind_of_code(const char *code)
{
        for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
                if (strcmp(code, codes[i].code) == 0)
                        return codes[i].kind;
        return PAIL_RETRY_KIND_FINAL;
}

/* Signatures are also refused, in other words or with no word at all, because of the time in them. */
static bool is_skewed(const struct pail_error *error)
{
        static const char *const suspects[] = { "",
                                                "AccessDenied",
                                                "RequestExpired",
                                                "RequestInTheFuture",
                                                "InvalidSignatureException",
                                                "SignatureDoesNotMatch",
                                                "AuthFailure" };
        bool suspect = false;

        if (error->http_status != 403 && error->http_status != 400)
                return false;
        for (size_t i = 0; i < sizeof(suspects) / sizeof(suspects[0]); i++)
                suspect |= strcmp(error->code, suspects[i]) == 0;
        return suspect && (error->clock_offset_s >= SKEW_MIN_S || error->clock_offset_s <= -SKEW_MIN_S);
}

static bool is_elsewhere(const struct pail_error *error)
{
        switch (error->http_status) {
        case 301:
        case 302:
        case 307:
        case 308:
                return true;
        case 400:
                /* Signed for the wrong region; to HEAD it is said by the header alone. */
                return error->region[0] &&
                       (!error->code[0] || strcmp(error->code, "AuthorizationHeaderMalformed") == 0);
        default:
                return false;
        }
}

static enum pail_retry_kind kind_of_status(int status)
{
        switch (status) {
        case 429:
                return PAIL_RETRY_KIND_THROTTLE;
        case 200: /* an error in the body of a success */
        case 500:
        case 502:
        case 503:
        case 504:
                return PAIL_RETRY_KIND_TRANSIENT;
        default:
                return PAIL_RETRY_KIND_FINAL;
        }
}

static enum pail_retry_kind classify_answer(const struct pail_error *error)
{
        enum pail_retry_kind kind = kind_of_code(error->code);

        if (kind != PAIL_RETRY_KIND_FINAL)
                return kind;
        if (is_elsewhere(error))
                return PAIL_RETRY_KIND_REGION;
        if (is_skewed(error))
                return PAIL_RETRY_KIND_CLOCK;
        /* To HEAD not even the header says it, with some servers: what else would be wrong with a request that GET takes? */
        if (error->http_status == 400 && !error->code[0])
                return PAIL_RETRY_KIND_REGION;
        return kind_of_status(error->http_status);
}

enum pail_retry_kind pail_retry_classify(const struct pail_error *error)
{
        switch (error->class) {
        case PAIL_ERROR_RESOLVE:
        case PAIL_ERROR_CONNECT:
        case PAIL_ERROR_TIMEOUT:
        case PAIL_ERROR_TRANSFER:
                return PAIL_RETRY_KIND_TRANSIENT;
        case PAIL_ERROR_SERVICE:
                return classify_answer(error);
        case PAIL_ERROR_PROTOCOL:
                /* A gateway in front of the service that says in HTML that it is overloaded is a 503 all the same; a 200 in HTML is no S3. */
                return error->http_status == 200 ? PAIL_RETRY_KIND_FINAL : kind_of_status(error->http_status);
        default:
                return PAIL_RETRY_KIND_FINAL;
        }
}
