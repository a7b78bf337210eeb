/* SPDX-License-Identifier: MIT */
#ifndef ACUPOINT_ADDON_NODE_ORDER_H
#define ACUPOINT_ADDON_NODE_ORDER_H

#include "node_table.h"

/*
 * The nodes in preorder, siblings by rank of their function, then function id, then kind.
 * Throws std::range_error where `ranks` is shorter than the functions in use.
 */
std::vector<uint32_t> preorder(const NodeTable &nodes, const std::vector<uint32_t> &ranks);

#endif
