/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Notifications to the kernel, sent by one thread of their own: sent from within a request they can deadlock, because the kernel takes
 * the locks under which that request was made. Nobody waits for them, and no lock is held while one is sent. Thread safe. Private to the layer.
 */
#ifndef PAIL_FUSE_NOTIFY_H
#define PAIL_FUSE_NOTIFY_H

#include <stdint.h>

struct fuse_session;
struct pail_notifier;

/* Starts the thread. The session is borrowed. */
int pail_notifier_new(struct fuse_session *session, struct pail_notifier **ret_notifier);
/* Drops what is queued and joins; the connection has ended by now, or a notification under way could wait for a request
 * that is never answered. */
void pail_notifier_free(struct pail_notifier *notifier);
/* A node's attributes and pages. */
void pail_notifier_node(struct pail_notifier *notifier, uint64_t node_id);
void pail_notifier_entry(struct pail_notifier *notifier, uint64_t parent_id, const char *name);

#endif
