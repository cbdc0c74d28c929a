# The library, its header, and how pkg-config and CMake find it (component "core").
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/punktfunk_core)

# Relative to the file itself, so that the tree can be installed anywhere.
file(RELATIVE_PATH pc_prefix /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
string(REGEX REPLACE "/$" "" pc_prefix "${pc_prefix}")
list(TRANSFORM system_libraries PREPEND "-l" OUTPUT_VARIABLE pc_private)
list(JOIN pc_private " " pc_private)
configure_file(punktfunk_core.pc.in punktfunk_core.pc @ONLY)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/punktfunk_core-config-version.cmake
  VERSION ${abi_version}.${PROJECT_VERSION} COMPATIBILITY SameMajorVersion)

install(TARGETS punktfunk_core punktfunk_core_static EXPORT punktfunk_core-targets
  LIBRARY COMPONENT core NAMELINK_COMPONENT core ARCHIVE COMPONENT core)
install(EXPORT punktfunk_core-targets NAMESPACE punktfunk:: DESTINATION ${package_dir} COMPONENT core)
install(FILES punktfunk_core-config.cmake ${CMAKE_CURRENT_BINARY_DIR}/punktfunk_core-config-version.cmake
  DESTINATION ${package_dir} COMPONENT core)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/punktfunk_core.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT core)
install(FILES ${PROJECT_SOURCE_DIR}/include/punktfunk_core.h TYPE INCLUDE COMPONENT core)
