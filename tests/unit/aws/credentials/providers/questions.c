/* SPDX-License-Identifier: Apache-2.0 */
#include "questions.h"

#include "aws/credentials/service.h"
#include "pail/util/clock.h"

int __real_pail_service_call(struct pail_service *service, const struct pail_service_request *request,
                             struct pail_service_answer *ret_answer, struct pail_error *ret_error);
int __wrap_pail_service_call(struct pail_service *service, const struct pail_service_request *request,
                             struct pail_service_answer *ret_answer, struct pail_error *ret_error);

static struct questions asked; /* providers ask on the thread of their caller */

int __wrap_pail_service_call(struct pail_service *service, const struct pail_service_request *request,
                             struct pail_service_answer *ret_answer, struct pail_error *ret_error)
{
        struct pail_error error = PAIL_ERROR_INIT;
        int64_t begin_ms = pail_clock_monotonic_ms();
        int r = __real_pail_service_call(service, request, ret_answer, &error);

        asked = (struct questions){
                .count = asked.count + 1,
                .timeout_ms = request->timeout_ms,
                .attempts = request->attempts,
                .took_ms = pail_clock_monotonic_ms() - begin_ms,
                .class = error.class,
        };
        if (ret_error)
                *ret_error = error;
        return r;
}

struct questions questions_since(void)
{
        struct questions since = asked;

        asked = (struct questions){ 0 };
        return since;
}
