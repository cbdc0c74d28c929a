# What the sanitizer builds need: every unit test, and those of components with threads of their own.
add_custom_target(unit_tests)
# Those of core/, whose optimised form is what every client links.
add_custom_target(core_tests)
add_custom_target(threaded_tests)

# Test programs are compiled once and run once: half of a build's time went into optimising them, and two thirds of what
# instrumenting them costs is saved by not doing so.
function(punktfunk_test_options target)
  target_compile_options(${target} PRIVATE $<IF:$<CONFIG:Release>,-O1,-O0>)
endfunction()

# punktfunk_component(<target> [THREADED] PUBLIC <headers...> DEPS <targets...> PRIVATE_DEPS <targets...> TEST_DEPS <targets...>)
#
# One folder, one target. Sources are the folder's *.cpp, unit tests its *_test.cpp.
# A header is seen by others only when it is listed under PUBLIC: the build makes a directory of links that holds
# just those, as punktfunk/<folder>/<header>, and only targets that link this one get it on their include path.
# That is what makes a forbidden include a compile error instead of a review comment.
function(punktfunk_component target)
  cmake_parse_arguments(ARG "THREADED" "" "PUBLIC;DEPS;PRIVATE_DEPS;TEST_DEPS" ${ARGN})
  get_filename_component(folder ${CMAKE_CURRENT_SOURCE_DIR} NAME)
  set(links ${PROJECT_BINARY_DIR}/include/${target})
  file(REMOVE_RECURSE ${links})
  file(MAKE_DIRECTORY ${links}/punktfunk/${folder})
  foreach(header ${ARG_PUBLIC})
    file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR}/${header} ${links}/punktfunk/${folder}/${header} SYMBOLIC)
  endforeach()

  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp ${CMAKE_CURRENT_SOURCE_DIR}/*.c)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "(_test|main)\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  if(sources)
    add_library(${target} STATIC ${sources})
    target_include_directories(${target} PUBLIC ${links})
    target_link_libraries(${target} PUBLIC ${ARG_DEPS} PRIVATE ${ARG_PRIVATE_DEPS})
    # Instrumented code that no test waits for is not worth optimising.
    if(PUNKTFUNK_SANITIZE AND NOT target MATCHES "^(core|gamestream)_")
      target_compile_options(${target} PRIVATE -O0)
    endif()
    # What a fuzzer steers by: only our own code's branches count.
    if(PUNKTFUNK_FUZZ AND PUNKTFUNK_SANITIZE)
      target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link)
    endif()
    set_property(TARGET ${target} PROPERTY PUNKTFUNK_IS_LIBRARY TRUE)
  else()
    add_library(${target} INTERFACE)
    target_include_directories(${target} INTERFACE ${links})
    target_link_libraries(${target} INTERFACE ${ARG_DEPS})
  endif()
  if(tests)
    add_executable(${target}_test EXCLUDE_FROM_ALL ${tests})
    target_link_libraries(${target}_test PRIVATE ${target} ${ARG_DEPS} ${ARG_PRIVATE_DEPS} ${ARG_TEST_DEPS}
                          GTest::gmock GTest::gtest_main nlohmann_json::nlohmann_json)
    target_compile_definitions(${target}_test PRIVATE
      PUNKTFUNK_VECTORS="${PROJECT_SOURCE_DIR}/tests/vectors")
    punktfunk_test_options(${target}_test)
    if(RAPIDCHECK_LIBRARY)
      target_link_libraries(${target}_test PRIVATE ${RAPIDCHECK_LIBRARY})
    endif()
    add_test(NAME ${target}_test COMMAND ${target}_test)
    set(labels unit)
    add_dependencies(unit_tests ${target}_test)
    if(target MATCHES "^core_")
      list(APPEND labels core)
      add_dependencies(core_tests ${target}_test)
    endif()
    if(ARG_THREADED)
      list(APPEND labels threads)
      add_dependencies(threaded_tests ${target}_test)
    endif()
    set_tests_properties(${target}_test PROPERTIES LABELS "${labels}" TIMEOUT 300)
  endif()
endfunction()
