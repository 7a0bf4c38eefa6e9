/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An account that is out of use is tried again when somebody looks into its directory, at most every RETRY_MS: a profile is mended in a file
 * that nobody tells us of. One thread tries at a time, and has the connection to itself; the others are refused meanwhile, so that a server
 * that does not answer holds up one caller and not all. Once it works a connection is not taken apart again before the end. Engines are
 * nobody's in particular: a connection that is made anew leaves the one that it used to the others. It is made in the environment that the
 * mount was made in, of which a copy is kept: by then the process has given up its secrets and its working directory.
 */
#include "pail/daemon/accounts.h"

#include <errno.h>
#include <stdlib.h>

#include "pail/daemon/probe.h"
#include "pail/daemon/profile_list.h"
#include "pail/daemon/secrets.h"
#include "pail/util/cleanup.h"
#include "pail/util/clock.h"
#include "pail/util/log.h"
#include "pail/util/mutex.h"
#include "pail/util/str.h"

enum { RETRY_MS = 5000 };

struct account {
        struct pail_s3_context s3; /* of the thread that prepares or tries; once is_usable, everybody's and unchanged */
        struct pail_error failure; /* the same; class NONE: none */
        bool has_warned;           /* of its files; the same */
        struct {
                bool is_usable;
                int64_t tried_ms; /* monotonic */
        } guarded;
};

/* One for all connections that trust the same certificates. */
struct shared_engine {
        char *ca_bundle; /* NULL: the system's */
        struct pail_http_engine *engine;
};

struct pail_accounts {
        const struct pail_options *options;
        char **names;
        char **environment; /* NULL: nothing is tried again, and the process's does */
        unsigned count;
        struct account *items;
        struct shared_engine *engines; /* as connections: of the thread that prepares or tries */
        unsigned engine_count;
        struct {
                struct pail_mutex mutex;
                bool is_trying;
        } guarded; /* and what is guarded of each account */
};

PAIL_DEFINE_CLEANUP(struct pail_accounts, pail_accounts_free);

int pail_accounts_new(const struct pail_options *options, struct pail_accounts **ret_accounts,
                      struct pail_error *ret_error)
{
        _cleanup_(pail_accounts_free_p) struct pail_accounts *accounts = calloc(1, sizeof(*accounts));
        if (!accounts)
                return pail_error_set_errno(ret_error, ENOMEM, "profiles");
        pail_mutex_init(&accounts->guarded.mutex);
        accounts->options = options;
        int r = options->profiles ? pail_profile_list_parse(options->profiles, &accounts->names, ret_error) : 0;
        if (r < 0)
                return r;
        if (accounts->names)
                r = pail_secrets_keep_environment(&accounts->environment);
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "profiles");
        unsigned count = 0;
        for (char **name = accounts->names; name && *name; name++)
                count++;
        if (!accounts->names)
                count = 1;
        accounts->items = calloc(count, sizeof(*accounts->items));
        if (!accounts->items)
                return pail_error_set_errno(ret_error, ENOMEM, "profiles");
        accounts->count = count;
        *ret_accounts = pail_steal(&accounts);
        return 0;
}

void pail_accounts_free(struct pail_accounts *accounts)
{
        if (!accounts)
                return;
        for (unsigned i = 0; i < accounts->count; i++)
                pail_s3_context_close(&accounts->items[i].s3);
        free(accounts->items);
        for (unsigned i = 0; i < accounts->engine_count; i++) {
                pail_http_engine_free(accounts->engines[i].engine);
                free(accounts->engines[i].ca_bundle);
        }
        free(accounts->engines);
        pail_profile_list_free(accounts->names);
        pail_secrets_free_environment(accounts->environment);
        pail_mutex_done(&accounts->guarded.mutex);
        free(accounts);
}

unsigned pail_accounts_count(const struct pail_accounts *accounts)
{
        return accounts->count;
}

const char *const *pail_accounts_names(const struct pail_accounts *accounts)
{
        return (const char *const *)accounts->names;
}

const struct pail_error *pail_accounts_failure(const struct pail_accounts *accounts, unsigned number)
{
        const struct pail_error *failure = &accounts->items[number].failure;
        return failure->class == PAIL_ERROR_NONE ? NULL : failure;
}

const struct pail_s3_context *pail_accounts_context(const struct pail_accounts *accounts, unsigned number)
{
        return &accounts->items[number].s3;
}

