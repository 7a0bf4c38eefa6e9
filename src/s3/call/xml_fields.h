/* SPDX-License-Identifier: Apache-2.0 */
/* Small XML answers: some elements by their paths. */
#ifndef PAIL_SRC_S3_CALL_XML_FIELDS_H
#define PAIL_SRC_S3_CALL_XML_FIELDS_H

#include <stddef.h>

struct pail_s3_field {
        const char *path; /* "CopyObjectResult/ETag" */
        char **target;    /* owned by the caller, NULL at first; the first element of that path is taken */
};

/* 0, -EBADMSG (not XML), -ENOMEM. What was found stays on failure. */
int pail_s3_parse_fields(const char *data, size_t length, const struct pail_s3_field *fields, size_t count);

/*
 * The name of the root element, cut to size, without reading more of the document; "" when it does not begin like
 * XML.
 */
void pail_s3_xml_root(const char *data, size_t length, char *ret_name, size_t size);

#endif
