/* SPDX-License-Identifier: Apache-2.0 */
/*
 * XML answers of AWS services, read as a stream of leaf elements through libxml2's SAX parser: no network, no
 * entities beyond the five of XML, capped depth and text. A DOCTYPE is an error. Thread safe; a parser belongs to one
 * thread at a time.
 */
#ifndef PAIL_UTIL_XML_H
#define PAIL_UTIL_XML_H

#include <stddef.h>

enum { PAIL_XML_MAX_DEPTH = 16, PAIL_XML_MAX_TEXT = 64 * 1024 };

/*
 * path: element names from the root, joined by '/' ("ListBucketResult/Contents/Key"), without namespace prefixes.
 * All strings are borrowed for the call. A return < 0 ends the parse with that value.
 */
struct pail_xml_handler {
        /* Both may be NULL. */
        int (*on_start)(void *context, const char *path);
        /* text: "" for an element that has children. */
        int (*on_end)(void *context, const char *path, const char *text, size_t length);
};

/*
 * The whole document at once. 0; -EBADMSG: not well-formed, a DOCTYPE, an entity, a NUL byte, too deep, a text too
 * long, empty; the handler's error; -ENOMEM. The handler may have been called before a later part proved bad.
 */
int pail_xml_parse(const char *data, size_t length, const struct pail_xml_handler *handler, void *context);

struct pail_buf;
/*
 * Appends text with & < > " and control characters escaped, for request bodies. -EINVAL: a character XML 1.0 cannot
 * carry, or malformed UTF-8; target as before.
 */
int pail_xml_escape(struct pail_buf *target, const char *text);

#endif