bool pail_accounts_may_list(const struct pail_accounts *accounts, const struct pail_s3_context *s3)
{
        return !accounts->options->no_list && !pail_session_is_anonymous(s3->session);
}

/* ---- The steps, of one account ---- */

static struct pail_options options_of(const struct pail_accounts *accounts, unsigned number)
{
        struct pail_options options = *accounts->options; /* borrowed: nothing of it is freed */
        if (accounts->names)
                options.profile = accounts->names[number];
        return options;
}

static int open_session(struct pail_accounts *accounts, unsigned number, struct pail_error *ret_error)
{
        const struct pail_options options = options_of(accounts, number);
        struct account *account = &accounts->items[number];
        int r = pail_s3_context_open_session_in(accounts->environment, &options, &account->s3, ret_error);
        if (r < 0 || account->has_warned)
                return r;
        pail_s3_context_log_warnings(&account->s3);
        account->has_warned = true;
        return 0;
}

/* How many CA bundles the sessions name. */
static unsigned count_bundles(const struct pail_accounts *accounts)
{
        unsigned count = 0;
        for (unsigned i = 0; i < accounts->count; i++) {
                const struct pail_session *session = accounts->items[i].s3.session, *other;
                bool is_new = session != NULL;
                for (unsigned j = 0; j < i && is_new; j++) {
                        other = accounts->items[j].s3.session;
                        is_new = !other ||
                                 !pail_str_equal(pail_session_ca_bundle(session), pail_session_ca_bundle(other));
                }
                count += is_new;
        }
        return count;
}

static struct pail_http_engine *find_engine(const struct pail_accounts *accounts, const char *ca_bundle)
{
        for (unsigned i = 0; i < accounts->engine_count; i++)
                if (pail_str_equal(accounts->engines[i].ca_bundle, ca_bundle))
                        return accounts->engines[i].engine;
        return NULL;
}

/* max_connections is the mount's, whatever the number of engines. */
static int add_engine(struct pail_accounts *accounts, struct pail_s3_context *s3, struct pail_error *ret_error)
{
        struct pail_options options = *accounts->options;
        struct shared_engine *longer = reallocarray(accounts->engines, accounts->engine_count + 1, sizeof(*longer));
        if (!longer)
                return pail_error_set_errno(ret_error, ENOMEM, "profiles");
        accounts->engines = longer;
        _cleanup_free_ char *ca_bundle = NULL;
        int r = pail_str_dup(pail_session_ca_bundle(s3->session), &ca_bundle);
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "profiles");
        options.max_connections /= count_bundles(accounts);
        if (options.max_connections == 0)
                options.max_connections = 1;
        r = pail_s3_context_start_engine(s3, &options, ret_error);
        if (r < 0)
                return r;
        longer[accounts->engine_count++] = (struct shared_engine){ .ca_bundle = pail_steal(&ca_bundle),
                                                                   .engine = s3->engine };
        s3->has_lent_engine = true;
        return 0;
}

static int start_client(struct pail_accounts *accounts, unsigned number, struct pail_error *ret_error)
{
        struct pail_s3_context *s3 = &accounts->items[number].s3;
        const char *ca_bundle = pail_session_ca_bundle(s3->session);
        if (!find_engine(accounts, ca_bundle)) {
                int r = add_engine(accounts, s3, ret_error);
                if (r < 0)
                        return r;
        }
        return pail_s3_context_start(s3, accounts->options, find_engine(accounts, ca_bundle), NULL, ret_error);
}

static int find_credentials(struct pail_accounts *accounts, unsigned number, struct pail_error *ret_error)
{
        return pail_s3_context_find_credentials(&accounts->items[number].s3, ret_error);
}

static int probe_account(struct pail_accounts *accounts, unsigned number, struct pail_error *ret_error)
{
        const struct pail_s3_context *s3 = &accounts->items[number].s3;
        bool can_list = false;
        if (!pail_accounts_may_list(accounts, s3))
                return 0;
        int r = pail_probe_account(s3, accounts->options, &can_list, ret_error);
        if (r == 0 && !can_list)
                pail_log_warning("profile %s may not list its buckets (s3:ListAllMyBuckets): none is shown, but those "
                                 "whose names are known can be entered",
                                 pail_session_profile_name(s3->session));
        return r;
}

/* ---- The steps, of all accounts ---- */

typedef int account_step(struct pail_accounts *accounts, unsigned number, struct pail_error *ret_error);

