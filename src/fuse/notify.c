/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A queue and its thread. They are sent in the order in which they were asked for, one at a time, without the lock: a notification waits in the
 * kernel for locks that a request under way may hold. The queue has no bound: it is as long as changes came in while one was sent.
 */
#include "notify.h"

#define FUSE_USE_VERSION 35
#include <errno.h>
#include <fuse_lowlevel.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "pail/util/cleanup.h"
#include "pail/util/log.h"
#include "pail/util/mutex.h"
#include "pail/util/thread.h"

struct notification {
        struct notification *prev, *next;
        uint64_t node_id; /* the parent, when there is a name */
        bool has_name;
        char name[];
};

struct pail_notifier {
        struct fuse_session *session;
        struct pail_thread *thread;
        struct {
                struct pail_mutex mutex;
                struct pail_cond changed;
                struct notification *queue;
                bool is_stopping;
        } guarded;
};

static void send_notification(struct pail_notifier *notifier, const struct notification *notification)
{
        int r;
        if (notification->has_name)
                r = fuse_lowlevel_notify_inval_entry(notifier->session, notification->node_id, notification->name,
                                                     strlen(notification->name));
        else
                r = fuse_lowlevel_notify_inval_inode(notifier->session, notification->node_id, 0, 0);
        /* ENOENT: the kernel does not know it any more. The others come when the mount ends. */
        if (r < 0 && r != -ENOENT && r != -EBADF && r != -ENODEV && r != -ENOTCONN)
                pail_log_debug("a notification to the kernel failed: %s", strerror(-r));
}

static struct notification *wait_for_notification(struct pail_notifier *notifier)
{
        PAIL_LOCK(&notifier->guarded.mutex);
        while (!notifier->guarded.queue && !notifier->guarded.is_stopping)
                pail_cond_wait(&notifier->guarded.changed, &notifier->guarded.mutex);
        if (notifier->guarded.is_stopping)
                return NULL;
        struct notification *notification = notifier->guarded.queue;
        DL_DELETE(notifier->guarded.queue, notification);
        return notification;
}

static void notifier_main(void *argument)
{
        struct pail_notifier *notifier = argument;
        struct notification *notification;
        while ((notification = wait_for_notification(notifier))) {
                send_notification(notifier, notification);
                free(notification);
        }
}

int pail_notifier_new(struct fuse_session *session, struct pail_notifier **ret_notifier)
{
        struct pail_notifier *notifier = calloc(1, sizeof(*notifier));
        if (!notifier)
                return -ENOMEM;
        notifier->session = session;
        pail_mutex_init(&notifier->guarded.mutex);
        pail_cond_init(&notifier->guarded.changed);
        int r = pail_thread_start("pail-notify", notifier_main, notifier, &notifier->thread);
        if (r < 0) {
                pail_cond_done(&notifier->guarded.changed);
                pail_mutex_done(&notifier->guarded.mutex);
                free(notifier);
                return r;
        }
        *ret_notifier = notifier;
        return 0;
}

static void tell_to_stop(struct pail_notifier *notifier)
{
        PAIL_LOCK(&notifier->guarded.mutex);
        notifier->guarded.is_stopping = true;
        pail_cond_broadcast(&notifier->guarded.changed);
}

void pail_notifier_free(struct pail_notifier *notifier)
{
        if (!notifier)
                return;
        tell_to_stop(notifier);
        pail_thread_join(notifier->thread);

        struct notification *notification, *next;
        DL_FOREACH_SAFE(notifier->guarded.queue, notification, next)
                free(notification);
        pail_cond_done(&notifier->guarded.changed);
        pail_mutex_done(&notifier->guarded.mutex);
        free(notifier);
}

static void append_notification(struct pail_notifier *notifier, uint64_t node_id, const char *name)
{
        size_t length = name ? strlen(name) : 0;
        struct notification *notification = calloc(1, sizeof(*notification) + length + 1);
        if (!notification) {
                pail_log_error("out of memory: the kernel may show an old version for a while");
                return;
        }
        notification->node_id = node_id;
        notification->has_name = name != NULL;
        if (name)
                memcpy(notification->name, name, length);
        PAIL_LOCK(&notifier->guarded.mutex);
        DL_APPEND(notifier->guarded.queue, notification);
        pail_cond_signal(&notifier->guarded.changed);
}

void pail_notifier_node(struct pail_notifier *notifier, uint64_t node_id)
{
        append_notification(notifier, node_id, NULL);
}

void pail_notifier_entry(struct pail_notifier *notifier, uint64_t parent_id, const char *name)
{
        append_notification(notifier, parent_id, name);
}
