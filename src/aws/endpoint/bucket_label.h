/* SPDX-License-Identifier: Apache-2.0 */
/* What a bucket's name says about the host that it is reached at. Stateless. */
#ifndef PAIL_SRC_AWS_ENDPOINT_BUCKET_LABEL_H
#define PAIL_SRC_AWS_ENDPOINT_BUCKET_LABEL_H

#include <stdbool.h>

/* The bucket naming rules that matter for a host label: 3-63 of a-z 0-9 and '-' '.', no IP address, no dot over https. */
bool pail_bucket_label_is_hostable(const char *bucket, bool https);
/* Where the suffix of a directory bucket's name, or of an access point's of one, begins: "--x-s3", "--xa-s3". NULL: it is none. */
const char *pail_bucket_label_directory_suffix(const char *bucket);

#endif