static bool has_failed(const struct pail_accounts *accounts, unsigned number)
{
        return accounts->items[number].failure.class != PAIL_ERROR_NONE;
}

static int run_for_all(struct pail_accounts *accounts, account_step *step, struct pail_error *ret_error)
{
        unsigned working = 0;
        int first_error = 0;
        for (unsigned i = 0; i < accounts->count; i++) {
                struct pail_error error = PAIL_ERROR_INIT;
                int r = has_failed(accounts, i) ? -EACCES : step(accounts, i, &error);
                working += r == 0;
                if (r < 0 && !has_failed(accounts, i))
                        accounts->items[i].failure = error;
                if (r < 0 && first_error == 0)
                        first_error = r;
        }
        if (working > 0)
                return 0;
        if (ret_error)
                *ret_error = accounts->items[0].failure;
        return first_error;
}

/* All sessions come first: how many engines there are to be depends on them. */
int pail_accounts_open(struct pail_accounts *accounts, struct pail_error *ret_error)
{
        int r = run_for_all(accounts, open_session, ret_error);
        return r < 0 ? r : run_for_all(accounts, start_client, ret_error);
}

int pail_accounts_find_credentials(struct pail_accounts *accounts, struct pail_error *ret_error)
{
        return run_for_all(accounts, find_credentials, ret_error);
}

int pail_accounts_probe(struct pail_accounts *accounts, struct pail_error *ret_error)
{
        int r = run_for_all(accounts, probe_account, ret_error);
        PAIL_LOCK(&accounts->guarded.mutex);
        for (unsigned i = 0; i < accounts->count; i++) {
                accounts->items[i].guarded.is_usable = !has_failed(accounts, i);
                accounts->items[i].guarded.tried_ms = pail_clock_monotonic_ms();
        }
        return r;
}

static void log_failure(const struct pail_accounts *accounts, unsigned number)
{
        struct pail_error error = accounts->items[number].failure;
        if (accounts->items[number].s3.session)
                pail_s3_context_diagnose(&accounts->items[number].s3, NULL, &error);
        pail_log_error("profile %s cannot be used, and its directory answers \"permission denied\" until it can: %s",
                       accounts->names[number], error.message);
}

void pail_accounts_log_failures(const struct pail_accounts *accounts)
{
        for (unsigned i = 0; i < accounts->count && accounts->names; i++)
                if (has_failed(accounts, i))
                        log_failure(accounts, i);
}

/* ---- While mounted ---- */

/* Anew from its files on: what failed before may have got as far as a client. */
static int connect_again(struct pail_accounts *accounts, unsigned number)
{
        static account_step *const steps[] = { open_session, start_client, find_credentials, probe_account };
        struct account *account = &accounts->items[number];
        struct pail_error error = PAIL_ERROR_INIT, before = account->failure;
        int r = 0;
        pail_s3_context_close(&account->s3);
        for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && r == 0; i++)
                r = steps[i](accounts, number, &error);
        if (r == -EINTR)
                return r;
        account->failure = error;
        if (r == 0)
                pail_log_info("profile %s can be used again", accounts->names[number]);
        else if (!pail_str_equal(before.message, error.message))
                log_failure(accounts, number);
        return r;
}

/* 0: it works. 1: this thread is to try whether it does, and says so with end_try(). */
static int begin_use(struct pail_accounts *accounts, const struct account *account)
{
        int64_t now_ms = pail_clock_monotonic_ms();
        PAIL_LOCK(&accounts->guarded.mutex);
        if (account->guarded.is_usable)
                return 0;
        if (accounts->guarded.is_trying || now_ms - account->guarded.tried_ms < RETRY_MS)
                return -EACCES;
        accounts->guarded.is_trying = true;
        return 1;
}

static void end_try(struct pail_accounts *accounts, struct account *account, bool is_usable)
{
        PAIL_LOCK(&accounts->guarded.mutex);
        accounts->guarded.is_trying = false;
        account->guarded.is_usable = is_usable;
        account->guarded.tried_ms = pail_clock_monotonic_ms();
}

int pail_accounts_use(struct pail_accounts *accounts, unsigned number, const struct pail_s3_context **ret_s3)
{
        struct account *account = &accounts->items[number];
        int r = begin_use(accounts, account);
        if (r > 0) {
                r = connect_again(accounts, number);
                end_try(accounts, account, r == 0);
        }
        if (r < 0)
                return r == -EINTR ? -EINTR : -EACCES;
        *ret_s3 = &account->s3;
        return 0;
}
