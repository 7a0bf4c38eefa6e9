/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GetObjectAttributes: what HEAD does not tell, or only with a right of its own: parts and checksums of an object.
 *
 * A server that does not know it answers as if it were GetObject, with the object's bytes. That is NotImplemented, whatever the
 * object holds and however large it is.
 */
#include <errno.h>

#include "pail/s3/operations.h"
#include "pail/util/clock.h"
#include "pail/util/str.h"
#include "s3/call/error_parse.h"
#include "s3/call/object_metadata.h"
#include "s3/call/request.h"
#include "s3/call/run.h"
#include "s3/call/xml_fields.h"
#include "s3/call/xml_lenient.h"

struct reading {
        struct pail_s3_object_attributes attributes;
        size_t allocated;
        bool is_truncated;
        struct pail_s3_attributes_part part; /* that the parser is in */
};

static int set_checksum(struct pail_s3_object_checksum *checksum, const char *name, const char *text)
{
        static const char prefix[] = "Checksum";
        if (!pail_str_starts_with(name, prefix) || strlen(text) >= sizeof(checksum->value))
                return 0;
        name += strlen(prefix);
        if (pail_str_equal(name, "Type")) {
                checksum->is_composite = pail_str_equal(text, "COMPOSITE");
                return 0;
        }
        pail_str_copy(checksum->name, sizeof(checksum->name), name);
        pail_str_copy(checksum->value, sizeof(checksum->value), text);
        return 0;
}

static int set_number(const char *text, uint64_t limit, uint64_t *ret_number)
{
        uint64_t number;
        if (pail_str_to_u64(text, &number) < 0 || number > limit)
                return -EBADMSG;
        *ret_number = number;
        return 0;
}

static int set_small(const char *text, unsigned *ret_number)
{
        uint64_t number = 0;
        int r = set_number(text, PAIL_S3_PARTS_MAX, &number);
        if (r >= 0)
                *ret_number = (unsigned)number;
        return r;
}

static int end_of_part(struct reading *reading)
{
        struct pail_s3_object_attributes *attributes = &reading->attributes;
        if (attributes->count == PAIL_S3_PARTS_MAX || reading->part.part_number == 0)
                return -EBADMSG;
        if (attributes->count == reading->allocated) {
                size_t wanted = reading->allocated ? reading->allocated * 2 : 16;
                struct pail_s3_attributes_part *parts = reallocarray(attributes->parts, wanted, sizeof(*parts));
                if (!parts)
                        return -ENOMEM;
                attributes->parts = parts;
                reading->allocated = wanted;
        }
        attributes->parts[attributes->count++] = reading->part;
        reading->part = (struct pail_s3_attributes_part){ 0 };
        return 0;
}

static int end_in_part(struct pail_s3_attributes_part *part, const char *name, const char *text)
{
        if (pail_str_equal(name, "PartNumber"))
                return set_small(text, &part->part_number);
        if (pail_str_equal(name, "Size"))
                return set_number(text, UINT64_MAX, &part->size_bytes);
        return set_checksum(&part->checksum, name, text);
}

static int end_in_parts(struct reading *reading, const char *name, const char *text)
{
        struct pail_s3_object_attributes *attributes = &reading->attributes;
        if (pail_str_equal(name, "Part"))
                return end_of_part(reading);
        if (pail_str_starts_with(name, "Part/"))
                return end_in_part(&reading->part, name + strlen("Part/"), text);
        if (pail_str_equal(name, "PartsCount"))
                return set_small(text, &attributes->part_count);
        if (pail_str_equal(name, "NextPartNumberMarker"))
                return set_small(text, &attributes->next_part_number_marker);
        if (pail_str_equal(name, "IsTruncated"))
                reading->is_truncated = pail_str_equal(text, "true");
        return 0;
}

static int end_at_top(struct pail_s3_object_attributes *attributes, const char *name, const char *text)
{
        if (pail_str_equal(name, "ETag"))
                return pail_s3_etag_parse(text, attributes->etag);
        if (pail_str_equal(name, "ObjectSize"))
                return set_number(text, UINT64_MAX, &attributes->size_bytes);
        if (pail_str_equal(name, "StorageClass"))
                return pail_str_equal(text, "STANDARD") ? 0 : pail_str_replace(&attributes->storage_class, text);
        if (pail_str_starts_with(name, "Checksum/"))
                return set_checksum(&attributes->checksum, name + strlen("Checksum/"), text);
        return 0;
}

