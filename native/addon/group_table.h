/* SPDX-License-Identifier: MIT */
#ifndef ACUPOINT_ADDON_GROUP_TABLE_H
#define ACUPOINT_ADDON_GROUP_TABLE_H

#include "sample_log.h"

/* GroupTable of extension/profile/engine.ts. */
struct GroupTable {
	std::vector<uint32_t> stacks;
	std::vector<uint32_t> label_groups;
	std::vector<uint32_t> request_groups;
	std::vector<double> weights;
	std::vector<double> counts;
	double weight = 0;
	double samples = 0;
};

/* Groups by id of a label set and of a request; of ids beyond the end: 0. */
GroupTable build_group_table(const LogView &log, const Selection &selection,
			     const std::vector<uint32_t> &label_groups,
			     const std::vector<uint32_t> &request_groups);

#endif
