/* SPDX-License-Identifier: MIT */
#include "sample_log.h"
#include <cmath>
#include <stdexcept>
#include <string>

static uint32_t at(const std::optional<Span<uint32_t>> &column, size_t row)
{
	return column ? (*column)[row] : 0;
}

static bool is_of_length(const std::optional<Span<uint32_t>> &column, size_t length)
{
	return !column || column->length == length;
}

void SampleLog::check(double time_us, const RowColumns &columns, bool weighed,
		      uint32_t highest_stack) const
{
	const size_t n = columns.stacks.length;

	if (columns.pids.length != n || columns.counts.length != n ||
	    !is_of_length(columns.labels, n) || !is_of_length(columns.requests, n))
		throw std::range_error("row arrays differ in length");
	if (!std::isfinite(time_us) || time_us < last_time_us)
		throw std::range_error("time " + std::to_string(time_us) + " is before " +
				       std::to_string(last_time_us));
	if (n > 0 && intervals.size() > 0 && weighed != (row_weights.size() > 0))
		throw std::range_error("a series has weights of its rows, or of their counts");
	for (size_t i = 0; i < n; i++)
		if (columns.stacks[i] > highest_stack)
			throw std::range_error("row refers to stack " +
					       std::to_string(columns.stacks[i]));
}

void SampleLog::add(double time_us, const RowColumns &columns, double count_weight)
{
	const size_t n = columns.stacks.length;

	last_time_us = time_us;
	if (n == 0)
		return;
	intervals.push(Interval{time_us, count_weight, rows.size()});
	for (size_t i = 0; i < n; i++)
		rows.push(Row{columns.stacks[i], number_of(columns.pids[i]), columns.counts[i],
			      at(columns.labels, i), at(columns.requests, i)});
}

void SampleLog::append(double time_us, const RowColumns &columns, double count_weight,
		       uint32_t highest_stack)
{
	check(time_us, columns, false, highest_stack);
	if (!(count_weight >= 0 && count_weight < 4294967296.0) ||
	    std::trunc(count_weight) != count_weight)
		throw std::range_error("weight " + std::to_string(count_weight) +
				       " is not a 32-bit number");
	add(time_us, columns, count_weight);
}

void SampleLog::append(double time_us, const RowColumns &columns, Span<double> weights,
		       uint32_t highest_stack)
{
	/* JavaScript's highest: up to here every whole number can be told from its neighbours. */
	constexpr double highest_integer = 9007199254740991.0;

	check(time_us, columns, true, highest_stack);
	if (weights.length != columns.stacks.length)
		throw std::range_error("row arrays differ in length");
	for (size_t i = 0; i < weights.length; i++)
		if (!(weights[i] >= 0 && weights[i] <= highest_integer) ||
		    std::trunc(weights[i]) != weights[i])
			throw std::range_error("weight " + std::to_string(weights[i]) +
					       " is not a whole number");
	add(time_us, columns, 0);
	for (size_t i = 0; i < weights.length; i++)
		row_weights.push(weights[i]);
}

uint32_t SampleLog::number_of(uint32_t pid)
{
	return worker_of.emplace(pid, static_cast<uint32_t>(worker_of.size())).first->second;
}

std::vector<uint8_t> SampleLog::choose_workers(Span<uint32_t> pids) const
{
	/* One entry more than there are workers: not empty even before the first sample. */
	std::vector<uint8_t> chosen(worker_of.size() + 1);

	for (size_t i = 0; i < pids.length; i++) {
		const auto found = worker_of.find(pids[i]);

		if (found != worker_of.end())
			chosen[found->second] = 1;
	}
	return chosen;
}

LogView SampleLog::view() const
{
	return LogView{intervals.view(), rows.view(), row_weights.view()};
}

void SampleLog::clear()
{
	intervals.clear();
	rows.clear();
	row_weights.clear();
}

size_t LogView::first_at(double time_us) const
{
	size_t low = 0;
	size_t high = intervals.size();

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (intervals[middle].time_us < time_us)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

StackSums LogView::sum(const Selection &selection, uint32_t highest_stack) const
{
	StackSums sums;

	sums.sums.resize(size_t{highest_stack} + 1);
	sums.seen.resize(size_t{highest_stack} + 1);
	each(selection, [&](const Row &row, double weight) {
		sums.sums[row.stack].self += weight;
		sums.sums[row.stack].count += row.count;
		sums.seen[row.stack] = 1;
		sums.weight += weight;
		sums.samples += row.count;
	});
	return sums;
}
