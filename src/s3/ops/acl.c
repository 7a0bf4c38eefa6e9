/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading the ACL costs a request for every copy, though hardly any object has one: it runs beside the copy, or
 * beside the HEAD before it, and stops for a bucket where it was refused several times.
 */
#include "acl.h"

#include <errno.h>

#include "ops.h"
#include "pail/util/str.h"
#include "pail/util/xml.h"
#include "s3/call/xml_lenient.h"

struct policy {
        unsigned grants;
        bool is_owners;
        char *owner, *grantee, *permission;
};

static void policy_done(struct policy *policy)
{
        free(policy->owner);
        free(policy->grantee);
        free(policy->permission);
}

static int on_end(void *context, const char *path, const char *text, size_t length)
{
        (void)length;
        static const char grant[] = "AccessControlPolicy/AccessControlList/Grant";
        struct policy *policy = context;
        if (pail_str_equal(path, "AccessControlPolicy/Owner/ID"))
                return pail_str_replace(&policy->owner, text);
        if (!pail_str_starts_with(path, grant))
                return 0;
        const char *name = path + strlen(grant);
        if (pail_str_equal(name, "/Grantee/ID"))
                return pail_str_replace(&policy->grantee, text);
        if (pail_str_equal(name, "/Permission"))
                return pail_str_replace(&policy->permission, text);
        policy->grants += *name == '\0';
        return 0;
}

bool pail_s3_acl_is_default(const char *document)
{
        static const struct pail_xml_handler handler = { .on_end = on_end };
        _cleanup_(policy_done) struct policy policy = { 0 };
        if (pail_s3_xml_parse(document, strlen(document), &handler, &policy) < 0)
                return false;
        return policy.grants == 1 && !pail_str_is_empty(policy.owner) && pail_str_equal(policy.owner, policy.grantee) &&
               pail_str_equal(policy.permission, "FULL_CONTROL");
}

void pail_s3_acl_begin(struct pail_s3_client *client, const char *bucket, const char *key, const char *version_id,
                       struct pail_s3_acl_reading *ret_reading)
{
        *ret_reading = (struct pail_s3_acl_reading){ .client = client, .bucket = bucket };
        if (pail_s3_client_reads_acls(client, bucket))
                (void)pail_s3_get_object_acl_begin(client, bucket, key, version_id, &ret_reading->document,
                                                   &ret_reading->call, NULL);
}

const char *pail_s3_acl_wait(struct pail_s3_acl_reading *reading)
{
        _cleanup_(pail_s3_call_unref_p) struct pail_s3_call *call = pail_steal(&reading->call);
        if (!call)
                return reading->document;
        struct pail_error error = PAIL_ERROR_INIT;
        int r = pail_s3_call_wait(call, &error);
        if (r >= 0)
                pail_s3_client_learn_acl(reading->client, reading->bucket, NULL);
        else if (error.class == PAIL_ERROR_SERVICE && (r == -EACCES || r == -EPERM || r == -EOPNOTSUPP))
                pail_s3_client_learn_acl(reading->client, reading->bucket, &error);
        if (r < 0 || pail_s3_acl_is_default(reading->document))
                free(pail_steal(&reading->document));
        return reading->document;
}

void pail_s3_acl_done(struct pail_s3_acl_reading *reading)
{
        (void)pail_s3_acl_wait(reading);
        free(pail_steal(&reading->document));
}
