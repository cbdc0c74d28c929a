# wayland_protocol(<target> <file.xml>): a static library with the client side of one protocol.
function(wayland_protocol target xml)
  get_filename_component(name ${xml} NAME_WE)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/${target})
  file(MAKE_DIRECTORY ${out})
  add_custom_command(
    OUTPUT ${out}/${name}.c ${out}/${name}-client.h
    COMMAND ${WAYLAND_SCANNER} private-code ${xml} ${out}/${name}.c
    COMMAND ${WAYLAND_SCANNER} client-header ${xml} ${out}/${name}-client.h
    DEPENDS ${xml})
  add_library(${target} STATIC ${out}/${name}.c ${out}/${name}-client.h)
  target_include_directories(${target} PUBLIC ${out})
  target_link_libraries(${target} PUBLIC PkgConfig::WAYLAND_CLIENT)
endfunction()
