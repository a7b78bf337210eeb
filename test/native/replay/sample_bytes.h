/* SPDX-License-Identifier: MIT */
/* A recorded sample as flat bytes, in which a fuzzer's changes hit what matters. */
#ifndef ACUPOINT_SAMPLE_BYTES_H
#define ACUPOINT_SAMPLE_BYTES_H

#include "recording.h"

/* False where it is too short to have registers and a VM. */
bool sample_of_bytes(const uint8_t *data, size_t size, struct recorded_sample *out);
/* Malloc'ed. */
uint8_t *sample_to_bytes(const struct recorded_sample *s, size_t *size);

#endif
