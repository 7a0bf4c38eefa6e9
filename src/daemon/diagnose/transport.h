/* SPDX-License-Identifier: Apache-2.0 */
/* No answer, or none of S3. Private to the layer. */
#ifndef PAIL_DAEMON_DIAGNOSE_TRANSPORT_H
#define PAIL_DAEMON_DIAGNOSE_TRANSPORT_H

#include "words.h"

pail_diagnosis_sentence pail_diagnose_unreachable, pail_diagnose_silent, pail_diagnose_certificate, pail_diagnose_no_s3,
        pail_diagnose_broken, pail_diagnose_unavailable;

#endif
