# SPDX-License-Identifier: Apache-2.0
# A room of the house: a folder's sources as one library, and what they may use.
#   systole_room(model/isa LINKS model/base fmt::fmt SOURCES a.cpp b.cpp)
# makes systole_model_isa of the folder model/isa. LINKS: rooms by their folder, others by their target. Without SOURCES it
# is headers alone. ONCE: what it does is done once for a command, and templates take most of the time that it needs to
# compile. tests/docs/rooms.py holds includes against LINKS.
#
# Sources are compiled in pieces of 20 (SYSTOLE_UNITY), so that headers are read and templates made once a piece: all of a
# room's unnamed namespaces are one then, and a name in them belongs to one file (tests/docs/hidden_names.py).
# WHOLE: in one piece, as its files make the same templates.
function(systole_room folder)
  cmake_parse_arguments(ROOM "ONCE;WHOLE" "" "LINKS;SOURCES" ${ARGN})
  if(ROOM_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "systole_room(${folder}): unknown ${ROOM_UNPARSED_ARGUMENTS}")
  endif()
  systole_room_target(target ${folder})
  set(links)
  foreach(link ${ROOM_LINKS})
    if(link MATCHES "/")
      systole_room_target(link ${link})
    endif()
    list(APPEND links ${link})
  endforeach()
  if(NOT ROOM_SOURCES)
    add_library(${target} INTERFACE)
    target_link_libraries(${target} INTERFACE ${links})
    return()
  endif()
  add_library(${target} STATIC ${ROOM_SOURCES})
  systole_target(${target})
  target_link_libraries(${target} PUBLIC ${links})
  if(ROOM_ONCE)
    target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
  endif()
  if(SYSTOLE_UNITY)
    set(piece 20)
    if(ROOM_WHOLE)
      set(piece 0)
    endif()
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${piece})
  endif()
endfunction()

# The target of a room's folder: model/isa is systole_model_isa.
function(systole_room_target result folder)
  string(REPLACE "/" "_" name ${folder})
  set(${result} systole_${name} PARENT_SCOPE)
endfunction()
