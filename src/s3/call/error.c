/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one table of what S3 says, in its own codes, and what a program is told, in errno. Codes are those of "Error
 * responses" in the Amazon S3 API reference, and those that Ceph and MinIO add. EIO is left for what nobody knows: a
 * program that sees it should think of a broken disk, not of a missing permission.
 */
#include "error.h"

#include <errno.h>

#include "pail/util/str.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct pail_s3_code codes[] = {
        { "AccessControlListNotSupported", 400, EOPNOTSUPP, "the bucket has no ACLs" },
        { "AccessDenied", 403, EACCES, "access denied" },
        { "AccountProblem", 403, EACCES, "there is a problem with the account" },
        { "AllAccessDisabled", 403, EACCES, "all access to this is disabled" },
        { "AuthorizationHeaderMalformed", 400, EACCES, "the signature is for another region or malformed" },
        { "BadDigest", 400, EAGAIN, "the bytes arrived damaged" },
        { "BucketAlreadyExists", 409, EEXIST, "somebody has a bucket of this name" },
        { "BucketAlreadyOwnedByYou", 409, EEXIST, "there is a bucket of this name" },
        { "BucketNotEmpty", 409, ENOTEMPTY, "the bucket is not empty" },
        { "ConditionalRequestConflict", 409, EAGAIN, "another request changed the object at the same time" },
        { "DirectoryObjectContainsData", 400, EOPNOTSUPP, "the server has directories, and takes no copy of one" },
        { "EntityTooLarge", 400, EFBIG, "the object is larger than the server takes" },
        { "EntityTooSmall", 400, EINVAL, "a part is smaller than the server takes" },
        { "ExpiredToken", 400, EACCES, "the session token has expired" },
        { "ExpiredTokenException", 400, EACCES, "the session token has expired" },
        { "GlacierExpeditedRetrievalNotAvailable", 503, EAGAIN,
          "the server has no expedited restore at the moment: another tier, or later" },
        { "IllegalLocationConstraintException", 400, EINVAL, "the bucket is in another region" },
        { "InsufficientStorage", 507, ENOSPC, "the server has no space left" },
        { "InternalError", 500, ETIMEDOUT, "the server failed" },
        { "InvalidAccessKeyId", 403, EACCES, "the server does not know this access key" },
        { "InvalidArgument", 400, EINVAL, NULL },
        { "InvalidBucketName", 400, EINVAL, "the server does not take this bucket name" },
        { "InvalidBucketState", 409, EBUSY, NULL },
        { "InvalidDigest", 400, EINVAL, NULL },
        { "InvalidObjectName", 400, EINVAL, "the server does not take this key" },
        { "InvalidObjectState", 403, EACCES, "the object is archived and must be restored before it can be read" },
        { "InvalidPart", 400, EINVAL, "a part of the multipart upload is missing or was replaced" },
        { "InvalidPartOrder", 400, EINVAL, "the parts of the multipart upload are not in order" },
        { "InvalidRange", 416, ERANGE, "the object ends before the range asked for" },
        { "InvalidRequest", 400, EINVAL, NULL },
        { "InvalidSecurity", 403, EACCES, "the credentials are not valid" },
        { "InvalidStorageClass", 400, EINVAL, "the server does not know this storage class" },
        { "InvalidTag", 400, EINVAL, "the server does not take these tags" },
        { "InvalidToken", 400, EACCES, "the session token is not valid" },
        { "InvalidTokenId", 403, EACCES, "the session token is not valid" },
        { "KeyTooLong", 400, ENAMETOOLONG, "the key is longer than 1024 bytes" },
        { "KeyTooLongError", 400, ENAMETOOLONG, "the key is longer than 1024 bytes" },
        { "MalformedXML", 400, EINVAL, NULL },
        { "MaxMessageLengthExceeded", 400, EFBIG, NULL },
        { "MetadataTooLarge", 400, E2BIG, "the object's metadata exceeds 2 KiB" },
        { "MethodNotAllowed", 405, EPERM, "the server does not allow this" },
        { "NoSuchBucket", 404, ENOENT, "there is no such bucket" },
        { "NoSuchKey", 404, ENOENT, "there is no such object" },
        { "NoSuchObjectLockConfiguration", 404, ENOENT, "there is no retention or legal hold" },
        { "NoSuchTagSet", 404, ENOENT, "there are no tags" },
        { "NoSuchUpload", 404, ENOENT, "there is no such multipart upload" },
        { "NoSuchVersion", 404, ENOENT, "there is no such version" },
        { "NotImplemented", 501, EOPNOTSUPP, "the server does not implement this" },
        { "NotModified", 304, ESTALE, NULL },
        { "NotSignedUp", 403, EACCES, NULL },
        { "ObjectAlreadyInActiveTierError", 403, EACCES, "the object is not archived" },
        { "ObjectLockConfigurationNotFoundError", 404, EOPNOTSUPP, "the bucket has no Object Lock" },
        { "OperationAborted", 409, EAGAIN, "another operation on this is under way" },
        { "PermanentRedirect", 301, EINVAL, "the bucket is at another endpoint" },
        { "PreconditionFailed", 412, ESTALE, "the object is not the version expected" },
        { "QuotaExceeded", 403, EDQUOT, "the quota of the user or bucket is used up" },
        { "RequestHeaderSectionTooLarge", 400, E2BIG, "the object's metadata is larger than the server takes" },
        { "RequestTimeTooSkewed", 403, EACCES, "the clock of this machine differs too much from the server's" },
        { "RequestTimeout", 400, ETIMEDOUT, "the server waited too long for the request" },
        { "RestoreAlreadyInProgress", 409, EBUSY, "the object is being restored" },
        { "ServiceUnavailable", 503, ETIMEDOUT, "the server is not available" },
        { "SignatureDoesNotMatch", 403, EACCES, "the secret access key is wrong" },
        { "SlowDown", 503, ETIMEDOUT, "the server is too busy" },
        { "TemporaryRedirect", 307, EAGAIN, "the bucket is moving" },
        { "TokenRefreshRequired", 400, EACCES, "the session token has expired" },
        { "TooManyBuckets", 400, EDQUOT, NULL },
        { "UserSuspended", 403, EACCES, "the user is suspended" },
        { "XAdminUserNotFound", 404, EACCES, "the server does not know this access key" },
        { "XAmzContentSHA256Mismatch", 400, EAGAIN, "the bytes changed while they were sent" },
        { "XMinioAdminBucketQuotaExceeded", 400, EDQUOT, "the quota of the bucket is used up" },
        { "XMinioInvalidObjectName", 400, EINVAL, "the server does not take this key" },
        { "XMinioStorageFull", 507, ENOSPC, "the server has no space left" },
};

