/* SPDX-License-Identifier: Apache-2.0 */
/* Names are compared by the least number of slips (insert, drop, change, swap a letter) that turn one into the other. */
#include "option_suggest.h"

#include <string.h>

#include "generic_options.h"
#include "option_table.h"
#include "pail/util/str.h"

static void compare_name(const char *wanted, const char *name, unsigned *best_distance, const char **best)
{
        unsigned distance = pail_str_distance(wanted, name);
        if (distance < *best_distance) {
                *best_distance = distance;
                *best = name;
        }
}

const char *pail_option_suggest(const char *name)
{
        const char *best = NULL, *generic;
        unsigned best_distance = (unsigned)-1;
        for (const struct pail_option *option = pail_option_table; option->name; option++)
                compare_name(name, option->name, &best_distance, &best);
        for (size_t i = 0; (generic = pail_generic_option_name(i)); i++)
                compare_name(name, generic, &best_distance, &best);
        /* One slip in three letters is a slip; more is another word. */
        size_t allowed = strlen(name) / 3;
        return best_distance <= (allowed > 0 ? allowed : 1) ? best : NULL;
}
