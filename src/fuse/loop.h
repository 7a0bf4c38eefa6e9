/* SPDX-License-Identifier: Apache-2.0 */
/* The worker threads of a session. Private to the layer. */
#ifndef PAIL_FUSE_LOOP_H
#define PAIL_FUSE_LOOP_H

struct fuse_session;
struct pail_loop;

/* max_threads >= 2. on_processed runs after each request, on its worker. The session is borrowed. */
int pail_loop_new(struct fuse_session *session, unsigned max_threads, void (*on_processed)(void *context),
                  void *context, struct pail_loop **ret_loop);
void pail_loop_free(struct pail_loop *loop);
/* Serves until the connection ends or pail_loop_stop(): 0, or -errno of the device. Once. All requests being worked on are
 * finished first; on_end (may be NULL) runs before that. */
int pail_loop_run(struct pail_loop *loop, void (*on_end)(void *context), void *context);
/* Async-signal-safe. */
void pail_loop_stop(struct pail_loop *loop);

#endif
