/* SPDX-License-Identifier: MIT */
#include "group_table.h"
#include <map>
#include <tuple>

namespace
{
/* Stack, group of labels, group of requests: the order of the table is that of the key. */
using Key = std::tuple<uint32_t, uint32_t, uint32_t>;

struct Cell {
	double weight = 0;
	double count = 0;
};
} // namespace

static uint32_t group_of(const std::vector<uint32_t> &groups, uint32_t id)
{
	return id < groups.size() ? groups[id] : 0;
}

GroupTable build_group_table(const LogView &log, const Selection &selection,
			     const std::vector<uint32_t> &label_groups,
			     const std::vector<uint32_t> &request_groups)
{
	std::map<Key, Cell> cells;
	GroupTable table;

	log.each(selection, [&](const Row &row, double weight) {
		Cell &cell = cells[Key(row.stack, group_of(label_groups, row.label),
				       group_of(request_groups, row.request))];

		cell.weight += weight;
		cell.count += row.count;
		table.weight += weight;
		table.samples += row.count;
	});
	for (const auto &[key, cell] : cells) {
		table.stacks.push_back(std::get<0>(key));
		table.label_groups.push_back(std::get<1>(key));
		table.request_groups.push_back(std::get<2>(key));
		table.weights.push_back(cell.weight);
		table.counts.push_back(cell.count);
	}
	return table;
}
