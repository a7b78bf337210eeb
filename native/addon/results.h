/* SPDX-License-Identifier: MIT */
#ifndef ACUPOINT_ADDON_RESULTS_H
#define ACUPOINT_ADDON_RESULTS_H

#include "call_tree.h"
#include "function_table.h"
#include "group_table.h"
#include "stack_table.h"
#include <napi.h>

/* The objects that extension/profile/engine.ts describes. */
Napi::Object to_javascript(Napi::Env env, const CallTree &tree);
Napi::Object to_javascript(Napi::Env env, const FunctionTable &table);
Napi::Object to_javascript(Napi::Env env, const StackTable &table);
Napi::Object to_javascript(Napi::Env env, const GroupTable &table);

#endif
