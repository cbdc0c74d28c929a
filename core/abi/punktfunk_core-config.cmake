# find_package(punktfunk_core 2): punktfunk::core (shared) and punktfunk::core_static.
include(${CMAKE_CURRENT_LIST_DIR}/punktfunk_core-targets.cmake)
