/* SPDX-License-Identifier: Apache-2.0 */
/*
 * XML as S3 servers write it: keys may hold control characters, and Ceph writes those as references (&#x07;) that XML
 * 1.0 does not allow, wherever an answer repeats a key, a prefix or a token. Like pail_xml_parse() otherwise, with
 * the texts as they were meant.
 */
#ifndef PAIL_SRC_S3_CALL_XML_LENIENT_H
#define PAIL_SRC_S3_CALL_XML_LENIENT_H

#include "pail/util/xml.h"

int pail_s3_xml_parse(const char *data, size_t length, const struct pail_xml_handler *handler, void *context);

#endif