/* A status without a code that is known, from the most to the least specific. */
static const struct {
        int from, to; /* inclusive */
        int error_number;
} statuses[] = {
        { 301, 399, EINVAL },    { 401, 401, EACCES },    { 403, 403, EACCES },       { 404, 404, ENOENT },
        { 405, 405, EPERM },     { 408, 408, ETIMEDOUT }, { 409, 409, EBUSY },        { 411, 411, EINVAL },
        { 412, 412, ESTALE },    { 413, 413, EFBIG },     { 414, 414, ENAMETOOLONG }, { 416, 416, ERANGE },
        { 429, 429, ETIMEDOUT }, { 400, 400, EINVAL },    { 501, 501, EOPNOTSUPP },   { 507, 507, ENOSPC },
        { 500, 504, ETIMEDOUT },
};

static int compare_code(const void *key, const void *row)
{
        return strcmp(key, ((const struct pail_s3_code *)row)->code);
}

const struct pail_s3_code *pail_s3_code_find(const char *code)
{
        return bsearch(code, codes, COUNT(codes), sizeof(codes[0]), compare_code);
}

const char *pail_s3_code_of_status(int http_status, bool about_object)
{
        switch (http_status) {
        case 301:
                return "PermanentRedirect";
        case 304:
                return "NotModified";
        case 307:
                return "TemporaryRedirect";
        case 403:
                return "AccessDenied";
        case 404:
                return about_object ? "NoSuchKey" : "NoSuchBucket";
        case 405:
                return "MethodNotAllowed";
        case 412:
                return "PreconditionFailed";
        case 416:
                return "InvalidRange";
        case 500:
                return "InternalError";
        case 501:
                return "NotImplemented";
        case 503:
                return "ServiceUnavailable";
        case 507:
                return "InsufficientStorage";
        default:
                return "";
        }
}

static int errno_of_service(const struct pail_error *error)
{
        const struct pail_s3_code *row = pail_s3_code_find(error->code);
        if (error->error_number > 0)
                return error->error_number;
        if (row && row->error_number)
                return row->error_number;
        if (pail_str_starts_with(error->code, "KMS."))
                return EACCES;
        for (size_t i = 0; i < COUNT(statuses); i++) {
                if (error->http_status >= statuses[i].from && error->http_status <= statuses[i].to)
                        return statuses[i].error_number;
        }
        return EIO;
}

int pail_s3_errno(const struct pail_error *error)
{
        switch (error->class) {
        case PAIL_ERROR_NONE:
                return 0;
        case PAIL_ERROR_CONFIG:
                return -EINVAL;
        case PAIL_ERROR_CREDENTIALS:
                return -EACCES;
        case PAIL_ERROR_RESOLVE:
        case PAIL_ERROR_CONNECT:
        case PAIL_ERROR_TIMEOUT:
        case PAIL_ERROR_TRANSFER:
                return -ETIMEDOUT;
        case PAIL_ERROR_TLS:
        case PAIL_ERROR_PROTOCOL:
                return -EPROTO;
        case PAIL_ERROR_SERVICE:
                return -errno_of_service(error);
        case PAIL_ERROR_CANCELLED:
                return -EINTR;
        case PAIL_ERROR_SYSTEM:
                return error->error_number > 0 ? -error->error_number : -EIO;
        }
        return -EIO;
}

bool pail_s3_error_is_unsupported(const struct pail_error *error)
{
        return error->class == PAIL_ERROR_SERVICE && pail_s3_errno(error) == -EOPNOTSUPP;
}
