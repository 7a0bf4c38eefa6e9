/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libxml2's SAX interface in its push form, the one in which a parser with handlers of our own is made by a
 * documented call alone. A tree would cost several times the document's memory for a page of a listing, and
 * libxml2's reader is slower still.
 *
 * What a hostile answer could do, and what stands against it: a DOCTYPE ends the parse at once, so there are no
 * entity declarations to expand or to fetch, and an undeclared entity is an error of well-formedness; nesting, names
 * and text have caps; a NUL byte, which libxml2 would take for the end, is refused before. Nothing is printed.
 */
#include "pail/util/xml.h"

#include <errno.h>
#include <libxml/parser.h>
#include <pthread.h>
#include <string.h>

#include "pail/util/buf.h"
#include "pail/util/math.h"

enum { PATH_CAP = 4096, CHUNK_SIZE = 256 * 1024 };

struct parse {
        const struct pail_xml_handler *handler;
        void *context;
        xmlParserCtxtPtr parser;
        int error; /* the first one: later callbacks do nothing */
        struct pail_buf path;
        struct pail_buf text;
        unsigned depth;
        size_t parent_length[PAIL_XML_MAX_DEPTH]; /* path.length outside the element at that depth */
        bool is_complete;                         /* the root element has ended */
        bool has_children;                        /* the current element does: its text is not collected */
};

static void stop_parse(struct parse *parse, int error)
{
        if (parse->error)
                return;
        parse->error = error;
        xmlStopParser(parse->parser);
}

/* A cap that was reached makes the document a bad one. */
static int check_buf(const struct pail_buf *buf)
{
        return buf->error == -EMSGSIZE ? -EBADMSG : buf->error;
}

static void on_start(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int namespace_count,
                     const xmlChar **namespaces, int attribute_count, int defaulted_count, const xmlChar **attributes)
{
        (void)prefix, (void)uri, (void)namespace_count, (void)namespaces;
        (void)attribute_count, (void)defaulted_count, (void)attributes;
        struct parse *parse = context;
        if (parse->error)
                return;
        if (parse->depth == PAIL_XML_MAX_DEPTH) {
                stop_parse(parse, -EBADMSG);
                return;
        }
        parse->parent_length[parse->depth++] = parse->path.length;
        if (parse->path.length > 0)
                pail_buf_append_char(&parse->path, '/');
        pail_buf_append_string(&parse->path, (const char *)name);
        pail_buf_reset(&parse->text);
        parse->has_children = false;

        int r = check_buf(&parse->path);
        if (r == 0 && parse->handler->on_start)
                r = parse->handler->on_start(parse->context, parse->path.data);
        if (r < 0)
                stop_parse(parse, r);
}

static void on_text(void *context, const xmlChar *text, int length)
{
        struct parse *parse = context;
        if (parse->error || parse->has_children)
                return;
        pail_buf_append(&parse->text, text, (size_t)length);
        int r = check_buf(&parse->text);
        if (r < 0)
                stop_parse(parse, r);
}

static void on_end(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
        (void)name, (void)prefix, (void)uri;
        struct parse *parse = context;
        if (parse->error)
                return;
        int r = 0;
        if (parse->handler->on_end)
                r = parse->handler->on_end(parse->context, parse->path.data, parse->text.data, parse->text.length);
        pail_buf_truncate(&parse->path, parse->parent_length[--parse->depth]);
        pail_buf_reset(&parse->text);
        parse->has_children = true; /* the element around this one */
        parse->is_complete = parse->depth == 0;
        if (r < 0)
                stop_parse(parse, r);
}

static void on_doctype(void *context, const xmlChar *name, const xmlChar *external_id, const xmlChar *system_id)
{
        (void)name, (void)external_id, (void)system_id;
        stop_parse(context, -EBADMSG);
}

static void feed_parser(struct parse *parse, const char *data, size_t length)
{
        for (size_t at = 0; at < length && !parse->error;) {
                size_t size = pail_min(length - at, (size_t)CHUNK_SIZE);
                xmlParseChunk(parse->parser, data + at, (int)size, at + size == length);
                if (!parse->parser->wellFormed && !parse->error)
                        parse->error = parse->parser->errNo == XML_ERR_NO_MEMORY ? -ENOMEM : -EBADMSG;
                at += size;
        }
        /* Where its input buffer cannot grow, libxml2 2.9 stops without a word and calls the document well-formed. */
        if (!parse->error && !parse->is_complete)
                parse->error = -ENOMEM;
}

/* libxml2 reports what it meets before it knows the parser, a lack of memory, through a function of the thread. */
static void discard(void *context, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void discard(void *context, const char *format, ...)
{
        (void)context, (void)format;
}

static pthread_once_t library_once = PTHREAD_ONCE_INIT;

static void init_library(void)
{
        xmlInitParser(); /* not safe when two threads come first */
}

int pail_xml_parse(const char *data, size_t length, const struct pail_xml_handler *handler, void *context)
{
        if (length == 0 || memchr(data, 0, length))
                return -EBADMSG;
        pthread_once(&library_once, init_library);
        xmlSetGenericErrorFunc(NULL, discard);

        xmlSAXHandler sax = {
                .initialized = XML_SAX2_MAGIC,
                .internalSubset = on_doctype,
                .startElementNs = on_start,
                .endElementNs = on_end,
                .characters = on_text,
                .cdataBlock = on_text,
                .ignorableWhitespace = on_text,
        };
        struct parse parse = { .handler = handler, .context = context };
        parse.parser = xmlCreatePushParserCtxt(&sax, &parse, NULL, 0, NULL);
        if (!parse.parser)
                return -ENOMEM;
        xmlCtxtUseOptions(parse.parser, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
        pail_buf_init(&parse.path, PATH_CAP);
        pail_buf_init_secret(&parse.text, PAIL_XML_MAX_TEXT); /* of a token service's answer, too */
        feed_parser(&parse, data, length);
        pail_buf_done(&parse.text);
        pail_buf_done(&parse.path);
        xmlFreeParserCtxt(parse.parser);
        return parse.error;
}