/* The root is GetObjectAttributesResponse to Amazon S3, and like that to others. */
static int on_end(void *context, const char *path, const char *text, size_t length)
{
        (void)length;
        static const char parts[] = "ObjectParts/";
        struct reading *reading = context;
        const char *name = strchr(path, '/');
        if (!name)
                return 0;
        if (pail_str_starts_with(++name, parts))
                return end_in_parts(reading, name + strlen(parts), text);
        return end_at_top(&reading->attributes, name, text);
}

static void reading_reset(struct reading *reading)
{
        pail_s3_object_attributes_done(&reading->attributes);
        *reading = (struct reading){ 0 };
}

static int parse_attributes(struct pail_s3_call *call, const struct pail_http_response *response,
                            struct reading *reading)
{
        static const struct pail_xml_handler handler = { .on_end = on_end };
        const char *date = pail_http_headers_get(&response->headers, "Last-Modified");
        int r = pail_s3_xml_parse(call->answer.data, call->answer.length, &handler, reading);
        if (r >= 0)
                r = pail_str_dup(pail_http_headers_get(&response->headers, "x-amz-version-id"),
                                 &reading->attributes.version_id);
        if (r >= 0 && date)
                (void)pail_clock_parse_http(date, &reading->attributes.last_modified);
        if (!reading->is_truncated)
                reading->attributes.next_part_number_marker = 0;
        else if (reading->attributes.next_part_number_marker == 0)
                r = r < 0 ? r : -EBADMSG;
        return r;
}

static int parse_answer(struct pail_s3_call *call, const struct pail_http_response *response,
                        struct pail_error *ret_error)
{
        struct reading *reading = call->result;
        char root[64];
        reading_reset(reading);
        pail_s3_xml_root(call->answer.data, call->answer.length, root, sizeof(root));
        if (strcasestr(root, "ObjectAttributes"))
                return parse_attributes(call, response, reading);
        pail_s3_error_from_code(call, NULL, "NotImplemented", NULL, 501, ret_error);
        return -EOPNOTSUPP;
}

/* More than any such answer has: the object. */
static enum pail_s3_failure_class classify_failure(struct pail_s3_call *call, struct pail_error *error)
{
        if (call->answer.error != -EMSGSIZE)
                return PAIL_S3_FAILURE_RETRY;
        pail_s3_error_from_code(call, NULL, "NotImplemented", NULL, 501, error);
        return PAIL_S3_FAILURE_FINAL;
}

static const struct pail_s3_operation operation = {
        .name = "GetObjectAttributes",
        .flags = PAIL_S3_FLAG_READ_KEY,
        .method = "GET",
        .has_any_content = true,
        .answer_cap_bytes = (size_t)4 << 20, /* 10,000 parts with two checksums */
        .parse = parse_answer,
        .classify = classify_failure,
};

static void add_request_headers(struct pail_s3_call *call, const struct pail_s3_attributes_input *input)
{
        char number[16];
        pail_s3_call_header(call, "x-amz-object-attributes", "ETag,Checksum,ObjectParts,StorageClass,ObjectSize");
        if (input->part_number_marker) {
                snprintf(number, sizeof(number), "%u", input->part_number_marker);
                pail_s3_call_header(call, "x-amz-part-number-marker", number);
        }
        if (input->max_parts) {
                snprintf(number, sizeof(number), "%u", input->max_parts);
                pail_s3_call_header(call, "x-amz-max-parts", number);
        }
}

int pail_s3_get_object_attributes(struct pail_s3_client *client, const struct pail_s3_attributes_input *input,
                                  struct pail_s3_object_attributes *ret_attributes, struct pail_error *ret_error)
{
        _cleanup_(pail_s3_call_unref_p) struct pail_s3_call *call = NULL;
        _cleanup_(reading_reset) struct reading reading = { 0 };
        int r = pail_s3_call_new(client, &operation, input->bucket, input->key, &call, ret_error);
        if (r < 0)
                return r;
        pail_s3_call_query(call, "attributes", NULL);
        pail_s3_call_query_optional(call, "versionId", input->version_id);
        add_request_headers(call, input);
        call->result = &reading;
        r = pail_s3_call_run(call, ret_error);
        if (r < 0)
                return r;
        *ret_attributes = reading.attributes;
        reading.attributes = (struct pail_s3_object_attributes){ 0 };
        return 0;
}
