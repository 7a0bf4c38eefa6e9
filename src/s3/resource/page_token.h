/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A place in a list: the markers with which its page is asked for, and how many items of that page were given before.
 * As text it is the token that callers keep to go on later; they are promised nothing of its form.
 */
#ifndef PAIL_SRC_S3_RESOURCE_PAGE_TOKEN_H
#define PAIL_SRC_S3_RESOURCE_PAGE_TOKEN_H

#include <stdint.h>

struct pail_s3_page_token {
        char *token, *id; /* NULL: the first page; the list has one marker */
        uint64_t skip;
};
void pail_s3_page_token_done(struct pail_s3_page_token *page_token); /* the beginning afterwards */
/* Moves to the page behind these markers; skip stays. As before on failure. */
int pail_s3_page_token_move(struct pail_s3_page_token *page_token, const char *token, const char *id);

/* letter: of the list, so that the token of one is not taken for another's. */
int pail_s3_page_token_format(const struct pail_s3_page_token *page_token, char letter, char **ret_text);
/* *ret_token is at the beginning before. -EINVAL: not of this list, or not a token of ours. */
int pail_s3_page_token_parse(const char *text, char letter, struct pail_s3_page_token *ret_token);

#endif
