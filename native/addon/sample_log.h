/* SPDX-License-Identifier: MIT */
#ifndef ACUPOINT_ADDON_SAMPLE_LOG_H
#define ACUPOINT_ADDON_SAMPLE_LOG_H

#include "column.h"
#include "span.h"
#include <cstdint>
#include <limits>
#include <optional>
#include <unordered_map>
#include <vector>

/* Sums over the rows of a query, by stack id; entry 0: samples without a frame. */
struct StackSums {
	struct Sum {
		double self = 0;
		double count = 0;
	};

	std::vector<Sum> sums;
	/* 1: some sample has this stack as its leaf. */
	std::vector<uint8_t> seen;
	double weight = 0;
	double samples = 0;
};

struct Row {
	uint32_t stack;
	uint32_t worker;
	uint32_t count;
	uint32_t label;
	uint32_t request;
};

/* Columns of one length; absent ones are all 0. */
struct RowColumns {
	Span<uint32_t> stacks;
	Span<uint32_t> pids;
	Span<uint32_t> counts;
	std::optional<Span<uint32_t>> labels;
	std::optional<Span<uint32_t>> requests;
};

struct Interval {
	double time_us;
	/* The weight of each count of its rows; of no meaning where they have weights of their own.
	 */
	double count_weight;
	size_t first_row;
};

/* Which rows a query takes in. */
struct Selection {
	double from_us;
	double to_us;
	/* By number of the worker; empty: all of them. */
	std::vector<uint8_t> workers;
	/* By id; ids beyond the end are left out. None: all of them. */
	std::optional<std::vector<uint8_t>> labels;
	std::optional<std::vector<uint8_t>> requests;
	std::optional<std::vector<uint8_t>> stacks;

	bool takes(const Row &row) const
	{
		return (workers.empty() || workers[row.worker]) && is_in(labels, row.label) &&
		       is_in(requests, row.request) && is_in(stacks, row.stack);
	}

      private:
	static bool is_in(const std::optional<std::vector<uint8_t>> &mask, uint32_t id)
	{
		return !mask || (id < mask->size() && (*mask)[id]);
	}
};

/* The log as it was when a query was asked. */
struct LogView {
	Column<Interval>::View intervals;
	Column<Row>::View rows;
	/* By row; empty where they follow from the intervals. */
	Column<double>::View weights;

	StackSums sum(const Selection &selection, uint32_t highest_stack) const;

	/* Calls `visit(row, weight)` in order of arrival, for rows that have samples or weight. */
	template <typename Visit> void each(const Selection &selection, Visit visit) const
	{
		const size_t last = first_at(selection.to_us);
		const bool weighed = weights.size() > 0;

		for (size_t i = first_at(selection.from_us); i < last; i++) {
			const Interval interval = intervals[i];
			const size_t end =
				i + 1 < intervals.size() ? intervals[i + 1].first_row : rows.size();

			for (size_t r = interval.first_row; r < end; r++) {
				const Row &row = rows[r];
				const double weight =
					weighed ? weights[r] : row.count * interval.count_weight;

				if ((row.count || weight > 0) && selection.takes(row))
					visit(row, weight);
			}
		}
	}

      private:
	/* First interval whose time is `time_us` or later. */
	size_t first_at(double time_us) const;
};

/* The append-only log of one series: intervals in order of time, each with its rows. */
class SampleLog
{
      public:
	/*
	 * count_weight: what each count weighs; weights: what each row does. A log has the one or
	 * the other. Both throw std::range_error without having added any of it.
	 */
	void append(double time_us, const RowColumns &columns, double count_weight,
		    uint32_t highest_stack);
	void append(double time_us, const RowColumns &columns, Span<double> weights,
		    uint32_t highest_stack);

	/* By number of the worker, as Selection wants it. */
	std::vector<uint8_t> choose_workers(Span<uint32_t> pids) const;

	LogView view() const;
	void clear();

      private:
	uint32_t number_of(uint32_t pid);
	void check(double time_us, const RowColumns &columns, bool weighed,
		   uint32_t highest_stack) const;
	void add(double time_us, const RowColumns &columns, double count_weight);

	Column<Interval> intervals;
	Column<Row> rows;
	Column<double> row_weights;
	/* Workers are numbered by first appearance: a query's choice is a table look-up. */
	std::unordered_map<uint32_t, uint32_t> worker_of;
	double last_time_us = -std::numeric_limits<double>::infinity();
};

#endif
