/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PAIL_FS_DATA_GET_H
#define PAIL_FS_DATA_GET_H

#include "engine.h"
#include "location.h"
#include "pail/cache/blocks.h"

/* What a GET needs to know of its object data. */
struct pail_get_origin {
        struct pail_data_engine *engine;
        struct pail_location *location;
};

/* The source of blocks; its context is a struct pail_get_origin. */
extern const struct pail_source pail_get_source;

#endif
