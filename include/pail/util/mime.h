/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Media types by file name, from the tables that the system has: /usr/share/mime/globs2 (the Shared MIME-info Database
 * of freedesktop.org), else /etc/mime.types. Read once; then immutable and thread safe.
 */
#ifndef PAIL_UTIL_MIME_H
#define PAIL_UTIL_MIME_H

struct pail_mime;

#define PAIL_MIME_GLOBS "/usr/share/mime/globs2"
#define PAIL_MIME_TYPES "/etc/mime.types"
/* Of what no table knows. */
#define PAIL_MIME_UNKNOWN "application/octet-stream"

/* A file that is not there or cannot be read counts as empty; mime_types is read only where globs2 is. -ENOMEM. */
int pail_mime_new(const char *globs2, const char *mime_types, struct pail_mime **ret_mime);
void pail_mime_free(struct pail_mime *mime);
/*
 * The type of a name without directory, as far as its pattern tells: of the patterns that match, the one with the
 * highest weight, then the longest; first with the case as it is, then in lower case. Never NULL. Borrowed.
 */
const char *pail_mime_type(const struct pail_mime *mime, const char *name);

#endif
