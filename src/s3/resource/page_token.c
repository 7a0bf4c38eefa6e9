/* SPDX-License-Identifier: Apache-2.0 */
/* The text: LETTER SKIP [":" TOKEN [":" ID]], markers percent-encoded. */
#include "page_token.h"

#include <errno.h>

#include "pail/util/buf.h"
#include "pail/util/str.h"

enum { TEXT_CAP = 16 * 1024 };

void pail_s3_page_token_done(struct pail_s3_page_token *page_token)
{
        free(page_token->token);
        free(page_token->id);
        *page_token = (struct pail_s3_page_token){ 0 };
}

int pail_s3_page_token_move(struct pail_s3_page_token *page_token, const char *token, const char *id)
{
        _cleanup_free_ char *new_token = NULL, *new_id = NULL;
        if (pail_str_dup(token, &new_token) < 0 || pail_str_dup(id, &new_id) < 0)
                return -ENOMEM;
        free(page_token->token);
        free(page_token->id);
        page_token->token = pail_steal(&new_token);
        page_token->id = pail_steal(&new_id);
        return 0;
}

static void append_marker(struct pail_buf *text, const char *marker)
{
        if (!marker)
                return;
        pail_buf_append_char(text, ':');
        pail_str_percent_encode(text, marker, strlen(marker), false);
}

int pail_s3_page_token_format(const struct pail_s3_page_token *page_token, char letter, char **ret_text)
{
        _cleanup_buf_ struct pail_buf text = PAIL_BUF_INIT(TEXT_CAP);
        pail_buf_printf(&text, "%c%ju", letter, (uintmax_t)page_token->skip);
        append_marker(&text, page_token->token);
        append_marker(&text, page_token->token ? page_token->id : NULL);
        return pail_buf_steal(&text, ret_text, NULL);
}

static int read_marker(const char *text, char **ret_marker)
{
        _cleanup_buf_ struct pail_buf marker = PAIL_BUF_INIT(TEXT_CAP);
        int r = text ? pail_str_percent_decode(&marker, text, false) : 0;
        if (r < 0 || !text)
                return marker.error ? marker.error : r;
        return memchr(marker.data, '\0', marker.length) ? -EINVAL : pail_buf_steal(&marker, ret_marker, NULL);
}

int pail_s3_page_token_parse(const char *text, char letter, struct pail_s3_page_token *ret_token)
{
        struct pail_s3_page_token page_token = { 0 };
        if (text[0] != letter || letter == '\0')
                return -EINVAL;
        _cleanup_free_ char *copy = strdup(text + 1);
        if (!copy)
                return -ENOMEM;
        char *rest = copy;
        int r = pail_str_to_u64(strsep(&rest, ":"), &page_token.skip) < 0 ? -EINVAL : 0;
        if (r >= 0)
                r = read_marker(strsep(&rest, ":"), &page_token.token);
        if (r >= 0)
                r = read_marker(rest, &page_token.id);
        if (r < 0) {
                pail_s3_page_token_done(&page_token);
                return r;
        }
        *ret_token = page_token;
        return 0;
}
