/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Read before each source that tests/check/analyse looks at. A destructor that stands in another file is a closed book to an analyser, and may
 * do with its variable as it likes: here every variable that is released by scope is read at that moment, so that one without a value is found.
 */
#include "pail/util/cleanup.h"

/* Nothing defines it: from here on the analyser knows no more of what the variable owns. */
void pail_analyser_release_contents(void *variable, char first_byte);

static inline void pail_analyser_release(void *variable)
{
        pail_analyser_release_contents(variable, *(const char *)variable);
}

#undef _cleanup_
#define _cleanup_(function) __attribute__((cleanup(pail_analyser_release)))
/* This one is understood as it is. */
#undef _cleanup_free_
#define _cleanup_free_ __attribute__((cleanup(pail_free_p)))
