/* SPDX-License-Identifier: Apache-2.0 */
#include "pail/mount/source.h"

#include <stdlib.h>

void pail_mount_list_done(struct pail_mount_list *list)
{
        for (size_t i = 0; i < list->count; i++)
                free(list->items[i].name);
        free(list->items);
        *list = (struct pail_mount_list){ 0 };
}
