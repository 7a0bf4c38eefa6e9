/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "403" has many reasons, and only one of them is a policy that lacks an action. S3's own sentence tells which; AWS names in it the kind
 * of policy that decides ("Troubleshoot access denied (403 Forbidden) errors in Amazon S3").
 */
#include "denied.h"

#include <string.h>

#include "pail/util/str.h"

enum { ACTION_MAX = 64 };

static const struct policy_kind {
        const char *name, *owner;
} kinds[] = {
        { "service control policy", "the administrators of the organization" },
        { "resource control policy", "the administrators of the organization" },
        { "VPC endpoint policy", "who manages the endpoint of the network" },
        { "resource-based policy", "the owner of the bucket, in the bucket's policy" },
        { "permissions boundary", "who manages the users and roles of the account" },
        { "identity-based policy", "who manages the users and roles of the account" },
        { "session policy", "who hands out these credentials" },
};

static const struct policy_kind *find_kind(const char *text)
{
        for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
                if (pail_str_starts_with(text, kinds[i].name))
                        return &kinds[i];
        return NULL;
}

static const char *skip_words(const char *text, const char *words)
{
        const char *found = strstr(text, words);
        return found ? found + strlen(words) : NULL;
}

/* "… with an explicit deny in a service control policy" */
static bool advise_on_deny(struct pail_diagnosis *diagnosis, const char *words)
{
        const char *after = skip_words(words, "explicit deny in a");
        if (!after)
                return false;
        after += strspn(after, "n ");
        const struct policy_kind *kind = find_kind(after);
        pail_diagnosis_set_remedy(
                diagnosis, "that is an explicit deny, which no other policy outweighs: it has to be lifted by %s",
                kind ? kind->owner : "who manages that policy");
        return true;
}

/* "… because no identity-based policy allows the s3:ListBucket action" */
static bool advise_on_lack(struct pail_diagnosis *diagnosis, const char *words)
{
        const char *after = skip_words(words, "because no ");
        const struct policy_kind *kind = after ? find_kind(after) : NULL;
        const char *action = after ? skip_words(after, " allows the ") : NULL;
        int length = action ? (int)strcspn(action, " ") : 0;
        if (!kind || length == 0 || length > ACTION_MAX)
                return false;
        if (pail_str_equal(kind->name, "identity-based policy"))
                pail_diagnosis_set_remedy(diagnosis, "have its policy allow %.*s", length, action);
        else
                pail_diagnosis_set_remedy(diagnosis, "have the %s allow %.*s: that is for %s", kind->name, length,
                                          action, kind->owner);
        return true;
}

static void advise_on_action(struct pail_diagnosis *diagnosis, const struct pail_diagnosis_context *context)
{
        if (!context->access_key_id[0])
                pail_diagnosis_set_remedy(diagnosis, "use a profile that may use it");
        else if (context->action)
                pail_diagnosis_set_remedy(diagnosis, "have its policy allow %s", context->action);
        else
                pail_diagnosis_set_remedy(diagnosis, "\"pailctl check\" tells what its policy lacks");
}

static void set_denied_detail(struct pail_diagnosis *diagnosis, const struct pail_diagnosis_context *context,
                              const char *quote)
{
        char who[256];
        bool is_below = !pail_str_is_empty(context->prefix);
        pail_diagnosis_name_profile(context, who, sizeof(who));
        if (!context->access_key_id[0])
                pail_diagnosis_set_detail(diagnosis, "access denied: bucket '%s' is not open to %s%s",
                                          context->bucket ? context->bucket : "", who, quote);
        else if (pail_str_is_empty(context->bucket))
                pail_diagnosis_set_detail(diagnosis, "access denied: %s may not list buckets%s", who, quote);
        else
                pail_diagnosis_set_detail(diagnosis, "access denied: %s may not use %s%sbucket '%s'%s%.200s%s", who,
                                          context->action ? context->action : "", context->action ? " on " : "",
                                          context->bucket, is_below ? " under " : "", is_below ? context->prefix : "",
                                          quote);
}

void pail_diagnose_denied(struct pail_diagnosis *diagnosis, const struct pail_error *error,
                          const struct pail_diagnosis_context *context)
{
        char quote[sizeof(error->service_words) + 32];
        pail_diagnosis_quote(error, quote, sizeof(quote));
        diagnosis->cause = PAIL_CAUSE_DENIED;
        set_denied_detail(diagnosis, context, quote);
        if (!advise_on_deny(diagnosis, error->service_words) && !advise_on_lack(diagnosis, error->service_words))
                advise_on_action(diagnosis, context);
}

void pail_diagnose_account(struct pail_diagnosis *diagnosis, const struct pail_error *error,
                           const struct pail_diagnosis_context *context)
{
        char who[256], quote[sizeof(error->service_words) + 32];
        pail_diagnosis_name_profile(context, who, sizeof(who));
        pail_diagnosis_quote(error, quote, sizeof(quote));
        pail_diagnosis_set_detail(diagnosis, "%s refuses %s%s%s", pail_diagnosis_endpoint(context), who,
                                  quote[0] ? "" : ": ", quote[0] ? quote : error->message);
        pail_diagnosis_set_remedy(diagnosis,
                                  "that is a matter of the account, and no policy helps: ask who runs the service");
}

void pail_diagnose_page(struct pail_diagnosis *diagnosis, const struct pail_error *error,
                        const struct pail_diagnosis_context *context)
{
        diagnosis->cause = PAIL_CAUSE_NOT_S3;
        pail_diagnosis_set_detail(diagnosis, "%s answers with status %d and the page %s in place of S3's words",
                                  pail_diagnosis_endpoint(context), error->http_status, error->service_words);
        pail_diagnosis_set_remedy(diagnosis,
                                  "a firewall or another program in front of the server refuses: ask who runs it");
}
