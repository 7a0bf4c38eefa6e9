/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The smaller and the larger of two values of one type: anything else does not compile, so that a sign or a half is not
 * lost in silence (cast a constant: pail_min(size, (size_t)LIMIT)). Each argument is evaluated once.
 */
#ifndef PAIL_UTIL_MATH_H
#define PAIL_UTIL_MATH_H

#define pail_min(a, b) PAIL_CHOOSE(a, b, <, __COUNTER__)
#define pail_max(a, b) PAIL_CHOOSE(a, b, >, __COUNTER__)

/* Each use has variables of its own, so that one may stand in the argument of another. */
#define PAIL_CHOOSE(a, b, relation, number) PAIL_CHOOSE_NAMED(a, b, relation, number)
#define PAIL_CHOOSE_NAMED(a, b, relation, number)                                                                      \
        ({                                                                                                             \
                __auto_type first_##number = (a);                                                                      \
                __auto_type second_##number = (b);                                                                     \
                _Static_assert(__builtin_types_compatible_p(__typeof__(first_##number), __typeof__(second_##number)),  \
                               "the minimum or maximum of two types");                                                 \
                first_##number relation second_##number ? first_##number : second_##number;                            \
        })

#endif
