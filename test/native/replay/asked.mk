# Functions that would ask the target or its files ask the recording (target.c),
# here and in ../fuzz.
ASKED := memory_read memory_read_some memory_read_each target_pages_begin target_pages_read \
	pagemap_open \
	catalogue_read catalogue_lua catalogue_c catalogue_knows \
	definition_name definition_exists native_symbols_find
