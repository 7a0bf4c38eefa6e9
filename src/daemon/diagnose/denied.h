/* SPDX-License-Identifier: Apache-2.0 */
/* An answer of S3 that says no. Private to the layer. */
#ifndef PAIL_DAEMON_DIAGNOSE_DENIED_H
#define PAIL_DAEMON_DIAGNOSE_DENIED_H

#include "words.h"

pail_diagnosis_sentence pail_diagnose_denied, pail_diagnose_account, pail_diagnose_page;

#endif
