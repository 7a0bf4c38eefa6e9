/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Release by scope: a variable marked with one of these attributes is released when it leaves
 * its scope, whichever way. Ownership is handed over with pail_steal(), which leaves NULL behind.
 * The attribute is GCC's and clang's __attribute__((cleanup)).
 */
#ifndef PAIL_UTIL_CLEANUP_H
#define PAIL_UTIL_CLEANUP_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(function) __attribute__((cleanup(function)))

/* Defines function_p(), the cleanup of a pointer variable, from its destructor (which must take NULL). */
#define PAIL_DEFINE_CLEANUP(type, function)                                                                            \
        static inline void function##_p(type **pointer)                                                                \
        {                                                                                                              \
                function(*pointer);                                                                                    \
        }                                                                                                              \
        struct pail_cleanup_needs_a_semicolon

/* Gives up ownership of *pointer: returns it and leaves NULL. */
#define pail_steal(pointer)                                                                                            \
        ({                                                                                                             \
                __typeof__(*(pointer)) stolen_ = *(pointer);                                                           \
                *(pointer) = NULL;                                                                                     \
                stolen_;                                                                                               \
        })

static inline void pail_free_p(void *pointer)
{
        free(*(void **)pointer);
}

static inline void pail_close_p(int *fd)
{
        if (*fd >= 0)
                close(*fd);
}

static inline void pail_fclose_p(FILE **file)
{
        if (*file)
                fclose(*file);
}

static inline void pail_closedir_p(DIR **dir)
{
        if (*dir)
                closedir(*dir);
}

/* Gives up ownership of a file descriptor: returns it and leaves -1. */
static inline int pail_steal_fd(int *fd)
{
        int stolen = *fd;
        *fd = -1;
        return stolen;
}

#define _cleanup_free_ _cleanup_(pail_free_p)
#define _cleanup_close_ _cleanup_(pail_close_p)
#define _cleanup_fclose_ _cleanup_(pail_fclose_p)
#define _cleanup_closedir_ _cleanup_(pail_closedir_p)

#endif
