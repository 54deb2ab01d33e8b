# SPDX-License-Identifier: Apache-2.0
# What `cmake --install` puts where, and the Debian package. The program finds share/systole beside itself
# (model/base/data_folder.h), so that a prefix can be moved.
install(TARGETS systole RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS systole_shared EXPORT systole LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(FILES sim/library/systole.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

install(DIRECTORY ${SYSTOLE_USAGE}/man1 DESTINATION ${CMAKE_INSTALL_MANDIR})
install(FILES ${SYSTOLE_USAGE}/systole.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME systole)
# Debian's zsh looks in vendor-completions for what packages bring.
install(CODE "
  set(folder site-functions)
  if(CMAKE_INSTALL_PREFIX STREQUAL \"/usr\")
    set(folder vendor-completions)
  endif()
  file(INSTALL \"${SYSTOLE_USAGE}/_systole\" DESTINATION \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_DATADIR}/zsh/\${folder}\")")

set(data ${CMAKE_INSTALL_DATADIR}/systole)
install(DIRECTORY configs DESTINATION ${data})
install(DIRECTORY rtl DESTINATION ${data} FILES_MATCHING PATTERN "*.sv" PATTERN "*.vlt")
install(FILES sim/verilated/library.cpp sim/verilated/rtl_api.h sim/verilated/hooks.h
  sim/verilated/story.h sim/verilated/debug.vlt DESTINATION ${data}/sim/verilated)
install(DIRECTORY waveforms DESTINATION ${data} FILES_MATCHING PATTERN "*.gtkw" PATTERN "*.md")
install(FILES docs/result.schema.json docs/study.schema.json DESTINATION ${data}/docs)
install(FILES README.md CHANGELOG.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

install(EXPORT systole NAMESPACE systole:: FILE systole-config.cmake DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/systole)
include(CMakePackageConfigHelpers)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/systole-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/systole-config-version.cmake DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/systole)

if(SYSTOLE_WHEEL)
  install(FILES ${SYSTOLE_WHEEL} DESTINATION ${data}/python)
  # Where Debian's Python looks; only in the package, as a prefix of one's own is in nobody's path.
  set(CPACK_INSTALLED_DIRECTORIES ${PROJECT_BINARY_DIR}/python/dist-packages /usr/lib/python3/dist-packages)
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME systole)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "cycle-accurate simulator of a TPU-like inference accelerator")
set(CPACK_PACKAGE_CONTACT "The Systole authors <systole@example.org>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION electronics)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "verilator, g++, make, zlib1g-dev, python3 (>= 3.9), python3-numpy")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "gtkwave, python3-pandas")
include(CPack)
