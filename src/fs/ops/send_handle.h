/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PAIL_FS_OPS_SEND_HANDLE_H
#define PAIL_FS_OPS_SEND_HANDLE_H

#include "fs/file/handle.h"

/* Sends the file, if it is dirty, as an operation: it goes on when the caller is interrupted. */
int pail_send_handle(struct pail_handle *handle);

#endif
