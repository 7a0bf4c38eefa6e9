/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The credentials of a session: loaded from its chain when they are first asked for, renewed before they expire, handed out as frozen
 * copies. Thread safe.
 *
 * Two windows lie before the expiry: the advisory one opens 15 minutes before it, or when a quarter of the lifetime is left where
 * that is less; the mandatory one 10 minutes before it, or with a sixth of the lifetime left. The lifetime is what was left
 * when they were loaded.
 *
 * How often the source is asked: only while somebody asks for credentials, never twice at the same time, and
 *   - as long as it answers: once, and then once in lifetime minus advisory window (in 45 of 60 minutes, in 150 of 200 s);
 *   - when it fails in the advisory window: after an eighth of the time that is left, at least 5 s, at most a minute;
 *   - when it fails later, for a reason that may pass: after 1, 2, 4, 8, then every 15 s;
 *   - when it refuses for good, or failed before there ever were credentials: at most every 3 s;
 *   - once more when S3 calls the credentials expired (pail_refresher_refuse()), at most every 3 s;
 *   - when S3 does not accept them for another reason, or once more within those 3 s: only where what the chain is made from
 *     has changed. That is looked for at most once a second, by one look for all who ask.
 * Credentials of another provider than the first ones are not taken: nobody is to be signed for as somebody else half-way.
 */
#ifndef PAIL_AWS_REFRESH_H
#define PAIL_AWS_REFRESH_H

#include "pail/aws/credentials.h"
#include "pail/aws/provider_chain.h"
#include "pail/aws/session_options.h"

struct pail_refresher;

/* Takes ownership of chain, also on failure. refreshed: see pail_session_options; may be NULL. -ENOMEM. */
int pail_refresher_new(struct pail_provider_chain *chain, pail_session_refreshed *refreshed, void *context,
                       struct pail_refresher **ret_refresher);
/* Waits for a load under way. Nobody may be inside a call. */
void pail_refresher_free(struct pail_refresher *refresher);
/*
 * Credentials that are good for a while. In the mandatory window and after the expiry this waits for newer ones, interruptibly (-EINTR,
 * class CANCELLED) and at most until deadline_ms (monotonic; -ETIMEDOUT, class TIMEOUT, with the reason), while the source is asked
 * again and again. What the source says for good, and everything before there ever were credentials, is returned at once, as the chain said it.
 */
int pail_refresher_get(struct pail_refresher *refresher, int64_t deadline_ms, struct pail_credentials *ret_frozen,
                       struct pail_error *ret_error);
/*
 * The same without waiting, also on an engine's thread: -EAGAIN where get() would wait. A load that is due is started, so
 * asking again later is enough. *ret_error is then what get() would say at its deadline.
 */
int pail_refresher_peek(struct pail_refresher *refresher, struct pail_credentials *ret_frozen,
                        struct pail_error *ret_error);
enum pail_refusal {
        PAIL_REFUSAL_EXPIRED, /* for their age, whatever their expires_at: their source is asked for others */
        PAIL_REFUSAL_UNKNOWN, /* they are not, or no longer, good: others are asked for only where a shared file has changed */
};
/* See pail_session_refuse_credentials() and pail_session_peek_others(). */
bool pail_refresher_refuse(struct pail_refresher *refresher, const struct pail_credentials *refused,
                           enum pail_refusal refusal);
int pail_refresher_peek_others(struct pail_refresher *refresher, const struct pail_credentials *refused,
                               struct pail_credentials *ret_frozen, struct pail_error *ret_error);

#endif
