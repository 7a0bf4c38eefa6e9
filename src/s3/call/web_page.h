/* SPDX-License-Identifier: Apache-2.0 */
/* Pages that came in place of S3's answer. */
#ifndef PAIL_SRC_S3_CALL_WEB_PAGE_H
#define PAIL_SRC_S3_CALL_WEB_PAGE_H

#include "pail/util/buf.h"

/* The title of a page that came in place of S3's answer, or its first line, in quotation marks; "": it has none. */
void pail_s3_web_page_quote(const struct pail_buf *page, char *ret_text, size_t size);

#endif
